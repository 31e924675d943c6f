import { error, type Rule } from './finding.ts';

export const splitWeights: Rule = ({ steps }) =>
  Object.entries(steps).flatMap(([id, step]) => {
    if (step.type !== 'split') return [];
    const sum = step.arms.reduce((all, { weight }) => all + weight, 0);
    // Thirds are written 33.33, 33.33, 33.34; sums of such numbers miss 100 by some 1e-14.
    if (Math.abs(sum - 100) < 1e-6) return [];
    return [
      error(`/steps/${id}/arms`, 'split-weights', 'the weights do not add up to 100', { limit: 100, actual: sum }),
    ];
  });
