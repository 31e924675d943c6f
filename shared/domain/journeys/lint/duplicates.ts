import { canonicalJson } from '../../../kernel/canonical-json.ts';
import type { Step } from '../journey.ts';
import { error, type Finding, type Rule, warning } from './finding.ts';

/** The same condition twice in one branch (the second is never taken), the same arm twice in one split. */
export const duplicates: Rule = ({ steps }) =>
  Object.entries(steps).flatMap(([id, step]) => duplicatesIn(step, `/steps/${id}`));

function duplicatesIn(step: Step, pointer: string): Finding[] {
  if (step.type === 'branch') {
    return repeated(step.cases.map((one) => canonicalJson(one.if))).map(([first, again]) =>
      warning(`${pointer}/cases/${again}/if`, 'case-duplicate', `the same condition as case ${first}`, {
        fix: 'remove it: the first of them is always taken',
      }),
    );
  }
  if (step.type === 'split') {
    return repeated(step.arms.map((arm) => arm.id)).map(([first, again]) =>
      error(`${pointer}/arms/${again}/id`, 'arm-duplicate', `the same id as arm ${first}`, {
        fix: 'choose another id',
      }),
    );
  }
  return [];
}

function repeated(keys: readonly string[]): [first: number, again: number][] {
  return keys.flatMap((key, i): [number, number][] => {
    const first = keys.indexOf(key);
    return first === i ? [] : [[first, i]];
  });
}
