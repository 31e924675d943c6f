// Ten computed traits that one event feeds, fifty live segments that ask for what it moves, and segments that it does not touch:
// the documents of two benchmarks, which count the units and the CPU of the same thing.

interface Document {
  readonly schemaVersion: 1;
  readonly id: string;
  readonly name: string;
  readonly [field: string]: unknown;
}

const event = 'Order Completed';
const of = { event };
const ofTotal = { event, property: 'total' };
const ofCategory = { event, property: 'products[].category' };

export const tenComputedTraits: readonly Document[] = [
  { id: 'orders', function: 'count', of, within: 'ever' },
  { id: 'revenue', function: 'sum', of: ofTotal, within: 'ever' },
  { id: 'average-order-value', function: 'average', of: ofTotal, within: 'ever' },
  { id: 'largest-order', function: 'max', of: ofTotal, within: 'ever' },
  { id: 'first-order', function: 'first', of, within: 'ever' },
  { id: 'last-order', function: 'last', of, within: 'ever' },
  { id: 'revenue-90d', function: 'sum', of: ofTotal, within: 'P90D' },
  { id: 'orders-30d', function: 'count', of, within: 'P30D' },
  { id: 'interests', function: 'most-frequent', of: ofCategory, within: 'ever', decay: {}, top: 3 },
  { id: 'categories', function: 'unique', of: ofCategory, within: 'ever' },
].map((one) => ({ schemaVersion: 1, name: one.id, ...one }));

const live = (id: string, where: string): Document => ({ schemaVersion: 1, id, name: id, where, live: true });

/** Of each five the first holds after one order of 60, the others not after ten. */
const thresholds: { readonly [word: string]: readonly number[] } = {
  'profile.orders': [1, 20, 40, 60, 80],
  'profile.revenue': [50, 2_000, 4_000, 6_000, 8_000],
  'profile.average-order-value': [40, 100, 200, 300, 400],
  'profile.largest-order': [40, 100, 200, 300, 400],
  'profile.orders-30d': [1, 20, 40, 60, 80],
  'profile.revenue-90d': [50, 2_000, 4_000, 6_000, 8_000],
};
const byTraits = Object.entries(thresholds).flatMap(([word, five]) => five.map((least) => `${word} >= ${least}`));
const byTheirPast = [30, 90, 180, 365].flatMap((days) =>
  [1, 20, 40, 60, 80].map((times) => `did "${event}" at least ${times} times in last ${days} days`),
);

/** A customer who has ordered belongs to ten of them. */
export const fiftyTouched: readonly Document[] = [...byTraits, ...byTheirPast].map((where, i) =>
  live(`buyers-${i}`, where),
);
export const MEMBER_OF = 10;

/** By traits that no benchmark sets. */
export const untouched = (count: number): readonly Document[] =>
  Array.from({ length: count }, (_, i) => live(`others-${i}`, `profile.answer-${i % 200} = "${i}"`));

/** @param number from 0. */
export const order = (number: number) => ({
  total: 60 + (number % 5) + 0.95,
  products: [{ category: `category-${number % 7}` }, { category: `category-${(number + 3) % 12}` }],
});
