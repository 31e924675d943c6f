import type { CustomerEvent } from '../../customer-event.ts';
import type { Run } from '../../profiles/profile.ts';
import type { Turn } from '../../turn.ts';
import { END, type Step } from '../journey.ts';
import { handlerOf } from '../steps/registry.ts';
import type { CompiledJourney } from './compiled-journey.ts';
import { roundDue } from './due.ts';
import { openGoal } from './goal.ts';
import { forgetHeld } from './held.ts';
import { visitsOf } from './message-id.ts';
import { leavesAt } from './schedule.ts';
import type { Move, Visit } from './step-handler.ts';

/** A run that passes so many steps without waiting is caught in a circle; lint refuses those, this is the net. */
export const MAX_STEPS_PER_PASS = 100;

/** Reason of a run that came to its end. */
const FINISHED = 'finished';

export interface Moving {
  readonly turn: Turn;
  readonly journey: CompiledJourney;
  readonly runId: string;
  readonly run: Run;
  readonly event?: CustomerEvent;
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
      if (move.port !== undefined) turn.count(journey.id, journey.version, `step/${run.step}/port/${move.port}`);
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
    endRun(moving, to === END ? FINISHED : step === undefined ? 'missing-step' : 'runaway');
    return { moving };
  }
  const arrived = { ...moving, run: arriveAt(journey, moving.run, to, turn.now) };
  if (step.maxVisits !== undefined && visitsOf(arrived.run, to) > step.maxVisits) {
    endRun(arrived, 'max-visits');
    return { moving: arrived };
  }
  turn.count(journey.id, journey.version, `step/${to}/visited`);
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
  if (move.sent && moving.journey.document.goal?.from === 'message') run = { ...run, messageAt: moving.turn.now };
  return run === moving.run ? moving : { ...moving, run };
}

/** A new run takes its first step. */
export function start(moving: Moving): void {
  advance(moving, { go: moving.journey.document.start });
}

export function visitOf(moving: Moving, step: Step): Visit {
  return { ...moving, stepId: moving.run.step, step };
}

export function endRun({ turn, journey, runId, run }: Moving, reason: string): void {
  const { [runId]: _ended, ...runs } = turn.profile.runs;
  turn.change({ runs });
  const key = enteredKey(run);
  const entered = Object.hasOwn(turn.profile.entered, key) ? turn.profile.entered[key] : undefined;
  if (entered !== undefined) {
    const goal = openGoal(turn, journey, run);
    const { reason: _last, ...rest } = entered;
    const why = reason === FINISHED ? {} : { reason };
    const left = { ...rest, exited: turn.now, ...why, ...(goal !== undefined && { goal }) };
    turn.change({ entered: { ...turn.profile.entered, [key]: left } });
  }
  const { id, version } = journey;
  // Who left has no use for what was still to come; who finished has.
  if (reason !== FINISHED) forgetHeld(turn, (held) => held.run === runId);
  turn.because({ code: `exit.${reason}`, journey: id, version, run: runId, step: run.step });
  turn.count(id, version, `exited/${reason}`);
  if (!turn.catalog.entriesByJourney.has(id)) return;
  turn.departures.push({ runId, journey: id, reason, entry: run.entry ?? {}, root: turn.chain ?? runId });
}

export const enteredKey = (run: Pick<Run, 'journey' | 'runKey'>): string =>
  run.runKey === undefined ? run.journey : `${run.journey}|${run.runKey}`;

function stand(moving: Moving, move: Extract<Move, { readonly stand: Run['stand'] }>): void {
  const { turn, journey, runId, run } = moving;
  const due = dueOf(moving, move.due);
  place(moving, move.stand, due);
  if (due === undefined) return;
  turn.wake(due);
  turn.because({
    code: `step.${move.stand}`,
    journey: journey.id,
    version: journey.version,
    run: runId,
    step: run.step,
    saw: { due },
  });
}

/** Nobody stands longer than the journey lasts. */
function dueOf({ turn, journey }: Moving, due: number | undefined): number | undefined {
  const end = leavesAt(journey.document);
  if (end === undefined) return due;
  const last = roundDue(end, turn.now);
  return due === undefined ? last : Math.min(due, last);
}

function place({ turn, runId, run }: Moving, stands: Run['stand'], due: number | undefined): void {
  const { due: _before, ...rest } = run;
  const placed: Run = { ...rest, stand: stands, ...(due !== undefined && { due }) };
  turn.change({ runs: { ...turn.profile.runs, [runId]: placed } });
}

function arriveAt(journey: CompiledJourney, run: Run, step: string, now: number): Run {
  const arrived: Run = { ...run, step, since: now };
  if (!journey.cyclic.has(step)) return arrived;
  return { ...arrived, visits: { ...run.visits, [step]: visitsOf(run, step) + 1 } };
}
