import { knownTexts } from '../../../kernel/known-texts.ts';
import type { CustomerEvent } from '../../customer-event.ts';
import { FINISHED } from '../../profiles/journey-history.ts';
import type { Profile, Run } from '../../profiles/profile.ts';
import type { Turn } from '../../turn.ts';
import type { Step } from '../journey.ts';
import { pathName } from '../path-tree.ts';
import { END } from '../ports.ts';
import { handlerOf } from '../steps/registry.ts';
import type { CompiledJourney, ExitCondition } from './compiled-journey.ts';
import { roundDue, soonest } from './due.ts';
import { holds } from './facts.ts';
import { openGoal } from './goal.ts';
import { asIfDelivered, forgetGot } from './got-receipts.ts';
import { forgetHeld } from './held.ts';
import { visitsOf } from './message-id.ts';
import { leavesAt } from './schedule.ts';
import { runScope } from './scope.ts';
import { crossed, withoutSides, withSides } from './segment-triggers.ts';
import type { Again, Move, Visit } from './step-handler.ts';

/** A run that passes so many steps without waiting is caught in a circle; lint refuses those, this is the net. */
export const MAX_STEPS_PER_PASS = 100;

export interface Moving {
  readonly turn: Turn;
  readonly journey: CompiledJourney;
  readonly runId: string;
  readonly run: Run;
  readonly event?: CustomerEvent;
  /** What set it off was due while the journey was paused, and the operator wants none of the messages any more. */
  readonly overdue?: boolean;
}

/** Follows a move and everything that comes of it, until the run waits or ends. */
export function advance(moving: Moving, first: Move): void {
  let at = moving;
  let move: Move | undefined = first;
  for (let passed = 0; move !== undefined; passed += 1) {
    at = marked(at, move);
    if ('exit' in move) {
      endRun(at, move.exit);
      move = undefined;
    } else if ('stand' in move) {
      stand(at, move);
      move = undefined;
    } else {
      const { turn, journey, run } = at;
      if (move.port !== undefined) {
        turn.count(journey.id, journey.version, journey.portCounter(run.step, move.port));
        at = chosen(at, move.go, move.port);
      }
      const next = comeTo(at, move.go, passed);
      at = next.moving;
      move = next.move;
    }
  }
}

/** The run comes to a step; no move when it has ended or waits in front of it. */
function comeTo(moving: Moving, to: string, passed: number): { readonly moving: Moving; readonly move?: Move } {
  const { turn, journey } = moving;
  const step = journey.step(to);
  if (to === END || step === undefined || passed >= MAX_STEPS_PER_PASS) {
    end(moving, to === END ? FINISHED : step === undefined ? 'missing-step' : 'runaway');
    return { moving };
  }
  const arrived = { ...moving, run: arriveAt(journey, moving.run, to, turn.now) };
  if (step.maxVisits !== undefined && visitsOf(arrived.run, to) > step.maxVisits) {
    end(arrived, 'max-visits');
    return { moving: arrived };
  }
  const exit = exitCondition(arrived);
  if ('reason' in exit) {
    end(arrived, exit.reason);
    return { moving: arrived };
  }
  turn.count(journey.id, journey.version, journey.stepCounter(to, 'visited'));
  if (turn.catalog.journeys.get(journey.id)?.state === 'paused') {
    // Due now, and no wake is armed: the sweep that follows a resume finds it.
    place(arrived, 'held', turn.now);
    return { moving: arrived };
  }
  return { moving: arrived, move: handlerOf(step).arrive(visitOf(arrived, step)) };
}

/** What a move leaves in the run itself. */
function marked(moving: Moving, move: Move): Moving {
  if ('exit' in move) return moving;
  let { run } = moving;
  if ('go' in move && move.save !== undefined) {
    run = { ...run, fields: { ...run.fields, [move.save.as]: move.save.fields } };
  }
  const slot = 'stand' in move ? move.slot : undefined;
  if (slot !== run.slot) run = slotted(run, slot);
  if (move.sent && moving.journey.document.goal?.from === 'message') run = { ...run, messageAt: moving.turn.now };
  if (move.sent && moving.turn.isDry) run = asIfDelivered(moving.journey, run);
  return run === moving.run ? moving : { ...moving, run };
}

/** The path of the run, where the step left it a choice. */
function chosen(moving: Moving, go: string, port: string): Moving {
  const { turn, journey, run } = moving;
  const path = journey.paths.after(run.path ?? 0, run.step, go, port);
  if (path === (run.path ?? 0)) return moving;
  turn.count(journey.id, journey.version, `path/${pathName(path)}/entered`);
  return { ...moving, run: { ...run, path } };
}

export function slotted({ slot: _before, ...run }: Run, slot: number | undefined): Run {
  return slot === undefined ? run : { ...run, slot };
}

/** A new run takes its first step. */
export function start(moving: Moving): void {
  advance(moving, { go: moving.journey.document.start });
}

export function visitOf(moving: Moving, step: Step): Visit {
  return { ...moving, stepId: moving.run.step, step };
}

/** Ends a run where it stands. */
export function endRun(moving: Moving, reason: string): void {
  const { turn, journey, run } = moving;
  turn.count(journey.id, journey.version, journey.stepCounter(run.step, 'left'));
  end(moving, reason);
}

function end({ turn, journey, runId, run }: Moving, reason: string): void {
  const { [runId]: _ended, ...runs } = turn.profile.runs;
  turn.change({ runs });
  const key = enteredKey(run);
  const entered = Object.hasOwn(turn.profile.entered, key) ? turn.profile.entered[key] : undefined;
  if (entered !== undefined) {
    const goal = openGoal(turn, journey, run);
    const why = reason === FINISHED ? {} : { reason };
    const left = { ...withoutReason(entered), exited: turn.now, ...why, ...(goal !== undefined && { goal }) };
    turn.change({ entered: { ...turn.profile.entered, [key]: left } });
  }
  const { id, version } = journey;
  // Who left has no use for what was still to come; who finished has.
  if (reason !== FINISHED) forgetHeld(turn, (held) => held.run === runId);
  turn.because({ code: named('exit.', reason), journey: id, version, run: runId, step: run.step });
  turn.count(id, version, named('exited/', reason));
  if (journey.paths.many) turn.count(id, version, `path/${pathName(run.path ?? 0)}/ended`);
  if (!turn.catalog.entriesByJourney.has(id)) return;
  turn.departures.push({
    runId,
    journey: id,
    reason,
    isDry: turn.isDry,
    entry: run.entry ?? {},
    root: turn.chain ?? runId,
  });
}

function withoutReason(entered: Profile['entered'][string]): Profile['entered'][string] {
  if (entered.reason === undefined) return entered;
  const { reason: _last, ...rest } = entered;
  return rest;
}

const named = knownTexts((what, which) => `${what}${which}`);

export const enteredKey = (run: Pick<Run, 'journey' | 'runKey'>): string =>
  run.runKey === undefined ? run.journey : `${run.journey}|${run.runKey}`;

function stand(moving: Moving, move: Extract<Move, { readonly stand: Run['stand'] }>): void {
  const { turn, journey, runId, run } = moving;
  const exit = exitCondition(moving);
  if ('reason' in exit) {
    endRun(moving, exit.reason);
    return;
  }
  const due = settle(moving, move.stand, move.due ?? null, soonest(move.lookAgain ?? null, exit.again));
  if (due === null) return;
  turn.because({
    code: named('step.', move.stand),
    journey: journey.id,
    version: journey.version,
    run: runId,
    step: run.step,
    saw: { due },
  });
}

/**
 * The run stands until `until`, and looks again at `again`. It is due at whatever comes first, the journey's own end
 * included: nobody stands longer than the journey lasts.
 */
function settle(moving: Moving, stands: Run['stand'], until: number | null, again: number | null): number | null {
  const { turn, journey } = moving;
  const rounded = (instant: number | null) => (instant === null ? null : roundDue(instant, turn.now));
  const look = rounded(again);
  const due = soonest(soonest(until, look), rounded(leavesAt(journey.document) ?? null));
  place(moving, stands, due ?? undefined, look !== null && look < (until ?? Infinity) ? until : undefined);
  if (due !== null) turn.wake(due);
  return due;
}

/** A run that stays where it is, after a look: an earlier wake that is armed already is kept, and looks again then. */
export function stay(moving: Moving, again: number | null): void {
  const { turn, run } = moving;
  const until = run.until === undefined ? (run.due ?? null) : run.until;
  const isArmed = run.due !== undefined && run.due > turn.now;
  if (isArmed && run.due <= (again === null ? Infinity : roundDue(again, turn.now))) return;
  if (!isArmed && run.until === undefined) return;
  settle(moving, run.stand, until, again);
}

/** The first exit rule whose condition holds; else when to look again. */
export function exitCondition(moving: Moving): { readonly reason: string } | Again {
  let again: number | null = null;
  for (const rule of moving.journey.exitConditions) {
    const { value, validUntil } = hasBecomeTrue(moving, rule);
    if (value) return { reason: rule.reason };
    again = soonest(again, validUntil);
  }
  return { again };
}

/** When it has, that is recorded. */
export function hasBecomeTrue({ turn, journey, runId, run }: Moving, rule: ExitCondition) {
  const { value, validUntil, because } =
    rule.on === 'segment'
      ? crossed({ turn, journey, run }, rule)
      : holds(turn, rule.if, runScope(journey.document, run));
  const { id, version } = journey;
  if (value) {
    turn.because({ code: 'exit-rule.true', journey: id, version, run: runId, step: run.step, saw: because });
  }
  return { value, validUntil };
}

export function place(
  { turn, journey, runId, run }: Moving,
  stands: Run['stand'],
  due: number | undefined,
  until?: number | null,
): void {
  const placed: Run = {
    ...(isReplaced(run, due) ? run : withoutTimes(run)),
    stand: stands,
    ...(due !== undefined && { due }),
    ...(until !== undefined && { until }),
  };
  turn.change({ runs: { ...turn.profile.runs, [runId]: withSides({ turn, journey, run: placed }) } });
}

/** Most that come to stand have stood before, until a time which another takes the place of. */
const isReplaced = (run: Run, due: number | undefined): boolean =>
  run.until === undefined && (run.due === undefined || due !== undefined);

function withoutTimes({ due: _before, until: _until, ...rest }: Run): Omit<Run, 'due' | 'until'> {
  return rest;
}

function arriveAt(journey: CompiledJourney, run: Run, step: string, now: number): Run {
  const arrived: Run = withoutSides(journey, { ...run, step, since: now });
  if (!journey.cyclic.has(step) && visitsOf(run, step) === 0) return arrived;
  return { ...forgetGot(journey, arrived, step), visits: { ...run.visits, [step]: visitsOf(run, step) + 1 } };
}
