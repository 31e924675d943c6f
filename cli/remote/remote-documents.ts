import { type DocumentKind, documentKinds } from '../folder/documents.ts';
import type { ApiAnswer, ApiClient } from './api-client.ts';

/** A document of an environment, without its content. */
export interface RemoteHead {
  readonly kind: DocumentKind;
  readonly id: string;
  /** Of what PUT replaces: of a journey the draft, when there is one. */
  readonly etag: string;
  readonly changedBy?: string;
  /** Of journeys. */
  readonly state?: string;
  readonly live?: number | null;
  readonly dryRun?: boolean;
  readonly hasDraft?: boolean;
}

export interface RemoteDocument extends RemoteHead {
  readonly document: unknown;
}

const listed = {
  topic: 'topics',
  endpoint: 'endpoints',
  'computed-trait': 'computed-traits',
  segment: 'segments',
  block: 'blocks',
  collection: 'collections',
  template: 'templates',
  journey: 'journeys',
} as const;

export const pathOf = (kind: DocumentKind, id: string): string =>
  kind === 'policy' ? '/v1/policy' : `/v1/${listed[kind]}/${encodeURIComponent(id)}`;

export const nameOf = ({ kind, id }: { readonly kind: DocumentKind; readonly id: string }): string =>
  kind === 'policy' ? 'policy' : `${kind} ${id}`;

/** What is there; templates and segments that were removed are not. A policy that nobody saved has the ETag `default`. */
export async function listDocuments(
  api: ApiClient,
  kinds: readonly DocumentKind[] = documentKinds,
): Promise<RemoteHead[]> {
  const heads: RemoteHead[] = [];
  for (const kind of kinds) {
    if (kind === 'policy') {
      const { etag } = await api.read('/v1/policy');
      heads.push({ kind, id: 'policy', etag: etag ?? '' });
    } else {
      const found = await api.list<Omit<RemoteHead, 'kind'> & { removed?: boolean }>(`/v1/${listed[kind]}`);
      heads.push(...found.filter(({ removed }) => removed !== true).map((head) => ({ ...head, kind })));
    }
  }
  return heads;
}

/** As it is now: of a journey the draft, when there is one, unless `live` is asked for. */
export async function readRemote(api: ApiClient, head: RemoteHead, version?: 'live'): Promise<RemoteDocument> {
  const query = head.kind === 'journey' && version === 'live' ? '?version=live' : '';
  const answer: ApiAnswer<unknown> = await api.read(pathOf(head.kind, head.id) + query);
  return { ...head, etag: answer.etag ?? head.etag, document: answer.body };
}
