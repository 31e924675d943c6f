import type { CatalogSnapshot } from '../../domain/catalog.ts';
import { checkComputedTrait } from '../../domain/computed-traits/check-computed-trait.ts';
import type { ComputedTrait } from '../../domain/computed-traits/computed-trait.ts';
import { definitionsOf } from '../../domain/computed-traits/presets.ts';
import { usedTraits } from '../../domain/computed-traits/used-traits.ts';
import { Conflict, NotFound, type Problem, requireNoProblems } from '../../kernel/errors.ts';
import { broadcastsAsking } from '../broadcasts/change-broadcast.ts';
import { changingCatalog } from '../scans/change-catalog.ts';
import type { JobStore } from '../scans/job.ts';
import type { ChangePorts } from '../scans/start-scan.ts';
import { requireEtag } from './journey-lifecycle.ts';
import { saveLiveDocument } from './live-documents.ts';
import type { Actor, CatalogStore, Expectation } from './ports.ts';

interface ComputedTraitPorts {
  readonly catalog: CatalogStore;
  readonly jobs: JobStore;
}

type SavePorts = ComputedTraitPorts & ChangePorts;

/**
 * Live at once: from now on it is computed, and until it is counted back, what it has missed is not in it (`completeSince`).
 * Customers whom a live segment finds or loses by the new definition are told by a scan, as with the segment's own.
 */
export async function saveComputedTrait(ports: SavePorts, trait: ComputedTrait, expected: Expectation, actor: Actor) {
  const { id, name = id } = trait;
  return changingCatalog(ports, `computed trait ${id}`, actor, async (before) => {
    await checkAgainst(before, ports.jobs, trait);
    return saveLiveDocument(ports.catalog, 'computed-trait', { id, name, document: trait }, expected, actor);
  });
}

async function checkAgainst(snapshot: CatalogSnapshot, jobs: JobStore, trait: ComputedTrait): Promise<void> {
  const { computedTraits = [] } = snapshot;
  const others = computedTraits.filter(({ id }) => id !== trait.id);
  const before = computedTraits.find(({ id }) => id === trait.id);
  const problems = checkComputedTrait(trait, others);
  requireNoProblems(problems);
  if (before !== undefined) {
    const left = new Set(definitionsOf(trait).map(({ id }) => id));
    await refuseUsed(
      snapshot,
      jobs,
      trait.id,
      namesOf(before).filter((name) => !left.has(name)),
    );
  }
}

/** Refused while a journey that people can be in, a segment, a template or a broadcast that is not over reads it. */
export async function removeComputedTrait(
  { catalog, jobs }: ComputedTraitPorts,
  id: string,
  expected: Expectation | undefined,
  actor: Actor,
): Promise<void> {
  const head = await catalog.readHead('computed-trait', id);
  if (head?.live === undefined) throw new NotFound('computed-trait.not-found', `there is no computed trait ${id}`);
  requireEtag(head, expected);
  const snapshot = await catalog.readSnapshot();
  const trait = snapshot.computedTraits?.find((one) => one.id === id);
  await refuseUsed(snapshot, jobs, id, trait === undefined ? [] : namesOf(trait));
  await catalog.removeLive('computed-trait', head, actor);
}

const namesOf = (trait: ComputedTrait): string[] => definitionsOf(trait).map(({ id }) => id);

async function refuseUsed(
  snapshot: CatalogSnapshot,
  jobs: JobStore,
  id: string,
  names: readonly string[],
): Promise<void> {
  if (names.length === 0) return;
  const broadcasts = await broadcastsAsking(jobs, (where) => names.some((name) => usedTraits(where).has(name)));
  const usedBy = [
    ...usersOf(snapshot, names),
    ...broadcasts.map((one) => ({
      pointer: '',
      code: 'computed-trait.used-by',
      detail: `broadcast ${one}`,
      fix: 'wait until it is over, or stop it',
    })),
  ];
  if (usedBy.length === 0) return;
  const detail = `${usedBy.length} documents use what ${id} computes`;
  throw new Conflict('computed-trait.used', detail, 'state', usedBy.slice(0, 100));
}

function usersOf({ journeys, segments = [], templates }: CatalogSnapshot, names: readonly string[]): Problem[] {
  const inside = journeys.filter(({ state }) => state === 'live' || state === 'paused' || state === 'draining');
  const all = [
    ...inside.map(({ id, document }) => ({ what: `journey ${id}`, document, fix: 'publish a version without it' })),
    ...segments.map((document) => ({ what: `segment ${document.id}`, document, fix: 'save it without that' })),
    ...templates.map(({ id, document }) => ({ what: `template ${id}`, document, fix: 'save it without that' })),
  ];
  return all.flatMap(({ what, document, fix }): Problem[] => {
    const used = usedTraits(document);
    const found = names.filter((name) => used.has(name));
    if (found.length === 0) return [];
    return [{ pointer: '', code: 'computed-trait.used-by', detail: `${what} reads ${found.join(', ')}`, fix }];
  });
}
