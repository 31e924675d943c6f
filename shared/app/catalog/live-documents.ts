import type { Journey, Step } from '../../domain/journeys/journey.ts';
import { lintPolicy } from '../../domain/messaging/lint-policy.ts';
import type { Policy } from '../../domain/messaging/policy.ts';
import { Conflict, NotFound, requireNoProblems } from '../../kernel/errors.ts';
import { changingCatalog } from '../scans/change-catalog.ts';
import type { ChangePorts } from '../scans/start-scan.ts';
import { documentEtag } from './document-etag.ts';
import { requireEtag } from './journey-lifecycle.ts';
import { type Actor, type CatalogStore, type DocumentKind, type Expectation, type Head, POLICY_ID } from './ports.ts';

/** Templates, topics, endpoints and the policy: what is saved is live at once, as a new version. */
export type LiveKind = Exclude<DocumentKind, 'journey'>;

export async function readLiveDocument(catalog: CatalogStore, kind: LiveKind, id: string, version?: number) {
  const head = await catalog.readHead(kind, id);
  const wanted = version ?? head?.live;
  const found = wanted === undefined ? undefined : await catalog.readVersion(kind, id, wanted);
  if (head === undefined || found === undefined) {
    throw new NotFound(
      `${kind}.not-found`,
      `there is no ${kind} ${id}${version === undefined ? '' : ` in version ${version}`}`,
    );
  }
  return { head, found };
}

/** The policy that holds, also before anybody saved one: its ETag is then that of the default. */
export async function readPolicy(catalog: CatalogStore) {
  const head = await catalog.readHead('policy', POLICY_ID);
  if (head !== undefined) return (await readLiveDocument(catalog, 'policy', POLICY_ID)).found;
  return { document: (await catalog.readSnapshot()).policy, etag: 'default', version: 0 };
}

/** @returns `created`: there was none. The same document again makes no new version. */
export async function saveLiveDocument(
  catalog: Pick<CatalogStore, 'readHead' | 'saveLive'>,
  kind: LiveKind,
  { id, name, document }: { readonly id: string; readonly name: string; readonly document: unknown },
  expected: Expectation,
  actor: Actor,
): Promise<{ readonly head: Head; readonly created: boolean }> {
  const created = 'absent' in expected;
  if (!created && expected.etag === documentEtag(document)) {
    const before = await catalog.readHead(kind, id);
    if (before?.live !== undefined && before.etag === expected.etag) return { head: before, created };
  }
  const head = await catalog.saveLive(kind, id, name, document, expected, actor);
  return { head, created };
}

/** Live segments go by its zone and its areas, so customers may have to look at theirs (start-look.ts). */
export async function savePolicy(
  ports: ChangePorts & { readonly catalog: CatalogStore },
  document: Policy,
  expected: Expectation,
  actor: Actor,
) {
  const isDefault = 'etag' in expected && expected.etag === 'default';
  const policy = { id: POLICY_ID, name: 'policy', document };
  return changingCatalog(ports, 'policy', actor, async ({ topics, segments = [] }) => {
    const neighbours = {
      topics: new Map(topics.map((topic) => [topic.id, topic])),
      segments: new Map(segments.map((segment) => [segment.id, segment])),
    };
    const errors = lintPolicy(document, neighbours).filter(({ severity }) => severity === 'error');
    requireNoProblems(errors.map(({ severity: _, ...problem }) => problem));
    return saveLiveDocument(ports.catalog, 'policy', policy, isDefault ? { absent: true } : expected, actor);
  });
}

/** Refused while a journey that people can be in names it without a version. */
export async function removeTemplate(
  catalog: CatalogStore,
  id: string,
  expected: Expectation | undefined,
  actor: Actor,
): Promise<void> {
  const head = await catalog.readHead('template', id);
  if (head === undefined || head.live === undefined)
    throw new NotFound('template.not-found', `there is no template ${id}`);
  requireEtag(head, expected);
  const { journeys } = await catalog.readSnapshot();
  const usedBy = journeys
    .filter(({ state, document }) => state !== 'archived' && usesTemplate(document, id))
    .map((journey) => journey.id);
  if (usedBy.length > 0) {
    const problems = usedBy.slice(0, 100).map((journey) => ({
      pointer: '',
      code: 'template.used-by',
      detail: `journey ${journey}`,
      fix: 'stop and archive the journey, or publish a version without this template',
    }));
    throw new Conflict('template.used', `${usedBy.length} journeys use template ${id}`, 'state', problems);
  }
  await catalog.removeLive('template', head, actor);
}

const usesTemplate = (journey: Journey, template: string): boolean =>
  Object.values(journey.steps).some((step: Step) => step.type === 'message' && step.template === template);
