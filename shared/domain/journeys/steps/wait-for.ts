import { addDuration } from '../../../kernel/zone.ts';
import { roundDue, soonest } from '../engine/due.ts';
import { holds } from '../engine/facts.ts';
import { placeOf } from '../engine/got-receipts.ts';
import { runScope, zoneOf } from '../engine/scope.ts';
import { crossed } from '../engine/segment-triggers.ts';
import { type Again, type Move, reasonAt, type StepHandler, scopeOf, type Visit } from '../engine/step-handler.ts';
import type { WaitForStep } from '../journey.ts';

/**
 * Waits for the first of several events, receipts or conditions, in mailbox order, and no longer than `within`. What
 * became of a message before the run came here counts, and so does a condition that is true already; an event does not.
 */
export const waitForStep: StepHandler<WaitForStep> = {
  arrive: (visit) => waitFrom(visit.turn.now, visit),
  remain: (visit) => waitFrom(visit.run.since, visit),
  /** What came true in the minute in which time is up came before it: due times are rounded up. */
  wake(visit) {
    const seen = look(visit);
    return 'again' in seen ? { go: visit.step.timeout, port: 'timeout' } : seen;
  },
  event(visit, event) {
    for (const [index, trigger] of visit.step.any.entries()) {
      if (trigger.on !== 'event' || trigger.event !== event.name) continue;
      if (trigger.where !== undefined && !holds(visit.turn, trigger.where, scopeOf({ ...visit, event })).value)
        continue;
      visit.turn.because(reasonAt(visit, { code: 'step.event', saw: { event: event.name, trigger: index } }));
      return { go: trigger.next, port: `any-${index}` };
    }
    return undefined;
  },
  receipt: firstGot,
  look,
};

function waitFrom(since: number, visit: Visit<WaitForStep>): Move {
  const { turn, journey, step } = visit;
  const got = firstGot(visit);
  if (got !== undefined) return got;
  const seen = look(visit);
  if (!('again' in seen)) return seen;
  const due = roundDue(addDuration(since, step.within, zoneOf(turn, journey.document)), since);
  if (due <= turn.now) return { go: step.timeout, port: 'timeout' };
  const { again } = seen;
  return { stand: 'wait-for', due, ...(again !== null && { lookAgain: again }) };
}

/** The trigger whose receipt came first; of two that ask for the same, the one that is written first. */
function firstGot(visit: Visit<WaitForStep>): Move | undefined {
  const { run, step, journey, turn } = visit;
  for (const place of run.got ?? []) {
    const index = step.any.findIndex((trigger) => placeOf(journey, trigger) === place);
    const trigger = step.any[index];
    if (trigger?.on !== 'message') continue;
    const saw = { of: trigger.step, was: trigger.was, trigger: index };
    turn.because(reasonAt(visit, { code: 'step.receipt', saw }));
    return { go: trigger.next, port: `any-${index}` };
  }
  return undefined;
}

function look(visit: Visit<WaitForStep>): Move | Again {
  const { turn, run, journey } = visit;
  let again: number | null = null;
  for (const [index, trigger] of visit.step.any.entries()) {
    if (trigger.on !== 'becomes-true' && trigger.on !== 'segment') continue;
    const { value, validUntil, because } =
      trigger.on === 'segment' ? crossed(visit, trigger) : holds(turn, trigger.if, runScope(journey.document, run));
    if (value) {
      const code = trigger.on === 'segment' ? 'step.segment' : 'step.became-true';
      turn.because(reasonAt(visit, { code, saw: { trigger: index, because } }));
      return { go: trigger.next, port: `any-${index}` };
    }
    again = soonest(again, validUntil);
  }
  return { again };
}
