// What the preset `commerce` says of customers, worked out once more from the orders by plain code. It knows docs/computed-traits.md
// and no code of Godwit: where both say the same, two people would have to be wrong in the same way.

import type { Order } from './history.ts';

const DAY_MS = 86_400_000;

export interface Standing {
  readonly orders: number;
  readonly revenue: number;
  readonly days: number;
  readonly stage: string;
}

export interface Borders {
  readonly days: readonly number[];
  readonly orders: readonly number[];
  readonly revenue: readonly number[];
}

export function standings(orders: readonly Order[], now: number): Map<string, Standing> {
  const byCustomer = Map.groupBy(orders, ({ customer }) => customer);
  return new Map(
    [...byCustomer].map(([customer, own]) => {
      const times = own.map(({ date }) => Date.parse(`${date}T00:00:00Z`));
      const [first, last] = [Math.min(...times), Math.max(...times)];
      const revenue = own.reduce((sum, { amount }) => sum + amount, 0);
      const days = Math.floor((now - last) / DAY_MS);
      return [customer, { orders: own.length, revenue, days, stage: stageOf(own.length, first, last, now) }];
    }),
  );
}

function stageOf(orders: number, first: number, last: number, now: number): string {
  const mean = orders === 1 ? 60 : (last - first) / DAY_MS / (orders - 1);
  const intervals = (now - last) / DAY_MS / Math.min(180, Math.max(7, mean));
  if (intervals <= 1.5) return orders === 1 ? 'new' : 'active';
  return intervals <= 3 ? 'at-risk' : intervals <= 6 ? 'lapsed' : 'lost';
}

/** Exact: what 20, 40, 60 and 80 % of the customers do not exceed. */
export function bordersOf(all: readonly Standing[]): Borders {
  const of = (numbers: readonly number[]) => {
    const sorted = [...numbers].sort((a, b) => a - b);
    return [0.2, 0.4, 0.6, 0.8].map((share) => sorted[Math.floor(share * (sorted.length - 1))]!);
  };
  return {
    days: of(all.map(({ days }) => days)),
    orders: of(all.map(({ orders }) => orders)),
    revenue: of(all.map(({ revenue }) => revenue)),
  };
}

/** Recency, frequency, money: 1 to 5, 5 the best. */
export function rfmOf({ days, orders, revenue }: Standing, borders: Borders): string {
  const above = (value: number, of: readonly number[]) => of.filter((border) => value > border).length;
  return `${5 - above(days, borders.days)}${above(orders, borders.orders) + 1}${above(revenue, borders.revenue) + 1}`;
}
