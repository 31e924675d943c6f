import type { StepHandler } from '../engine/step-handler.ts';
import type { ExitStep } from '../journey.ts';

export const exitStep: StepHandler<ExitStep> = {
  arrive: ({ step }) => ({ exit: step.reason }),
};
