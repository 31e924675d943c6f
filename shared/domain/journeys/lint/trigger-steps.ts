import { didYouMean } from '../../../kernel/did-you-mean.ts';
import type { Journey, Trigger } from '../journey.ts';
import { error, type Finding, meant, type Rule } from './finding.ts';

/** A trigger on a message names a message step, and a link only where it asks for a click. */
export const triggerSteps: Rule = (journey) => [
  ...(journey.exitWhen ?? []).flatMap((rule, i) => check(rule, `/exitWhen/${i}`, journey)),
  ...Object.entries(journey.steps).flatMap(([id, step]) =>
    step.type === 'wait-for' ? step.any.flatMap((trigger, i) => check(trigger, `/steps/${id}/any/${i}`, journey)) : [],
  ),
];

function check(trigger: Trigger, pointer: string, { steps }: Journey): Finding[] {
  if (trigger.on !== 'message') return [];
  const found: Finding[] = [];
  const step = Object.hasOwn(steps, trigger.step) ? steps[trigger.step] : undefined;
  if (step?.type !== 'message') {
    const messages = Object.keys(steps).filter((id) => steps[id]!.type === 'message');
    const detail = `"${trigger.step}" is no message step`;
    found.push(error(`${pointer}/step`, 'trigger-step', detail, meant(didYouMean(trigger.step, messages))));
  }
  if (trigger.link !== undefined && trigger.was !== 'clicked') {
    found.push(error(`${pointer}/link`, 'trigger-link', 'a link can only be clicked', { fix: "write was: 'clicked'" }));
  }
  return found;
}
