import { evaluatePredicate } from './evaluate-predicate.ts';
import type { Facts } from './facts.ts';
import type { Segment } from './segment.ts';

/**
 * Who belongs to a segment, worked out by its predicate; of a list, by what is remembered.
 *
 * @param facts of the customer, whoever asks: membership is the same in every journey and at every step.
 * @param within what is being worked out: a segment that leads back to itself has no members there.
 */
export const membershipIn =
  (
    segments: ReadonlyMap<string, Segment> | undefined,
    facts: () => Omit<Facts, 'segment'>,
    within: readonly string[] = [],
  ): Facts['segment'] =>
  (id) => {
    const found = within.includes(id) ? undefined : segments?.get(id);
    if (found === undefined) return undefined;
    if ('list' in found) return { value: facts().memberSince?.(id) !== undefined, validUntil: null, because: [] };
    return evaluatePredicate(found.where, { ...facts(), segment: membershipIn(segments, facts, [...within, id]) });
  };
