import { chance } from '../../../kernel/ids.ts';
import { reasonAt, type StepHandler } from '../engine/step-handler.ts';
import type { SplitStep } from '../journey.ts';

/** By chance, in proportion to the weights; the same customer (or run) always takes the same arm while they stay. */
export const splitStep: StepHandler<SplitStep> = {
  arrive(visit) {
    const { step, journey, turn, runId, stepId } = visit;
    const arms = step.arms.filter((arm) => arm.weight > 0);
    const total = arms.reduce((sum, arm) => sum + arm.weight, 0);
    const who = step.sticky === 'run' ? runId : turn.key;
    const at = chance('split', journey.id, stepId, who) * total;
    let below = 0;
    const arm =
      arms.find(({ weight }) => {
        below += weight;
        return at < below;
      }) ?? step.arms[0]!;
    turn.because(reasonAt(visit, { code: 'step.split', saw: { arm: arm.id, weight: arm.weight, of: total } }));
    return { go: arm.next, port: `arm-${arm.id}` };
  },
};
