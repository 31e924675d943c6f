import { formatInstant } from '../../../kernel/time.ts';
import { reasonAt, type StepHandler } from '../engine/step-handler.ts';
import { tellingId, toldProperties } from '../engine/tell-self.ts';
import type { EmitStep } from '../journey.ts';

/**
 * An event of the customer's, made by a journey: entries, exits, goals, wait-fors and counts see it like any other. Id
 * and time stamp are the visit's, so that its journal key is the same however often it is sent (guarantee G2).
 */
export const emitStep: StepHandler<EmitStep> = {
  arrive(visit) {
    const { turn, run, step } = visit;
    const data = toldProperties(visit, step.properties);
    if (data !== undefined) {
      const id = tellingId(visit, 'emit');
      const sent = formatInstant(run.since);
      const event = { id, sent, at: turn.now, kind: 'track', name: step.event, data, context: {} } as const;
      turn.effect({ e: 'mail', to: turn.key, id, record: { t: 'event', event } });
      turn.because(reasonAt(visit, { code: 'step.emit', saw: { event: step.event, eventId: id } }));
    }
    return { go: step.next, port: 'next' };
  },
};
