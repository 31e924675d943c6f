import { type Finding, type Rule, warning } from './finding.ts';

/** A share that leaves somebody to enter, and a goal that can be seen of those who do not. */
export const holdoutShare: Rule = ({ holdout, goal }) => {
  if (holdout === undefined) return [];
  const found: Finding[] = [];
  if (holdout.percent === 100) {
    const detail = 'keeps everybody out: nobody enters';
    found.push(warning('/holdout/percent', 'holdout-everybody', detail, { fix: 'write less' }));
  }
  if (goal?.where !== undefined && /"(?:entry|steps)\./.test(JSON.stringify(goal.where))) {
    const detail = 'the comparison with the holdout does not see what a customer entered with, so it counts no goal';
    found.push(warning('/goal/where', 'holdout-goal', detail, { fix: 'compare with event.* or profile.*' }));
  }
  return found;
};
