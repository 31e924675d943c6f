import { didYouMean } from '../../../kernel/did-you-mean.ts';
import { END, nextOf } from '../ports.ts';
import { error, meant, type Rule } from './finding.ts';

/** Every way leads to a step that is there, or to the end. */
export const danglingNext: Rule = ({ start, steps }) => {
  const leads = (id: string) => Object.hasOwn(steps, id);
  const suggestion = (id: string) => meant(didYouMean(id, [...Object.keys(steps), END]));
  const findings = leads(start)
    ? []
    : [error('/start', 'start-unknown', `no step is called "${start}"`, suggestion(start))];
  for (const [id, step] of Object.entries(steps)) {
    const reported = new Set<string>();
    for (const { next, pointer } of nextOf(step)) {
      if (next === END || leads(next) || reported.has(pointer)) continue;
      reported.add(pointer);
      findings.push(error(`/steps/${id}${pointer}`, 'next-dangling', `no step is called "${next}"`, suggestion(next)));
    }
  }
  return findings;
};
