// `npm run bench:simulate -- 100000`: how fast the reference journey is simulated, and whether it comes out right.
// A million, without a number, is written down in BENCHMARKS.md.

import { hash } from 'node:crypto';
import { cpus } from 'node:os';
import { type SimulationResult, simulate } from '../shared/simulation/index.ts';
import { referenceJourney } from './reference-journey.ts';
import { writeSection } from './write-section.ts';

const A_MILLION = 1_000_000;
const customers = Number(process.argv[2] ?? A_MILLION);
if (!Number.isInteger(customers) || customers < 1) throw new Error('the number of customers is a whole number above 0');

/** The reference journey, and as a control beside it a segment that asks what was delivered. */
function letThrough(customers: number, segments: readonly object[] = []): SimulationResult {
  return simulate({
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
    segments,
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
}

/** Of CPU, so that what else runs on the machine counts less. */
function timed<T>(what: () => T): readonly [result: T, seconds: number] {
  const started = process.cpuUsage();
  const result = what();
  const { user, system } = process.cpuUsage(started);
  return [result, (user + system) / 1e6];
}

/** How quick the machine is at this moment: a million hashes of SHA-256, which nobody here can make quicker. */
function hashAMillion(): void {
  for (let index = 0; index < A_MILLION; index += 1) hash('sha256', `a text as long as that of an id, ${index}`);
}

const recordsOf = ({ records }: SimulationResult): number =>
  Object.values(records).reduce((sum, count) => sum + count, 0);
const reached = { schemaVersion: 1, id: 'reached', name: 'Reached', where: 'delivered email ever' };

const [, hashesBefore] = timed(hashAMillion);
const [result, seconds] = timed(() => letThrough(customers));
const asking = Math.ceil(customers / 20);
const [asked, askedSeconds] = timed(() => letThrough(asking, [reached]));
const [, hashesAfter] = timed(hashAMillion);

const { entered, exits, stillInside } = result.journeys['reference']!;
const isRight =
  entered === customers &&
  (exits['gold'] ?? 0) + (exits['finished'] ?? 0) === customers &&
  stillInside === 0 &&
  result.messages.sent === 3 * customers &&
  recordsOf(result) === 5 * customers &&
  recordsOf(asked) === 8 * asking;
const hashes = `${hashesBefore.toFixed(2)} s before and ${hashesAfter.toFixed(2)} s after`;
const micros = (time: number, count: number) => Math.round((time / count) * 1e6);
const dollars = (amount: number) => `$${amount.toFixed(2)}`;
const megabytes = Math.round(process.resourceUsage().maxRSS / 1_024);
process.stdout.write(
  [
    `${customers} customers in ${seconds.toFixed(1)} s of CPU: ${Math.round(customers / seconds)} customers per second`,
    `${result.messages.sent} messages, at most ${result.peakSendsPerMinute.count} a minute`,
    `forecast: AWS ${dollars(result.cost.awsDollars)}, SES ${dollars(result.cost.providerDollars)}`,
    `${megabytes} MB`,
    `a million hashes: ${hashes}`,
    `where deliveries are asked for: ${recordsOf(asked) / asking} records a customer instead of ${recordsOf(result) / customers}, ${micros(askedSeconds, asking)} µs instead of ${micros(seconds, customers)}`,
    isRight ? 'the counts are right' : 'THE COUNTS ARE WRONG',
    '',
  ].join('\n'),
);
process.exitCode = isRight ? 0 : 1;
if (isRight && customers === A_MILLION) writeSection('simulation', report());

function report(): string {
  const { messages, cost, peakSendsPerMinute } = result;
  const whole = (count: number) => count.toLocaleString('en-US');
  const { model = 'unknown processor' } = cpus()[0] ?? {};
  return `## A million customers through the reference journey, simulated

Written by \`npm run bench:simulate\`. A hundred customers enter a second; all is decided by the function that runs on AWS.

| | |
| --- | --: |
| customers, all of whom came to an end | ${whole(customers)} |
| records decided | ${whole(recordsOf(result))} |
| messages | ${whole(messages.sent)} |
| reached the exit \`gold\` | ${whole(exits['gold'] ?? 0)} |
| most messages in a minute | ${whole(peakSendsPerMinute.count)} |
| forecast: AWS, without Lambda's gigabyte-seconds | ${dollars(cost.awsDollars)} |
| forecast: SES | ${dollars(cost.providerDollars)} |
| CPU on one core, this time | ${Math.round(seconds)} s |
| customers per second of CPU, this time | ${whole(Math.round(customers / seconds))} |
| microseconds of CPU per record, this time | ${micros(seconds, recordsOf(result))} |
| most memory at once | ${megabytes} MB |

The counts are the same on every machine. Seconds are not: ${model}, Node ${process.version}, shared with other work, which
alone makes them vary by half. Beside them, a million hashes of SHA-256 took ${hashes}. The journey has no goal, so nobody reaches one.

The control: ${whole(asking)} customers more with a segment that asks what was delivered must take ${recordsOf(asked) / asking} records each instead of ${recordsOf(result) / customers}; they
took ${micros(askedSeconds, asking)} µs each instead of ${micros(seconds, customers)}.

### What it does not measure
- How long the same would take on AWS, and anything that can go wrong there: a simulation hands over in the instant of the decision.
- Rendering: a template is looked at for its variants and variables only.
- A population with many events or journeys: the time grows with the records decided.
`;
}
