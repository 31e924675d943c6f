import type { Journey, Trigger } from './journey.ts';
import { predicatesOf, walkPredicate } from './predicates-of.ts';

/** Where a journey asks for a segment: in predicates, in triggers, and in entries that a clock or a change of segment starts. */
export function segmentPlaces(journey: Journey): { readonly pointer: string; readonly segment: string }[] {
  const found = predicatesOf(journey).flatMap(({ predicate, pointer: at }) =>
    [...walkPredicate(predicate, at)].flatMap(({ predicate: part, pointer }) =>
      'segment' in part ? [{ pointer: `${pointer}/segment`, segment: part.segment }] : [],
    ),
  );
  const add = (pointer: string, trigger: Trigger) => {
    if (trigger.on === 'segment') found.push({ pointer: `${pointer}/segment`, segment: trigger.segment });
  };
  for (const [i, entry] of journey.entry.entries()) {
    if (entry.on === 'schedule' || entry.on === 'segment')
      found.push({ pointer: `/entry/${i}/segment`, segment: entry.segment });
  }
  for (const [i, rule] of (journey.exitWhen ?? []).entries()) add(`/exitWhen/${i}`, rule);
  for (const [id, step] of Object.entries(journey.steps)) {
    if (step.type !== 'wait-for') continue;
    for (const [i, trigger] of step.any.entries()) add(`/steps/${id}/any/${i}`, trigger);
  }
  return found;
}
