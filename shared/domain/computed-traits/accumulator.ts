/**
 * What a profile remembers for its computed traits: `profile.computed`, by the id of what is remembered (feed.ts).
 *
 * 1. A value at an instant is a function of the accumulator and that instant (value-at.ts), so windows move on and scores
 *    decay without a write.
 * 2. Bounded, whatever is sent: the limits below. What does not fit is coarser, or the least of it is forgotten.
 * 3. It depends on the occurrences and not on the order in which they came, and joining two commutes and is associative:
 *    exactly for everything but sums (14 digits), decayed weights (a millionth), and `frequent` beyond its values.
 * 4. The form is the stored one, because an item is paid by the kilobyte: lists whose first entry names the kind, and
 *    texts of differences in base 36. Only what an event feeds or a predicate asks for is taken apart.
 *
 * `since` is in whole minutes since 1970, rounded up: what happened before is not known to be in it. 0: all that
 * ever happened is.
 */
export type Accumulator = Totals | Windowed | Decayed | Oldest | Recent | Unique | UniqueSeen | Frequent | Interests;

/** Without numbers: how often it happened. */
export type Totals =
  | readonly [kind: 't', since: number, count: number]
  | readonly [kind: 't', since: number, count: number, sum: number, min: number, max: number];
/** `series.ts`; with the least and the greatest of each bucket (`x`), or sums alone. */
export type Windowed = readonly [kind: 'w' | 'x', since: number, series: string];
/** Logarithms to base 2 of what decays (decay.ts): the number of occurrences, the sum of positive and of negative values. */
export type Decayed = readonly [
  kind: 'd',
  since: number,
  count: number,
  positive?: number | null,
  negative?: number | null,
];
export type Oldest = readonly [kind: 'o', since: number, at: number, value?: Scalar];
/** Newest first; values stand in the order of the times, and are left out where only times are asked for. */
export type Recent = readonly [kind: 'r', since: number, times: string, ...values: Scalar[]];
/** Digests of values, one behind the other. */
export type Unique = readonly [kind: 'u', since: number, digests: string];
/** With when each was seen last, newest first. */
export type UniqueSeen = readonly [kind: 'v', since: number, digests: string, times: string];
/** Values and how often, in turn. */
export type Frequent = readonly [kind: 'f', since: number, ...valuesAndCounts: Scalar[]];
/** Values and the logarithm of their decaying weight, in turn. */
export type Interests = readonly [kind: 'g', since: number, ...valuesAndLogs: Scalar[]];

export type Kind = Accumulator[0];
export type Scalar = string | number | boolean;

/** One thing that happened, as far as a computed trait looks at it. */
export interface Occurred {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Absent where only the time matters. */
  readonly value?: Scalar;
}

/** Of a window the newest occurrences are exact; older ones are counted by the hour, the day, and ten days. */
export const EXACT_IN_WINDOW = 16;
export const HOURS_IN_WINDOW = 8;
export const DAYS_IN_WINDOW = 31;
/** `first` and `most-frequent` in a window know so many of the newest occurrences. */
export const RECENT_IN_WINDOW = 48;
/** `unique` counts up to so many; then it says so many, and there are at least as many. */
export const MAX_UNIQUE = 100;
/** `most-frequent` counts so many different values; of more, those that count least are forgotten. */
export const MAX_FREQUENT = 50;
/** Entries of a list that one event feeds (`products[].category`). */
export const MAX_SPREAD = 50;
