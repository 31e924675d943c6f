import { didYouMean } from '../../../kernel/did-you-mean.ts';
import type { Journey, Trigger } from '../journey.ts';
import { predicatesOf, walkPredicate } from '../predicates-of.ts';
import { type Finding, meant, type Rule, warning } from './finding.ts';

/**
 * Names of events that nobody sends. Where what has come in is known, a name must have been among it, or some journey
 * makes events of it. Where it is not, a name that stands at one place only and is nearly one that stands at several.
 */
export const knownEvents: Rule = (journey, { eventTypes, journeys }) => {
  const others = [...journeys.values()].filter(({ id }) => id !== journey.id);
  const made = [journey, ...others].flatMap(({ steps }) =>
    Object.values(steps).flatMap((step) => (step.type === 'emit' ? [step.event] : [])),
  );
  if (eventTypes !== undefined && eventTypes.size > 0) {
    const known = new Set([...eventTypes.keys(), ...made]);
    return heardBy(journey).flatMap(({ name, pointer }) =>
      known.has(name) ? [] : [neverSeen(pointer, `no event "${name}" has ever come in`, didYouMean(name, known))],
    );
  }
  const places = Map.groupBy(
    [journey, ...others].flatMap((one) => heardBy(one).map(({ name }) => name)).concat(made),
    (name) => name,
  );
  const usual = [...places].filter(([, all]) => all.length > 1).map(([name]) => name);
  return heardBy(journey).flatMap(({ name, pointer }) => {
    if (usual.includes(name) || made.includes(name)) return [];
    const other = usual.find((one) => plain(one) === plain(name)) ?? didYouMean(name, usual, 1);
    return other === undefined ? [] : [neverSeen(pointer, `only this place says "${name}"`, other)];
  });
};

const neverSeen = (pointer: string, detail: string, other: string | undefined): Finding =>
  warning(pointer, 'event-never-seen', detail, meant(other));

const plain = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** Every name of an event that the journey hears or counts, and where. */
function heardBy(journey: Journey): { readonly name: string; readonly pointer: string }[] {
  const found: { name: string; pointer: string }[] = [];
  const add = (on: Trigger | Journey['entry'][number], pointer: string) => {
    if (on.on === 'event') found.push({ name: on.event, pointer: `${pointer}/event` });
  };
  for (const [i, entry] of journey.entry.entries()) add(entry, `/entry/${i}`);
  for (const [i, rule] of (journey.exitWhen ?? []).entries()) add(rule, `/exitWhen/${i}`);
  for (const [id, step] of Object.entries(journey.steps)) {
    if (step.type !== 'wait-for') continue;
    for (const [i, trigger] of step.any.entries()) add(trigger, `/steps/${id}/any/${i}`);
  }
  if (journey.goal !== undefined) found.push({ name: journey.goal.event, pointer: '/goal/event' });
  for (const { predicate, pointer: start } of predicatesOf(journey)) {
    for (const { predicate: part, pointer } of walkPredicate(predicate, start)) {
      if ('did' in part) found.push({ name: part.did, pointer: `${pointer}/did` });
      if (!('sequence' in part)) continue;
      for (const [i, one] of part.sequence.entries()) {
        const [key, name] = 'did' in one ? (['did', one.did] as const) : (['didNot', one.didNot] as const);
        found.push({ name, pointer: `${pointer}/sequence/${i}/${key}` });
      }
    }
  }
  return found;
}
