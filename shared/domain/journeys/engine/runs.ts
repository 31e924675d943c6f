import type { CustomerEvent } from '../../customer-event.ts';
import type { ToldRecord } from '../../mail-record.ts';
import type { Run } from '../../profiles/profile.ts';
import { isRecord } from '../../profiles/reserved-traits.ts';
import type { Turn } from '../../turn.ts';
import type { ExitRule, Step } from '../journey.ts';
import { priorityOf } from '../priority.ts';
import { handlerOf } from '../steps/registry.ts';
import {
  advance,
  endRun,
  enteredKey,
  exitCondition,
  hasBecomeTrue,
  type Moving,
  slotted,
  stay,
  visitOf,
} from './advance.ts';
import { roundDue, soonest } from './due.ts';
import { holds } from './facts.ts';
import { reachComparedGoals, reachGoal, reachOpenGoals } from './goal.ts';
import { newlyGot, placeOf, type Receipt } from './got-receipts.ts';
import { dueHeld, forgetHeld, keepHeld, TAKEN_BACK_MS, takeHeld } from './held.ts';
import { visitsOf } from './message-id.ts';
import { hasEnded } from './schedule.ts';
import { runScope } from './scope.ts';
import { withSides } from './segment-triggers.ts';
import type { Move, Outcome } from './step-handler.ts';

/**
 * What a record does to the runs of a profile. Runs are taken by the priority of their journeys, then in the order in
 * which they entered: a stored map has no order of its own, and the same record must always do the same (guarantee G5).
 */

/** A run where it stands now; it may have moved since the record began. */
export interface Standing extends Moving {
  readonly step: Step;
}

/** Goals are counted before exits: an order that ends a journey is what the journey was for. */
export function runsMeetEvent(turn: Turn, event: CustomerEvent): void {
  reachOpenGoals(turn, event);
  reachComparedGoals(turn, event);
  for (const moving of standing(turn)) {
    const { journey, runId } = moving;
    if (!journey.listens.has(event.name)) continue;
    const over = whyOver(moving);
    if (over !== undefined) {
      endRun(moving, over);
      continue;
    }
    if (reachGoal(moving.turn, journey, runId, moving.run, event)) {
      endRun({ ...moving, run: moving.turn.profile.runs[runId]! }, 'goal');
      continue;
    }
    const met = { ...moving, run: moving.turn.profile.runs[runId]!, event };
    const exit = journey.document.exitWhen?.find((rule) => triggers(rule, met));
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
  for (const found of standing(turn)) {
    const { journey, run, step } = found;
    if (run.due === undefined || run.due > turn.now) continue;
    const moving = { ...found, overdue: isOverdue(turn, journey.id, run.due) };
    const over = whyOver(moving);
    if (over !== undefined) {
      endRun(moving, over);
      continue;
    }
    if (turn.catalog.journeys.get(journey.id)?.state === 'paused') continue;
    if (run.until !== undefined && (run.until ?? Infinity) > turn.now) {
      lookAt(moving);
      continue;
    }
    const exit = exitCondition(moving);
    if ('reason' in exit) {
      endRun(moving, exit.reason);
      continue;
    }
    const handler = handlerOf(step);
    const visit = visitOf(moving, step);
    advance(moving, run.stand === 'held' ? handler.arrive(visit) : (handler.wake ?? handler.arrive)(visit));
  }
}

/** What became of a message may be what its run waits for, or why it leaves. */
export function runsMeetReceipt(turn: Turn, receipt: Receipt): void {
  for (const { run, ...moving } of standing(turn)) {
    const { journey, runId, step } = moving;
    const got = newlyGot(journey, runId, run, receipt);
    if (got.length === 0) continue;
    const met = { ...moving, run: { ...run, got: [...(run.got ?? []), ...got] } };
    met.turn.change({ runs: { ...met.turn.profile.runs, [runId]: met.run } });
    const exit = journey.document.exitWhen?.find((rule) => got.includes(placeOf(journey, rule)));
    const why = whyOver(met) ?? exit?.reason;
    if (why !== undefined) {
      endRun(met, why);
      continue;
    }
    if (met.run.stand !== 'wait-for') continue;
    const move = handlerOf(step).receipt?.(visitOf(met, step));
    if (move !== undefined) advance(met, move);
  }
}

/** Runs that set each other free, one after the other; beyond it the rest waits for the next record. */
const MAX_LOOKS = 20;

/**
 * After anything was learned: exit rules and triggers on conditions. A run that moves may change what another one
 * looks at, so it goes on until nothing moves any more.
 */
export function lookAround(turn: Turn): void {
  let before = turn.before;
  for (let looks = 0; looks < MAX_LOOKS && turn.profile !== before; looks += 1) {
    before = turn.profile;
    for (const moving of standing(turn)) {
      if (moving.turn.profile.runs[moving.runId] === moving.run) lookAt(moving);
    }
  }
}

function lookAt(looking: Standing): void {
  const { turn, journey, step } = looking;
  const run = withSides(looking);
  if (run !== looking.run) turn.change({ runs: { ...turn.profile.runs, [looking.runId]: run } });
  const moving = { ...looking, run };
  const look = run.stand === 'wait-for' && isLooking(step) ? handlerOf(step).look : undefined;
  if (look === undefined && journey.exitConditions.length === 0) return;
  const over = whyOver(moving);
  if (over !== undefined) {
    endRun(moving, over);
    return;
  }
  const exit = exitCondition(moving);
  if ('reason' in exit) {
    endRun(moving, exit.reason);
    return;
  }
  const seen = look?.(visitOf(moving, step)) ?? { again: null };
  if ('again' in seen) stay(moving, soonest(seen.again, exit.again));
  else advance(moving, seen);
}

const isLooking = (step: Step): boolean =>
  step.type === 'wait-for' && step.any.some(({ on }) => on === 'becomes-true' || on === 'segment');

/** Counts the outcome where its message comes from, and moves the run that waits for it. */
export function runsMeetOutcome(turn: Turn, outcome: Outcome): void {
  const { origin } = outcome;
  if (origin === undefined) return;
  const { journey, version, step } = origin;
  if (outcome.outcome === 'not-sent') turn.count(journey, version, `message/${step}/no/${outcome.reason ?? 'unknown'}`);
  turn.count(journey, version, `message/${step}/${outcome.outcome}`);
  const moving = runAt(turn, origin);
  if (moving?.run.stand !== 'answer') return;
  const handler = handlerOf(moving.step);
  const over = whyOver(moving);
  if (over !== undefined) endRun(moving, over);
  else goOn(moving, handler.outcome?.(visitOf(moving, moving.step), outcome));
}

/** Moves the run that still stands at this visit to the task's step. */
export function runsMeetTask(turn: Turn, { task, outcome, origin }: TaskOutcome): void {
  const moving = runAt(turn, origin);
  if (moving?.run.stand !== 'answer') {
    const { journey, version, step, run } = origin;
    turn.because({ code: 'task.over', message: task, journey, version, run, step, saw: { outcome } });
    return;
  }
  const over = whyOver(moving);
  if (over !== undefined) endRun(moving, over);
  else goOn(moving, handlerOf(moving.step).task?.(visitOf(moving, moving.step), outcome));
}

function goOn(moving: Moving, move: Move | undefined): void {
  if (move !== undefined) advance(moving, move);
}

/**
 * `send` gave the message back, because at hand-over it may not go yet.
 *
 * 1. A run that stands right behind the step, or waits there for the answer, returns to it: what follows counts from
 *    the real hand-over.
 * 2. A run that has done more since is not taken back, because what it did would be done twice, and one that finished
 *    is over: only the message is kept.
 * 3. Who left the journey otherwise gets it no more. False then.
 */
export function takeBack(turn: Turn, outcome: Outcome): boolean {
  const { origin, message } = outcome;
  if (origin === undefined) return false;
  const due = roundDue(Math.max(turn.now + TAKEN_BACK_MS, outcome.notBefore ?? 0), turn.now);
  const back = runAt(turn, origin) ?? runBehind(turn, outcome, origin);
  const over = back === undefined ? undefined : whyOver(back);
  if (back !== undefined && over !== undefined) {
    endRun(back, over);
    return false;
  }
  if (back !== undefined) {
    advance(back, { stand: 'held', due });
    // A condition of an exit rule may have come true by time alone.
    if (!Object.hasOwn(turn.profile.runs, back.runId)) return false;
  } else {
    const run = Object.hasOwn(turn.profile.runs, origin.run) ? turn.profile.runs[origin.run] : undefined;
    if (run === undefined && !hasFinished(turn, origin)) return false;
    if (!keepHeld(turn, message, origin.run, runOfHeld(turn, outcome, origin, run), due)) return false;
  }
  turn.count(origin.journey, origin.version, `message/${origin.step}/taken-back`);
  return true;
}

/** Messages that were given back, and whose time has come. */
export function wakeHeld(turn: Turn): void {
  if (Object.keys(turn.profile.held).length === 0) return;
  const due = dueHeld(turn.profile, turn.now).map(
    ([messageId, { run, at }]) => [messageId, run, at, turn.catalog.version(at.journey, at.version)] as const,
  );
  due.sort(([, , , a], [, , , b]) => priorityOf(b.document) - priorityOf(a.document));
  for (const [messageId, runId, at, journey] of due) {
    if (whyOver({ turn, journey }) !== undefined) {
      forgetHeld(turn, (held) => held.run === runId);
      continue;
    }
    if (turn.catalog.journeys.get(at.journey)?.state === 'paused') continue;
    const step = journey.step(at.step)!;
    takeHeld(turn, messageId);
    if (handlerOf(step).task !== undefined) {
      // Its run has gone on, so nobody waits for the outcome.
      turn.because({ code: 'task.over', message: messageId, journey: at.journey, version: at.version, step: at.step });
      continue;
    }
    const overdue = isOverdue(turn, at.journey, at.due);
    const move = handlerOf(step).arrive(visitOf({ turn, journey, runId, run: at, overdue }, step));
    // Whatever else comes of it, what follows the step has been done.
    if (!('stand' in move) || move.stand !== 'held') continue;
    keepHeld(turn, messageId, runId, slotted(at, move.slot), move.due!);
  }
}

/** It would have come while the journey was paused, which went on without (`overdue: skip`). */
const isOverdue = ({ catalog }: Turn, journey: string, due: number): boolean =>
  due <= (catalog.journeys.get(journey)?.overdueUntil ?? Number.NEGATIVE_INFINITY);

type TaskOutcome = Extract<ToldRecord, { readonly t: 'task' }>;
type Origin = NonNullable<Outcome['origin']>;

/** The run, where it still stands at that visit to the step. */
function runAt(turn: Turn, origin: Origin): Standing | undefined {
  const moving = standing(turn).find(({ runId }) => runId === origin.run);
  return moving?.run.step === origin.step && (visitsOf(moving.run, origin.step) || 1) === (origin.visit ?? 1)
    ? moving
    : undefined;
}

/** The run, back at the step, where it stands right behind it and has done nothing since. */
function runBehind(turn: Turn, { decidedAt }: Outcome, origin: Origin): Moving | undefined {
  const moving = standing(turn).find(({ runId }) => runId === origin.run);
  if (moving === undefined) return undefined;
  const { journey, run } = moving;
  const step = journey.step(origin.step);
  const isBehind = step?.type === 'message' && run.step === step.next && run.since === decidedAt;
  const hasDone = run.stand === 'answer' || (visitsOf(run, origin.step) || 1) !== (origin.visit ?? 1);
  if (!isBehind || hasDone) return undefined;
  const visits = visitsOf(run, run.step);
  return {
    ...moving,
    run: {
      ...run,
      step: origin.step,
      ...(visits > 0 && { visits: { ...run.visits, [run.step]: visits - 1 } }),
    },
  };
}

/** The run came to its end, and the customer has not entered again since. */
function hasFinished({ profile }: Turn, { journey, runKey }: Origin): boolean {
  const key = enteredKey({ journey, ...(runKey !== undefined && { runKey }) });
  const entered = Object.hasOwn(profile.entered, key) ? profile.entered[key] : undefined;
  const isInside = Object.values(profile.runs).some((run) => enteredKey(run) === key);
  return entered?.exited !== undefined && entered.reason === undefined && !isInside;
}

/** The run as it stood at the step: only what the message carried is known of it now. */
function runOfHeld({ now }: Turn, { values, decidedAt }: Outcome, origin: Origin, run: Run | undefined): Run {
  return {
    journey: origin.journey,
    version: origin.version,
    step: origin.step,
    since: decidedAt ?? now,
    enteredAt: run?.enteredAt ?? now,
    stand: 'held',
    ...(origin.runKey !== undefined && { runKey: origin.runKey }),
    ...(isRecord(values?.entry) && { entry: values.entry }),
    ...(isRecord(values?.steps) && { fields: values.steps as NonNullable<Run['fields']> }),
    ...(origin.visit !== undefined && { visits: { [origin.step]: origin.visit } }),
  };
}

/** Ends every run of the journey. */
export function leave(turn: Turn, journeyId: string, reason: string): void {
  const inside = standing(turn).filter(({ journey }) => journey.id === journeyId);
  for (const moving of inside) endRun(moving, reason);
  forgetHeld(turn, ({ at }) => at.journey === journeyId);
  if (inside.length === 0) turn.because({ code: 'exit.not-inside', journey: journeyId });
}

/** By priority, then in the order in which they entered; real runs first, so that dry ones see what those have done. */
function standing(turn: Turn): Standing[] {
  const real = standingForReal(turn);
  const dry = turn.profile.asIf?.runs;
  return dry === undefined ? real : [...real, ...standingIn(turn.as(true), Object.entries(dry))];
}

export const standingForReal = (turn: Turn): Standing[] => standingIn(turn, turn.runs);

function standingIn(turn: Turn, runs: Turn['runs']): Standing[] {
  return runs
    .map(([runId, run]) => {
      const journey = turn.catalog.version(run.journey, run.version);
      const step = journey.step(run.step);
      if (step === undefined)
        throw new Error(`version ${run.version} of journey ${run.journey} has no step ${run.step}`);
      return { turn, journey, runId, run, step };
    })
    .sort(
      (a, b) =>
        priorityOf(b.journey.document) - priorityOf(a.journey.document) ||
        a.run.enteredAt - b.run.enteredAt ||
        (a.runId < b.runId ? -1 : 1),
    );
}

/** Why whoever is inside leaves, if so. An archived journey is no longer in the catalog, and was stopped before. */
export function whyOver({
  turn,
  journey,
}: Pick<Moving, 'turn' | 'journey'>): 'stopped' | 'ended' | 'dry-run-over' | undefined {
  const live = turn.catalog.journeys.get(journey.id);
  const state = live?.state;
  if (state === undefined || state === 'stopped' || state === 'archived') return 'stopped';
  if (turn.isDry && live?.dryRun !== true) return 'dry-run-over';
  return hasEnded(journey.document, turn.now) ? 'ended' : undefined;
}

function triggers(rule: ExitRule, moving: Moving): boolean {
  if (rule.on === 'becomes-true' || rule.on === 'segment') return hasBecomeTrue(moving, rule).value;
  const { turn, journey, run, event } = moving;
  if (rule.on !== 'event' || event === undefined || rule.event !== event.name) return false;
  return rule.where === undefined || holds(turn, rule.where, runScope(journey.document, run, event)).value;
}
