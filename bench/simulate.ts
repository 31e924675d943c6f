// `npm run bench:simulate -- 100000`: how fast the reference journey is simulated, and whether it comes out right.

import { simulate } from '../shared/simulation/index.ts';
import { referenceJourney } from './reference-journey.ts';

const customers = Number(process.argv[2] ?? 1_000_000);
if (!Number.isInteger(customers) || customers < 1) throw new Error('the number of customers is a whole number above 0');

const started = process.hrtime.bigint();
const result = simulate({
  journeys: [referenceJourney],
  templates: [
    {
      schemaVersion: 1,
      id: 'hello',
      variables: {},
      variants: [{ channel: 'email', content: { subject: 'Hello', html: '<p>Hello</p>' } }],
    },
  ],
  topics: [{ id: 'account', kind: 'transactional', consent: { email: 'opt-out' } }],
  // A hundred a second enter, as in the budget of a million customers.
  population: {
    customers,
    traits: { plan: { gold: 0.1, free: 0.9 } },
    events: [{ name: 'Started', hour: [0, Math.min(24, customers / 100 / 3_600)] }],
  },
  from: '2026-11-23T11:00:00Z',
  days: 13,
  traces: 0,
});
const seconds = Number(process.hrtime.bigint() - started) / 1e9;

const { entered, exits, stillInside } = result.journeys['reference']!;
const isRight =
  entered === customers &&
  (exits['gold'] ?? 0) + (exits['finished'] ?? 0) === customers &&
  stillInside === 0 &&
  result.messages.sent === 3 * customers;
const dollars = (amount: number) => `$${amount.toFixed(2)}`;
process.stdout.write(
  [
    `${customers} customers in ${seconds.toFixed(1)} s: ${Math.round(customers / seconds)} customers per second`,
    `${result.messages.sent} messages, at most ${result.peakSendsPerMinute.count} a minute`,
    `forecast: AWS ${dollars(result.cost.awsDollars)}, SES ${dollars(result.cost.providerDollars)}`,
    `${Math.round(process.memoryUsage().rss / 2 ** 20)} MB`,
    isRight ? 'the counts are right' : 'THE COUNTS ARE WRONG',
    '',
  ].join('\n'),
);
process.exitCode = isRight ? 0 : 1;
