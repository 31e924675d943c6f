import { DAY_MS, parseInstant } from '../../kernel/time.ts';
import type { Found } from '../audiences/found.ts';
import type { Derived } from './definition.ts';

/** Functions of other computed traits. Each stays as long as what it is made of, or as its own next step in time. */
type Derive = Derived['value'];

const numberOf = (found: Found | undefined): number | undefined =>
  typeof found?.value === 'number' ? found.value : undefined;

function instantOf(found: Found | undefined): number | undefined {
  return typeof found?.value === 'string' ? parseInstant(found.value) : undefined;
}

/** What is left of `from` when the value is another one: until the first of them changes, complete since the last of them. */
function made(from: readonly Found[], value: Found['value'], until: number | null = null): Found {
  const ends = [until, ...from.map(({ validUntil }) => validUntil)].filter((end) => end !== null);
  const since = from.flatMap(({ completeSince }) => completeSince ?? []);
  return {
    value,
    validUntil: ends.length === 0 ? null : Math.min(...ends),
    ...(since.length > 0 && { completeSince: Math.max(...since) }),
  };
}

/** Whole days of 24 hours. */
export const daysSince: Derive = (from, { now }) => {
  const at = instantOf(from[0]);
  if (at === undefined) return made(from, undefined);
  const days = Math.max(0, Math.floor((now - at) / DAY_MS));
  return made(from, days, at + (days + 1) * DAY_MS);
};

export const ratio: Derive = (from) => {
  const [part, whole] = [numberOf(from[0]), numberOf(from[1])];
  return made(from, part === undefined || whole === undefined || whole === 0 ? undefined : part / whole);
};

/** Of numbers that all decay with one half-life: so does their sum. */
export const weightedSum =
  (weights: readonly number[], halfLifeMs: number): Derive =>
  (from) => ({
    ...made(
      from,
      weights.reduce((sum, weight, i) => sum + weight * (numberOf(from[i]) ?? 0), 0),
    ),
    halfLifeMs,
  });

/**
 * 1 to 5: in which fifth of the base the value lies, 5 the best (the scoring by quintiles of A. M. Hughes, "Strategic
 * Database Marketing", 1994). A value on the border belongs to the lower fifth. Without statistics of the base: missing.
 *
 * @param name under which the statistics know the value.
 */
export const scoreByQuintiles =
  (name: string, best: 'most is best' | 'least is best'): Derive =>
  (from, { statistics }) => {
    const value = numberOf(from[0]);
    const spread = statistics !== undefined && Object.hasOwn(statistics.traits, name) ? statistics.traits[name] : null;
    if (value === undefined || spread === null || spread === undefined) return made(from, undefined);
    const fifth = spread.quintiles.filter((border) => value > border).length;
    return made(from, best === 'most is best' ? fifth + 1 : 5 - fifth);
  };

/** The three scores as a text: "555" are the best customers. */
export const rfmOf: Derive = (from) => {
  const scores = from.map(numberOf);
  return made(from, scores.includes(undefined) ? undefined : scores.join(''));
};

/** Who orders every day is not at risk after three days, nor anybody who orders once in two years only after six. */
const SHORTEST_MS = 7 * DAY_MS;
const LONGEST_MS = 180 * DAY_MS;
/** Multiples of the customer's own interval: up to which one is in time, late, and gone for the time being. */
const IN_TIME = 1.5;
const LATE = 3;
const GONE = 6;

/**
 * Where a customer stands, by the time since the last order in terms of their own rhythm (the "latency" of J. Novo,
 * "Drilling Down", 2004: what counts is a delay beyond the customer's own interval, not a fixed number of days). The
 * interval is the mean one between orders, at least 7 and at most 180 days; after a first order, `expectedDays`.
 *
 * `new` or `active` up to 1.5 intervals after the last order, by whether there was one order or more; then `at-risk` up to 3,
 * `lapsed` up to 6, and `lost`. Without an order: missing.
 */
export const lifecycleStage =
  (expectedDays: number): Derive =>
  (from, { now }) => {
    const [orders, first, last] = [numberOf(from[0]), instantOf(from[1]), instantOf(from[2])];
    if (orders === undefined || first === undefined || last === undefined) return made(from, undefined);
    const own = orders > 1 ? (last - first) / (orders - 1) : expectedDays * DAY_MS;
    const interval = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, own));
    const stages = [
      [orders > 1 ? 'active' : 'new', IN_TIME],
      ['at-risk', LATE],
      ['lapsed', GONE],
    ] as const;
    for (const [stage, intervals] of stages) {
      const end = Math.floor(last + intervals * interval) + 1;
      if (now < end) return made(from, stage, end);
    }
    return made(from, 'lost');
  };
