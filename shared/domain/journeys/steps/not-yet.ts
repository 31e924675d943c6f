import { reasonAt, type StepHandler } from '../engine/step-handler.ts';
import type { Step } from '../journey.ts';

/** For step types that cannot be published yet; should one arrive all the same, the run ends and says why. */
export const notYetStep: StepHandler<Step> = {
  arrive(visit) {
    visit.turn.because(reasonAt(visit, { code: 'step.not-yet', saw: { type: visit.step.type } }));
    return { exit: 'not-yet' };
  },
};
