import { personalPart, segmentsNamedIn } from '../../domain/audiences/personal-parts.ts';
import type { Segment } from '../../domain/audiences/segment.ts';
import { whereOf } from '../../domain/audiences/segment-kind.ts';
import type { CatalogSnapshot } from '../../domain/catalog.ts';
import { personalTraitsOf } from '../../domain/profiles/personal-traits.ts';
import { Forbidden } from '../../kernel/errors.ts';
import type { CatalogStore } from '../catalog/ports.ts';
import type { CatalogCache } from '../catalog-cache.ts';
import { allows, type GrantedScope } from './scopes.ts';

/**
 * Whoever sees profiles with a mask could ask for what is behind it: who, or how many, is a question like
 * `profile.birthday is this`. So answers about predicates that ask for personal data need `profiles:personal` too.
 *
 * 1. A segment counts by all the versions that it ever had: sizes, jobs and memberships may be of one before.
 * 2. What it names is looked through, likewise.
 */
export interface QuestionPorts {
  readonly catalog: Pick<CatalogStore, 'listVersions' | 'readVersion'>;
  readonly snapshots: CatalogCache<CatalogSnapshot>;
}

/** More are not read: then it counts as one that asks. */
const MOST_VERSIONS = 50;

/** What is personal in it; undefined: nothing. */
export async function personalQuestion(document: unknown, ports: QuestionPorts): Promise<string | undefined> {
  const { policy } = await ports.snapshots.current();
  const isPersonal = personalTraitsOf(policy.traits ?? {});
  const seen = new Set<string>();
  const documents = [document];
  for (let next = documents.pop(); next !== undefined; next = documents.pop()) {
    const found = personalPart(next, isPersonal);
    if (found !== undefined) return found;
    for (const id of segmentsNamedIn(next)) {
      if (seen.has(id)) continue;
      seen.add(id);
      const versions = await versionsOf(id, ports);
      if (versions === undefined) return `segment ${id}, which has more than ${MOST_VERSIONS} versions`;
      documents.push(...versions);
    }
  }
  return undefined;
}

/** @param segment its members, sizes or count */
export const personalInSegment = (segment: string, ports: QuestionPorts): Promise<string | undefined> =>
  personalQuestion({ segment }, ports);

async function versionsOf(id: string, { catalog }: QuestionPorts): Promise<unknown[] | undefined> {
  const { data, nextCursor } = await catalog.listVersions('segment', id, { limit: MOST_VERSIONS });
  if (nextCursor !== undefined) return undefined;
  const found = await Promise.all(data.map(({ version }) => catalog.readVersion('segment', id, version)));
  return found.flatMap((one) => (one === undefined ? [] : (whereOf(one.document as Segment) ?? [])));
}

export const isUnmasked = (scopes: readonly GrantedScope[]): boolean => allows(scopes, 'profiles:personal');

/** Throws when something personal is asked without the scope. @param ask is only called without it. */
export async function requireNothingPersonal(
  { scopes }: { readonly scopes: readonly GrantedScope[] },
  ask: () => Promise<string | undefined>,
): Promise<void> {
  if (isUnmasked(scopes)) return;
  const found = await ask();
  if (found === undefined) return;
  const detail = `this asks for personal data (${found.slice(0, 100)}), so the scope profiles:personal is needed and missing`;
  throw new Forbidden('auth.personal-question', detail, 'forbidden');
}
