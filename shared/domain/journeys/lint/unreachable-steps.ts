import { nextOf } from '../ports.ts';
import { type Rule, warning } from './finding.ts';

export const unreachableSteps: Rule = ({ start, steps }) => {
  const reached = new Set<string>();
  const open = [start];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id) || !Object.hasOwn(steps, id)) continue;
    reached.add(id);
    open.push(...nextOf(steps[id]!).map(({ next }) => next));
  }
  return Object.keys(steps)
    .filter((id) => !reached.has(id))
    .map((id) =>
      warning(`/steps/${id}`, 'step-unreachable', 'no way leads to this step', {
        fix: 'lead a way to it, or remove it',
      }),
    );
};
