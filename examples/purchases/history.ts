// A purchase history by a stated model.
//
// Who buys when: BG/NBD (Fader, Hardie, Lee 2005, "Counting Your Customers the Easy Way", Marketing Science 24(2)). A customer
// buys again by a Poisson process whose weekly rate is Gamma(r, α) among customers, and after each repeat purchase stops for
// good with a probability that is Beta(a, b). For how much: gamma-gamma (Fader, Hardie 2013, "The Gamma-Gamma Model of Monetary
// Value", brucehardie.com/notes/025). The parameters are those that the two papers found for the CDNOW customers of 1997.

import { randomBeta, randomExponential, randomGamma, randomLcg, randomUniform } from 'd3-random';

export const purchases = { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };
const spending = { p: 6.25, q: 3.74, gamma: 15.44 };

/** All came in the first twelve weeks of a year and a half. */
export const WEEKS = 78;
export const FIRST_WEEKS = 12;
const WEEK_MS = 7 * 86_400_000;
const SEED = 0.20261126;

export interface Order {
  readonly id: string;
  readonly customer: string;
  /** yyyy-MM-dd. */
  readonly date: string;
  readonly units: number;
  readonly amount: number;
}

/** The same orders every time: customer by customer, each in the order in which they bought. */
export function makeHistory(customers: number, until: Date): Order[] {
  const source = randomLcg(SEED);
  const begin = until.getTime() - WEEKS * WEEK_MS;
  // d3's gamma takes shape and scale, the papers shape and rate.
  const rate = randomGamma.source(source)(purchases.r, 1 / purchases.alpha);
  const stops = randomBeta.source(source)(purchases.a, purchases.b);
  const spendRate = randomGamma.source(source)(spending.q, 1 / spending.gamma);
  const chance = randomUniform.source(source)();
  const firstWeek = randomUniform.source(source)(FIRST_WEEKS);
  const exponential = randomExponential.source(source);
  const gamma = randomGamma.source(source);

  const orders: Order[] = [];
  for (let number = 1; number <= customers; number += 1) {
    const [perWeek, stopping, ofSpending] = [rate(), stops(), spendRate()];
    const [between, spends] = [exponential(perWeek), gamma(spending.p, 1 / ofSpending)];
    const customer = String(number).padStart(5, '0');
    let week = firstWeek();
    for (let order = 0; week < WEEKS; order += 1) {
      const amount = Math.max(0.01, Math.round(spends() * 100) / 100);
      const date = new Date(begin + week * WEEK_MS).toISOString().slice(0, 10);
      orders.push({ id: String(orders.length + 1), customer, date, units: Math.ceil(amount / 15), amount });
      if (order > 0 && chance() < stopping) break;
      week += between();
    }
  }
  return orders;
}

const header = 'order_id,customer_id,date,units,amount';

export const printCsv = (orders: readonly Order[]): string =>
  [
    header,
    ...orders.map((one) => [one.id, one.customer, one.date, one.units, one.amount.toFixed(2)].join(',')),
    '',
  ].join('\n');

/** Of files as `printCsv` writes them: no cell has a comma or a quote. */
export function readCsv(text: string): Order[] {
  const [first, ...lines] = text.trim().split(/\r?\n/);
  if (first !== header) throw new Error(`the first line has to be ${header}`);
  return lines.map((line) => {
    const [id, customer, date, units, amount] = line.split(',') as [string, string, string, string, string];
    return { id, customer, date, units: Number(units), amount: Number(amount) };
  });
}
