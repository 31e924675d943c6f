import type { CatalogSnapshot } from '../../domain/catalog.ts';
import { CompiledJourney } from '../../domain/journeys/engine/compiled-journey.ts';
import type { Journey } from '../../domain/journeys/journey.ts';
import type { Finding } from '../../domain/journeys/lint/finding.ts';
import { checkMoves, unknownNames } from '../../domain/journeys/plans/check-moves.ts';
import { choiceOf } from '../../domain/journeys/plans/choice-of.ts';
import { compareVersions } from '../../domain/journeys/plans/compare-versions.ts';
import { type AppliedPlan, type Moves, movesAnybody } from '../../domain/journeys/plans/moves.ts';
import { Conflict, InvalidInput, NotFound } from '../../kernel/errors.ts';
import { digest } from '../../kernel/ids.ts';
import { DAY_MS } from '../../kernel/time.ts';
import type { Settings } from '../../settings.ts';
import type { IntakeStore } from '../intake.ts';
import type { StatsReader } from '../profiles/ports.ts';
import { checkJourney } from './check-journey.ts';
import { countInFlight, type InFlight } from './count-journey.ts';
import { readJourneyHead, stateAfterPublish } from './journey-lifecycle.ts';
import type { Actor, CatalogStore, Head, PlannedVersion, StoredDocument, StoredPlan } from './ports.ts';

export interface PlanPorts {
  readonly catalog: CatalogStore;
  readonly stats: StatsReader;
  readonly settings: Settings;
  readonly intake?: Pick<IntakeStore, 'listEventTypes'>;
}

/** An applied plan is kept, so that the reason of a move can be read. */
const PLAN_LIVES_MS = 7 * DAY_MS;
/** So many plans of a journey are known to decisions; an older one is dropped when everybody has had a week to meet it. */
export const MAX_PLANS = 10;
const MEET_WITHIN_MS = 7 * DAY_MS;

/**
 * What publishing the draft would do to people in flight: nothing is changed by it but that the plan is kept.
 *
 * 1. `findings` is what lint says of the draft, and what is to be known of the moves. Names that are not there are
 *    refused.
 * 2. People are counted by live counters, which are at least once. The moves do not depend on them: they are rules for
 *    every step of every older version.
 */
export async function planPublication(
  ports: PlanPorts,
  journeyId: string,
  { draftEtag, moves }: { readonly draftEtag: string; readonly moves: Moves },
  commandId: string,
  actor: Actor,
): Promise<StoredPlan> {
  const { head, journey } = await readDraftAsSeen(ports.catalog, journeyId, draftEtag);
  stateAfterPublish(head.state);
  const [snapshot, inFlight] = await Promise.all([ports.catalog.readSnapshot(), countInFlight(ports.stats, head)]);
  const version = head.latest + 1;
  const older = await readOlder(ports.catalog, head, moves, inFlight, snapshot);
  const to = compiled(journeyId, version, journey, snapshot);
  const unknown = unknownNames(moves, older, journey);
  if (unknown.length > 0) throw new InvalidInput(unknown[0]!.code, unknown[0]!.detail, unknown, 'invalid');
  const { findings, errors } = await checkJourney(ports, journey, actor.at);
  const occupied = older.filter((one) => inFlight.some(({ version: of, inside }) => of === one.version && inside > 0));
  // What lint refuses may not compile, and is not published in any case.
  const ofMoves: Finding[] = errors.length > 0 ? [] : occupied.flatMap((from) => checkMoves(moves, from, to));
  const plan: StoredPlan = {
    id: `${journeyId}.${digest('plan', commandId)}`,
    journey: journeyId,
    draftEtag,
    version,
    moves,
    publishable: errors.length === 0,
    findings: [...findings, ...ofMoves],
    from: occupied.map((from) => plannedVersion(from, to.document, moves, inFlight)),
    expiresAt: actor.at + PLAN_LIVES_MS,
    ...actor,
  };
  await ports.catalog.savePlan(plan);
  return plan;
}

export async function readPlan(catalog: CatalogStore, journey: string, id: string): Promise<StoredPlan> {
  const plan = await catalog.readPlan(journey, id);
  if (plan === undefined) throw new NotFound('plan.not-found', `journey ${journey} has no plan ${id}, or no longer`);
  return plan;
}

/** The draft that the caller saw, as it is still. */
export async function readDraftAsSeen(
  catalog: CatalogStore,
  id: string,
  draftEtag: string,
): Promise<{ readonly head: Head; readonly draft: StoredDocument; readonly journey: Journey }> {
  const head = await readJourneyHead(catalog, id);
  const draft = await catalog.readDraft(id);
  if (draft === undefined)
    throw new Conflict('journey.no-draft', `journey ${id} has no draft to publish: save one first`);
  if (draft.etag !== draftEtag || head.etag !== draftEtag) {
    throw new Conflict(
      'journey.draft-changed',
      'the draft is another one than draftEtag: read it again',
      'precondition-failed',
    );
  }
  return { head, draft, journey: draft.document as Journey };
}

/** A plan says what happens to people as they stood when it was made: nothing may have been published since. */
export function requireFresh(plan: StoredPlan, head: Head, draftEtag: string, now: number): void {
  const stale = (code: string, detail: string) => new Conflict(`plan.${code}`, `${detail}: make a new plan`);
  if (plan.applied !== undefined) throw stale('applied', `the plan was applied as version ${plan.version}`);
  if (plan.expiresAt <= now) throw stale('expired', 'a plan lives for 7 days, and this one is older');
  if (plan.draftEtag !== draftEtag) throw stale('stale', 'the plan was made for another draft');
  if (plan.version === head.latest + 1) return;
  throw stale('stale', `the plan was made for version ${plan.version}, and the next one is ${head.latest + 1}`);
}

/** What decisions know of a journey's plans once this one is applied; undefined when it moves nobody. */
export function plansWith(
  plan: StoredPlan,
  snapshot: CatalogSnapshot,
  now: number,
): readonly AppliedPlan[] | undefined {
  if (!movesAnybody(plan.moves)) return undefined;
  const before = snapshot.journeys.find(({ id }) => id === plan.journey)?.plans ?? [];
  const kept = before.slice(-(MAX_PLANS - 1));
  const dropped = before.slice(0, before.length - kept.length);
  if (dropped.some(({ at }) => at > now - MEET_WITHIN_MS)) {
    throw new Conflict(
      'plan.too-many',
      `a journey takes ${MAX_PLANS} plans that move people in 7 days: publish without a plan, or wait`,
    );
  }
  const { id, version, moves } = plan;
  return [...kept, { id, version, at: now, moves }];
}

/** The versions that people are in, and those that the moves name. */
async function readOlder(
  catalog: CatalogStore,
  { id, latest }: Head,
  moves: Moves,
  inFlight: readonly InFlight[],
  snapshot: CatalogSnapshot,
): Promise<CompiledJourney[]> {
  const named = Object.keys(moves.versions ?? {}).map(Number);
  const wanted = new Set([
    ...inFlight.filter(({ inside }) => inside > 0).map(({ version }) => version),
    ...named,
    latest,
  ]);
  const versions = [...wanted].filter((version) => version >= 1 && version <= latest).sort((a, b) => b - a);
  const found = await Promise.all(versions.map((version) => catalog.readVersion('journey', id, version)));
  return found.flatMap((one) => (one ? [compiled(id, one.version, one.document as Journey, snapshot)] : []));
}

function compiled(id: string, version: number, document: Journey, { templates }: CatalogSnapshot): CompiledJourney {
  return new CompiledJourney(id, version, document, (name) => templates.find((one) => one.id === name)?.document);
}

function plannedVersion(
  { version, document }: CompiledJourney,
  to: Journey,
  moves: Moves,
  inFlight: readonly InFlight[],
): PlannedVersion {
  const { inside = 0, steps: people = {} } = inFlight.find((one) => one.version === version) ?? {};
  const { journey, steps } = compareVersions(document, to);
  return {
    version,
    inside,
    journey,
    steps: steps.map((change) =>
      change.change === 'added'
        ? change
        : { ...change, inside: people[change.step] ?? 0, choice: choiceOf(moves, version, change.step, to) },
    ),
  };
}
