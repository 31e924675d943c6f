import type { StepHandler } from '../engine/step-handler.ts';
import type { Step, StepType } from '../journey.ts';
import { branchStep } from './branch.ts';
import { emitStep } from './emit.ts';
import { enrollStep } from './enroll.ts';
import { exitStep } from './exit.ts';
import { messageStep } from './message.ts';
import { splitStep } from './split.ts';
import { taskStep } from './task.ts';
import { updateStep } from './update.ts';
import { waitStep } from './wait.ts';
import { waitForStep } from './wait-for.ts';
import { webhookStep } from './webhook.ts';

type Registry = { readonly [T in StepType]: StepHandler<Extract<Step, { readonly type: T }>> };

/** Every step type has a handler; one that is missing does not compile. */
const steps: Registry = {
  message: messageStep,
  wait: waitStep,
  'wait-for': waitForStep,
  branch: branchStep,
  split: splitStep,
  update: updateStep,
  emit: emitStep,
  webhook: webhookStep,
  task: taskStep,
  enroll: enrollStep,
  exit: exitStep,
};

/** The handler is found by the step's own type, so it takes this step; the compiler cannot follow that. */
export const handlerOf = (step: Step): StepHandler<Step> => steps[step.type] as StepHandler<Step>;
