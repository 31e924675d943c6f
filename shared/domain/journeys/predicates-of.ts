import type { Predicate } from '../audiences/predicate.ts';
import type { Journey, Trigger } from './journey.ts';

export interface Placed {
  readonly pointer: string;
  readonly predicate: Predicate;
  /** Asked when an event comes (entry filters, triggers, the goal), at the step of this id, or at any time. */
  readonly at: 'event' | 'entry' | 'any-time' | { readonly step: string };
}

/** Every predicate of a journey, with where it stands. */
export function predicatesOf(journey: Journey): Placed[] {
  const found: Placed[] = [];
  const add = (pointer: string, predicate: Predicate | undefined, at: Placed['at']) => {
    if (predicate !== undefined) found.push({ pointer, predicate, at });
  };
  const addTrigger = (pointer: string, trigger: Trigger) => {
    if (trigger.on === 'event') add(`${pointer}/where`, trigger.where, 'event');
    if (trigger.on === 'becomes-true') add(`${pointer}/if`, trigger.if, 'any-time');
  };
  for (const [i, entry] of journey.entry.entries()) {
    if (entry.on === 'event') add(`/entry/${i}/where`, entry.where, 'event');
  }
  add('/where', journey.where, 'entry');
  for (const [id, step] of Object.entries(journey.steps)) {
    if (step.type === 'branch') {
      for (const [i, one] of step.cases.entries()) add(`/steps/${id}/cases/${i}/if`, one.if, { step: id });
    }
    if (step.type === 'wait-for') {
      for (const [i, trigger] of step.any.entries()) addTrigger(`/steps/${id}/any/${i}`, trigger);
    }
  }
  for (const [i, rule] of (journey.exitWhen ?? []).entries()) addTrigger(`/exitWhen/${i}`, rule);
  add('/goal/where', journey.goal?.where, 'event');
  return found;
}

/** The predicate and everything below it, with pointers. `where` clauses are below too. */
export function* walkPredicate(
  predicate: Predicate,
  pointer: string,
  parent?: Predicate,
): Generator<{ readonly predicate: Predicate; readonly pointer: string; readonly parent: Predicate | undefined }> {
  yield { predicate, pointer, parent };
  if ('all' in predicate) {
    for (const [i, part] of predicate.all.entries()) yield* walkPredicate(part, `${pointer}/all/${i}`, predicate);
  } else if ('any' in predicate) {
    for (const [i, part] of predicate.any.entries()) yield* walkPredicate(part, `${pointer}/any/${i}`, predicate);
  } else if ('not' in predicate) {
    yield* walkPredicate(predicate.not, `${pointer}/not`, predicate);
  } else if ('did' in predicate) {
    if (predicate.where !== undefined) yield* walkPredicate(predicate.where, `${pointer}/where`, predicate);
  } else if ('sequence' in predicate) {
    for (const [i, step] of predicate.sequence.entries()) {
      if (step.where !== undefined) yield* walkPredicate(step.where, `${pointer}/sequence/${i}/where`, predicate);
    }
  }
}
