import { didClauses } from '../../domain/audiences/did-clauses.ts';
import { messageClauses } from '../../domain/audiences/message-clauses.ts';
import type { Predicate } from '../../domain/audiences/predicate.ts';
import type { CatalogSnapshot } from '../../domain/catalog.ts';
import { type CompiledCatalog, compileCatalog } from '../../domain/compiled-catalog.ts';
import { feedsOf } from '../../domain/computed-traits/computed-traits.ts';
import { emptyProfile } from '../../domain/profiles/profile.ts';
import { trackedClauses } from '../../domain/profiles/remember.ts';
import { InvalidInput } from '../../kernel/errors.ts';
import { digest } from '../../kernel/ids.ts';
import { MINUTE_MS } from '../../kernel/time.ts';
import type { Actor } from '../catalog/ports.ts';
import type { Job } from './job.ts';
import { type BackfillParams, backfillKind } from './kinds/backfill.ts';
import { DEFAULT_PER_MINUTE } from './pace.ts';
import type { ChangePorts, StartScan } from './start-scan.ts';

/**
 * By then every container goes by the new catalog (they look every 5 seconds). One that does not would take an event
 * without counting it, behind a fill that found nothing to write and so left no epoch in the profile.
 */
const CATALOG_SETTLES_MS = MINUTE_MS;

/** Counts what nobody counted before a change of the catalog, from what was before. */
export async function startCountingBack(
  start: StartScan,
  of: string,
  { was, is }: { readonly was: CompiledCatalog; readonly is: CompiledCatalog },
  { at, by }: Actor,
): Promise<void> {
  const clauses = newClauses(was, is);
  if (clauses.length === 0) return;
  const params: BackfillParams = { epoch: is.epoch, clauses, of, isNew: true };
  const id = `backfill-${digest(of, ...clauses)}-${is.epoch}`;
  const begin = at + CATALOG_SETTLES_MS;
  await start({ id, kind: backfillKind.kind, params, by, begin, perMinute: DEFAULT_PER_MINUTE });
}

/** Ids of clauses, and of what feeds computed traits, that are asked now and were not, or not that far back. */
export function newClauses(was: CompiledCatalog, is: CompiledCatalog): string[] {
  const kept = new Map(clausesIn(was).map((one) => [one.id, one]));
  return clausesIn(is).flatMap(({ id, keepMs, keep }) => {
    const known = kept.get(id);
    return known === undefined || keepMs > known.keepMs || keep > known.keep ? id : [];
  });
}

function clausesIn(catalog: CompiledCatalog) {
  const { did, message } = trackedClauses(emptyProfile, catalog);
  const clauses = [...did, ...message].map(({ id, keepMs }) => ({ id, keepMs, keep: 0 }));
  return [...clauses, ...catalog.computed.feeds.values()];
}

/** Ids of what a predicate asks about the past. */
export const clausesAsked = (where: Predicate | undefined): string[] =>
  [...didClauses(where), ...messageClauses(where)].map(({ id }) => id);

/** Ids of what feeds the computed traits of a document. */
export const feedsAsked = (snapshot: CatalogSnapshot, document: string): string[] =>
  feedsOf(compileCatalog(snapshot).computed, document).map(({ id }) => id);

interface Wanted {
  /** What asks for it, for people. */
  readonly of: string;
  readonly clauses: (snapshot: CatalogSnapshot) => readonly string[];
  readonly perMinute?: number;
}

/** Counts again what a document asks, whoever counted it before. */
export async function startBackfill(
  { catalog, startScan }: ChangePorts,
  { of, clauses: asked, perMinute = DEFAULT_PER_MINUTE }: Wanted,
  id: string,
  { by }: Actor,
): Promise<Job> {
  const snapshot = await catalog.readSnapshot();
  const clauses = asked(snapshot);
  if (clauses.length === 0) {
    const detail = 'it asks nothing about the past: there is nothing to count';
    throw new InvalidInput('backfill.nothing-to-count', detail, [], 'invalid');
  }
  const params: BackfillParams = { epoch: snapshot.epoch, clauses, of };
  return startScan({ id: `backfill-${id}`, kind: backfillKind.kind, params, by, perMinute });
}
