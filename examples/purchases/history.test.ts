import { describe, expect, it } from 'vitest';
import { FIRST_WEEKS, makeHistory, printCsv, purchases, readCsv, WEEKS } from './history.ts';
import { bordersOf, rfmOf, standings } from './recompute.ts';

const until = new Date('2026-07-01T00:00:00Z');

/** Gauss's 2F1 by its series, for 0 ≤ z < 1. */
function hypergeometric(a: number, b: number, c: number, z: number): number {
  let [sum, term] = [1, 1];
  for (let n = 0; n < 5_000; n += 1) {
    term *= (((a + n) * (b + n)) / ((c + n) * (n + 1))) * z;
    sum += term;
  }
  return sum;
}

/** Repeat purchases that BG/NBD expects of a customer within so many weeks (Fader, Hardie, Lee 2005, equation 9). */
function expectedRepeats(weeks: number): number {
  const { r, alpha, a, b } = purchases;
  const z = weeks / (alpha + weeks);
  const hyper = hypergeometric(r, b, a + b - 1, z);
  return ((a + b - 1) / (a - 1)) * (1 - (alpha / (alpha + weeks)) ** r * hyper);
}

describe('the made-up history', () => {
  it('is the same every time, and comes back from its file', () => {
    const orders = makeHistory(200, until);
    expect(makeHistory(200, until)).toEqual(orders);
    expect(readCsv(printCsv(orders))).toEqual(orders);
    expect(orders.every(({ date }) => date >= '2025-01-01' && date < '2026-07-01')).toBe(true);
  });

  it('has as many repeat purchases as the model expects', () => {
    const customers = 20_000;
    const repeats = (makeHistory(customers, until).length - customers) / customers;
    // Whoever came in the middle of the first weeks stands for all of them.
    const expected = expectedRepeats(WEEKS - FIRST_WEEKS / 2);
    // The standard error of the mean of so many is 0.025.
    expect(Math.abs(repeats - expected)).toBeLessThan(0.1);
  });
});

describe('the plain code beside it', () => {
  const day = (date: string, amount: number, customer = 'a') => ({ id: date, customer, date, units: 1, amount });
  const now = until.getTime();

  it.each([
    ['new', ['2026-05-01']],
    ['at-risk', ['2026-02-01']],
    ['lost', ['2025-02-01']],
    ['active', ['2026-04-01', '2026-05-15']],
    ['at-risk', ['2026-05-01', '2026-06-01', '2026-05-16']],
    ['lapsed', ['2026-05-30', '2026-06-06']],
    ['lost', ['2026-05-01', '2026-05-02']],
  ])('says %s of orders on %j', (stage, dates) => {
    const orders = dates.map((date) => day(date, 10));
    expect(standings(orders, now).get('a')).toMatchObject({ stage, orders: dates.length, revenue: 10 * dates.length });
  });

  it('scores by fifths; a value on the border belongs to the lower one', () => {
    const orders = ['a', 'b', 'c', 'd', 'e', 'f'].flatMap((customer, i) =>
      Array.from({ length: i + 1 }, (_, n) => day(`2026-0${i + 1}-0${n + 1}`, 10, customer)),
    );
    const found = standings(orders, now);
    const borders = bordersOf([...found.values()]);
    expect(borders.orders).toEqual([2, 3, 4, 5]);
    expect([...found.values()].map((one) => rfmOf(one, borders))).toEqual(['111', '211', '322', '433', '544', '555']);
  });
});
