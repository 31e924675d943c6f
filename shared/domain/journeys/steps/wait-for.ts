import { addDuration } from '../../../kernel/zone.ts';
import { roundDue } from '../engine/due.ts';
import { holds } from '../engine/facts.ts';
import { zoneOf } from '../engine/scope.ts';
import { reasonAt, type StepHandler, scopeOf } from '../engine/step-handler.ts';
import type { WaitForStep } from '../journey.ts';

/** Waits for the first of several events, in mailbox order, and no longer than `within`. */
export const waitForStep: StepHandler<WaitForStep> = {
  arrive({ turn, journey, step }) {
    const due = addDuration(turn.now, step.within, zoneOf(turn, journey.document));
    if (due <= turn.now) return { go: step.timeout, port: 'timeout' };
    return { stand: 'wait-for', due: roundDue(due, turn.now) };
  },
  wake: ({ step }) => ({ go: step.timeout, port: 'timeout' }),
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
};
