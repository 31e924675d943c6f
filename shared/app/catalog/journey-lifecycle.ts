import type { JourneyState } from '../../domain/catalog.ts';
import { traitsOfDays } from '../../domain/journeys/engine/date-entries.ts';
import type { Journey } from '../../domain/journeys/journey.ts';
import { Conflict, NotFound } from '../../kernel/errors.ts';
import { digest } from '../../kernel/ids.ts';
import type { WakeParams } from '../scans/kinds/wake.ts';
import { startNextOccurrence } from '../scans/occurrences.ts';
import type { StartScan } from '../scans/start-scan.ts';
import type { Actor, CatalogStore, Expectation, Head } from './ports.ts';

/** What an operator may do to a journey, from which states, and what becomes of it. */
const actions = {
  pause: { from: ['live'], to: 'paused' },
  resume: { from: ['paused'], to: 'live' },
  /** Nobody enters; those inside go on to their end. */
  drain: { from: ['live', 'paused'], to: 'draining' },
  /** Nobody enters, and those inside leave. */
  stop: { from: ['live', 'paused', 'draining'], to: 'stopped' },
  archive: { from: ['draft', 'stopped'], to: 'archived' },
} as const satisfies Record<string, { readonly from: readonly JourneyState[]; readonly to: JourneyState }>;
export type JourneyAction = keyof typeof actions;

/** States in which publishing makes the new version live; a paused journey stays paused, and so does an archived one unpublished. */
export function stateAfterPublish(state: Head['state']): JourneyState {
  if (state === 'paused') return 'paused';
  if (state === 'archived' || state === 'removed') {
    throw new Conflict('journey.archived', 'an archived journey is published under a new id');
  }
  return 'live';
}

/** Asking for the state that is already there changes nothing and is no error, so that an operator may ask twice. */
export async function changeJourneyState(
  catalog: CatalogStore,
  id: string,
  action: JourneyAction,
  actor: Actor,
  overdueUntil?: number,
): Promise<Head> {
  const { from, to } = actions[action];
  const head = await readJourneyHead(catalog, id);
  if (head.state === to) return head;
  if (!(from as readonly string[]).includes(head.state)) {
    throw new Conflict(
      'journey.state',
      `${action} needs a journey that is ${from.join(' or ')}; this one is ${head.state}`,
    );
  }
  return catalog.setJourneyState(head, to, actor, overdueUntil);
}

/**
 * While a journey is paused its waits end unheard, so they are looked for when it goes on. Asked again, also of a
 * journey that is live, it looks again: an answer may have been lost in between.
 *
 * `skip`: nobody gets what is stale. A run whose wait ended during the pause goes on, and passes over the messages that
 * it comes to before it waits again; so does one whose message was held. Everything else that steps do is done.
 */
export async function resumeJourney(
  { catalog, startScan }: { readonly catalog: CatalogStore; readonly startScan: StartScan },
  id: string,
  overdue: 'run' | 'skip',
  actor: Actor,
): Promise<Head> {
  const isAskedAgain = (await readJourneyHead(catalog, id)).state === 'live';
  const head = await changeJourneyState(catalog, id, 'resume', actor, overdue === 'skip' ? actor.at : undefined);
  const { epoch, journeys } = await catalog.readSnapshot();
  const document = journeys.find((one) => one.id === id)?.document;
  const traits = document === undefined ? [] : traitsOfDays(document);
  if (document !== undefined && isAskedAgain) await armForDays(startScan, document, epoch, actor);
  if (document !== undefined) await startOccurrences(startScan, document, epoch, actor);
  const params: WakeParams = { epoch, journey: id, onlyDue: true, ...(traits.length > 0 && { traits }) };
  await startScan({ id: `resume-${digest(id)}-${epoch}`, kind: 'wake', params, by: actor.by });
  return head;
}

/** Who is there already learns that a journey lets in on days that their traits name. */
export async function armForDays(startScan: StartScan, journey: Journey, epoch: number, { by }: Actor): Promise<void> {
  const traits = traitsOfDays(journey);
  if (traits.length === 0) return;
  const params: WakeParams = { epoch, traits };
  await startScan({ id: `days-${digest(journey.id)}-${epoch}`, kind: 'wake', params, by });
}

/** What a clock starts next is armed. */
export const startOccurrences = (
  startScan: StartScan,
  journey: Journey,
  epoch: number,
  { at, by }: Actor,
): Promise<void> => startNextOccurrence(startScan, journey, { after: at, now: at, epoch, by });

export async function readJourneyHead(catalog: CatalogStore, id: string): Promise<Head> {
  const head = await catalog.readHead('journey', id);
  if (head === undefined) throw new NotFound('journey.not-found', `there is no journey ${id}`);
  return head;
}

export type WantedVersion = 'current' | 'draft' | 'live' | number;

/** 'current' is the draft, when there is one, else the live version: what an editor goes on with. */
export async function readJourney(catalog: CatalogStore, id: string, wanted: WantedVersion) {
  const head = await readJourneyHead(catalog, id);
  const version = wanted === 'current' ? (head.hasDraft ? 'draft' : 'live') : wanted;
  const number = version === 'live' ? head.live : version;
  const found =
    number === undefined
      ? undefined
      : number === 'draft'
        ? await catalog.readDraft(id)
        : await catalog.readVersion('journey', id, number);
  if (found === undefined) throw new NotFound('journey.version-not-found', `journey ${id} has no version ${wanted}`);
  return { head, version: number!, found };
}

export async function saveJourneyDraft(
  catalog: CatalogStore,
  journey: { readonly id: string; readonly name: string },
  expected: Expectation,
  actor: Actor,
): Promise<Head> {
  const before = await catalog.readHead('journey', journey.id);
  if (before?.state === 'archived') {
    throw new Conflict('journey.archived', 'an archived journey takes no draft: use a new id');
  }
  return catalog.saveDraft(journey.id, journey.name, journey, expected, actor);
}

export async function deleteJourneyDraft(
  catalog: CatalogStore,
  id: string,
  expected: Expectation | undefined,
  actor: Actor,
): Promise<void> {
  const head = await readJourneyHead(catalog, id);
  if (!head.hasDraft) throw new NotFound('journey.no-draft', `journey ${id} has no draft`);
  requireEtag(head, expected);
  await catalog.deleteDraft(head, actor);
}

export function requireEtag(head: Head, expected: Expectation | undefined): void {
  if (expected === undefined || ('etag' in expected && expected.etag === head.etag)) return;
  throw new Conflict('catalog.changed', 'it was changed since: read it again', 'precondition-failed');
}
