import { holds } from '../engine/facts.ts';
import { reasonAt, type StepHandler, scopeOf } from '../engine/step-handler.ts';
import type { BranchStep } from '../journey.ts';

/** The first case that holds. What was looked at is recorded, also of the cases that did not hold. */
export const branchStep: StepHandler<BranchStep> = {
  arrive(visit) {
    const looked = [];
    for (const [index, one] of visit.step.cases.entries()) {
      const { value, because } = holds(visit.turn, one.if, scopeOf(visit));
      looked.push(because);
      if (!value) continue;
      visit.turn.because(reasonAt(visit, { code: 'step.branch', saw: { case: index, because: looked } }));
      return { go: one.next, port: `case-${index}` };
    }
    visit.turn.because(reasonAt(visit, { code: 'step.branch', saw: { case: 'else', because: looked } }));
    return { go: visit.step.else, port: 'else' };
  },
};
