import { parseInstant } from '../../../kernel/time.ts';
import { nextWindowOpening } from '../../../kernel/windows.ts';
import { addDuration, nextLocalTime } from '../../../kernel/zone.ts';
import { instantOf } from '../../audiences/evaluate-op.ts';
import { roundDue } from '../engine/due.ts';
import { factsOf, resolveRef } from '../engine/facts.ts';
import { zoneOf } from '../engine/scope.ts';
import { type Move, reasonAt, type StepHandler, scopeOf, type Visit } from '../engine/step-handler.ts';
import type { WaitStep } from '../journey.ts';

type WaitUntilStep = Extract<WaitStep, { until: unknown }>;

/** Waits for a time, until a time of day or a window, or for an instant that a trait or property names. */
export const waitStep: StepHandler<WaitStep> = {
  arrive: (visit) => waitFrom(visit.turn.now, visit),
  remain: (visit) => waitFrom(visit.run.since, visit),
  wake: goOn,
};

function waitFrom(since: number, visit: Visit<WaitStep>): Move {
  const { step, turn } = visit;
  const zone = zoneOf(turn, visit.journey.document);
  const due = 'for' in step ? addDuration(since, step.for, zone) : untilOf(since, visit as Visit<WaitUntilStep>, zone);
  if (typeof due === 'object') return due;
  const rounded = roundDue(due, since);
  return rounded <= turn.now ? goOn(visit) : { stand: 'wait', due: rounded };
}

function goOn({ step }: Visit<WaitStep>): Move {
  return { go: step.next, port: 'next' };
}

function untilOf(since: number, visit: Visit<WaitUntilStep>, zone: string): number | Move {
  const { turn, step } = visit;
  const { until } = step;
  const scope = scopeOf(visit);
  // Strictly later: who comes at 09:00 sharp, woken by this very step, waits for tomorrow's nine o'clock.
  if ('time' in until) return nextLocalTime(since, until, zone);
  if ('windows' in until) return nextWindowOpening(since, until.windows, zone) ?? since;
  const at =
    typeof until.at === 'string'
      ? parseInstant(until.at)
      : instantOf(resolveRef(turn, until.at.ref, scope), factsOf(turn, scope));
  if (at === undefined) {
    turn.because(
      reasonAt(visit, {
        code: 'wait.no-instant',
        fix: 'give the trait or property a date, or branch on `exists` before',
      }),
    );
    return past(visit);
  }
  const due = until.offset === undefined ? at : addDuration(at, until.offset, zone);
  if (due > since) return due;
  turn.because(reasonAt(visit, { code: 'wait.past', saw: { due } }));
  return past(visit);
}

function past(visit: Visit<WaitUntilStep>): Move {
  const { until } = visit.step;
  return 'past' in until && until.past === 'exit' ? { exit: 'past' } : { go: visit.step.next, port: 'next' };
}
