import { MINUTE_MS } from '../../../kernel/time.ts';
import type { CustomerEvent } from '../../customer-event.ts';
import type { Run } from '../../profiles/profile.ts';
import { isRecord } from '../../profiles/reserved-traits.ts';
import type { Turn } from '../../turn.ts';
import type { ExitRule, Step } from '../journey.ts';
import { handlerOf } from '../steps/registry.ts';
import { advance, endRun, type Moving, visitOf } from './advance.ts';
import type { CompiledJourney } from './compiled-journey.ts';
import { holds } from './facts.ts';
import { reachGoal, reachOpenGoals } from './goal.ts';
import { isMessageOf } from './message-id.ts';
import { runScope } from './scope.ts';
import type { Outcome } from './step-handler.ts';

/**
 * What a record does to the runs of a profile. Runs are taken in the order in which they entered: a stored map has
 * no order of its own, and the same record must always do the same (guarantee G5).
 */

/** A run where it stands now; it may have moved since the record began. */
interface Standing extends Moving {
  readonly step: Step;
}

/** Goals are counted before exits: an order that ends a journey is what the journey was for. */
export function runsMeetEvent(turn: Turn, event: CustomerEvent): void {
  reachOpenGoals(turn, event);
  for (const moving of standing(turn)) {
    const { journey, runId } = moving;
    if (!journey.listens.has(event.name)) continue;
    if (isStopped(turn, journey)) {
      endRun(moving, 'stopped');
      continue;
    }
    if (reachGoal(turn, journey, runId, moving.run, event)) {
      endRun({ ...moving, run: turn.profile.runs[runId]! }, 'goal');
      continue;
    }
    const met = { ...moving, run: turn.profile.runs[runId]!, event };
    const exit = journey.document.exitWhen?.find((rule) => triggers(turn, rule, met));
    if (exit !== undefined) {
      endRun(met, exit.reason);
      continue;
    }
    if (met.run.stand !== 'wait-for') continue;
    const move = handlerOf(moving.step).event?.(visitOf(met, moving.step), event);
    if (move !== undefined) advance(met, move);
  }
}

/** Every run whose time has come goes on; of a paused journey none, until the sweep after its resumption. */
export function wakeRuns(turn: Turn): void {
  for (const moving of standing(turn)) {
    const { journey, run, step } = moving;
    if (run.due === undefined || run.due > turn.now) continue;
    if (isStopped(turn, journey)) {
      endRun(moving, 'stopped');
      continue;
    }
    if (turn.catalog.journeys.get(journey.id)?.state === 'paused') continue;
    const handler = handlerOf(step);
    const visit = visitOf(moving, step);
    advance(moving, run.stand === 'held' ? handler.arrive(visit) : (handler.wake ?? handler.arrive)(visit));
  }
}

/** Counts the outcome where its message comes from, and moves the run that waits for it. */
export function runsMeetOutcome(turn: Turn, outcome: Outcome): void {
  const found = runOf(turn, outcome.message);
  const { journey, version, step } = outcome.origin ?? found?.origin ?? {};
  if (journey === undefined) return;
  if (outcome.outcome === 'not-sent')
    turn.count(journey, version!, `message/${step}/no/${outcome.reason ?? 'unknown'}`);
  turn.count(journey, version!, `message/${step}/${outcome.outcome}`);
  if (found === undefined || found.moving.run.stand !== 'answer' || found.moving.run.step !== step) return;
  const { moving } = found;
  const handler = handlerOf(moving.step);
  if (isStopped(turn, moving.journey)) endRun(moving, 'stopped');
  else if (handler.outcome !== undefined) advance(moving, handler.outcome(visitOf(moving, moving.step), outcome));
}

/** So long nothing is tried again: `send` may know of a pause or a zone that this actor's catalog shows only in a moment. */
const TAKEN_BACK_MS = MINUTE_MS;

/**
 * `send` gave the message back, because at hand-over it may not go yet. The run returns to the step, so that what
 * follows counts from the real hand-over, and the step decides again. A run that has ended returns too, with what its
 * message carried. False when that cannot be.
 */
export function takeBack(turn: Turn, outcome: Outcome): boolean {
  const found = runOf(turn, outcome.message) ?? endedRun(turn, outcome);
  if (found === undefined) return false;
  const { moving, origin } = found;
  turn.count(origin.journey, origin.version, `message/${origin.step}/taken-back`);
  advance(
    { ...moving, run: { ...moving.run, step: origin.step, since: turn.now } },
    { stand: 'held', due: turn.now + TAKEN_BACK_MS },
  );
  return true;
}

interface Found {
  readonly moving: Moving & { readonly step: Step };
  readonly origin: NonNullable<Outcome['origin']>;
}

/** The run that decided the message, wherever it stands now. */
function runOf(turn: Turn, messageId: string): Found | undefined {
  for (const moving of standing(turn)) {
    const { journey, runId, run } = moving;
    const step = Object.keys(journey.document.steps).find((id) => isMessageOf(messageId, runId, run, id));
    if (step !== undefined) {
      return { moving, origin: { journey: journey.id, version: journey.version, step, run: runId } };
    }
  }
  return undefined;
}

/** Only on the live version (no other is loaded for a run that is not there), and not out of a circle. */
function endedRun(turn: Turn, { origin, values, message }: Outcome): Found | undefined {
  const live = origin && turn.catalog.journeys.get(origin.journey);
  const step = origin && live?.journey.step(origin.step);
  if (live === undefined || step === undefined || live.journey.version !== origin?.version) return undefined;
  const run: Run = {
    journey: origin.journey,
    version: origin.version,
    step: origin.step,
    since: turn.now,
    enteredAt: turn.now,
    stand: 'held',
    ...(isRecord(values?.entry) && { entry: values.entry }),
    ...(isRecord(values?.steps) && { fields: values.steps as NonNullable<Run['fields']> }),
  };
  if (!isMessageOf(message, origin.run, run, origin.step)) return undefined;
  return { moving: { turn, journey: live.journey, runId: origin.run, run, step }, origin };
}

/** Ends every run of the journey. */
export function leave(turn: Turn, journeyId: string, reason: string): void {
  const inside = standing(turn).filter(({ journey }) => journey.id === journeyId);
  for (const moving of inside) endRun(moving, reason);
  if (inside.length === 0) turn.because({ code: 'exit.not-inside', journey: journeyId });
}

function standing(turn: Turn): Standing[] {
  return Object.entries(turn.profile.runs)
    .sort(([idA, a], [idB, b]) => a.enteredAt - b.enteredAt || (idA < idB ? -1 : 1))
    .map(([runId, run]) => {
      const journey = turn.catalog.version(run.journey, run.version);
      const step = journey.step(run.step);
      if (step === undefined)
        throw new Error(`version ${run.version} of journey ${run.journey} has no step ${run.step}`);
      return { turn, journey, runId, run, step };
    });
}

/** An archived journey is no longer in the catalog, and was stopped before. */
function isStopped(turn: Turn, journey: CompiledJourney): boolean {
  const state = turn.catalog.journeys.get(journey.id)?.state;
  return state === undefined || state === 'stopped' || state === 'archived';
}

function triggers(turn: Turn, rule: ExitRule, { journey, run, event }: Moving): boolean {
  if (rule.on !== 'event' || event === undefined || rule.event !== event.name) return false;
  return rule.where === undefined || holds(turn, rule.where, runScope(journey.document, run, event)).value;
}
