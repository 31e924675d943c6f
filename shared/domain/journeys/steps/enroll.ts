import { originOf, reasonAt, type StepHandler } from '../engine/step-handler.ts';
import { tellingId, toldProperties } from '../engine/tell-self.ts';
import type { EnrollStep } from '../journey.ts';

/** The same customer enters another journey, or it is recorded why not; this run goes on at once either way. */
export const enrollStep: StepHandler<EnrollStep> = {
  arrive(visit) {
    const { turn, step } = visit;
    const properties = toldProperties(visit, step.properties);
    if (properties !== undefined) {
      const id = tellingId(visit, 'enroll');
      const { journey } = step;
      const record = { t: 'enroll', id, at: turn.now, journey, properties, origin: originOf(visit) } as const;
      turn.effect({ e: 'mail', to: turn.key, id, record });
      turn.because(reasonAt(visit, { code: 'step.enroll', saw: { journey } }));
    }
    return { go: step.next, port: 'next' };
  },
};
