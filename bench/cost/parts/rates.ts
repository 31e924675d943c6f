import type { MeterReading } from '../../../local/cloud.ts';
import { prices } from '../../prices.ts';
import { referenceJourney, timeOfDayJourney, zones } from '../../reference-journey.ts';
import { type BenchCloud, DAY, inParallel, publish, whileClosed, withCloud } from '../bench-cloud.ts';
import { aDayLater, type Cohorts, measureCohorts, nineInZone } from '../cohorts.ts';
import { invocationsOf, less, type MeasuredRow } from '../measured.ts';
import { type Part, Rows, rowOf } from '../part.ts';
import { mustDiffer, table, unmeasured } from '../table.ts';

/** The local cloud serves so many connections well. */
const AT_ONCE = 20;
const JOURNEY_DAYS = 13;
const WAITS = 3;
/** Customers whose whole journey is counted: so many at once in the mailbox, or one after the other. */
const GATHERED = { customers: 200, atOnce: 100 };
const ALONE = { customers: 60, atOnce: 1 };
const SAME = { customers: 20, atOnce: 1 };

/** Whole minutes of waits: what a cohort costs is shared by as many as really come. */
const rates = [
  { perSecond: 1, minutes: 10 },
  { perSecond: 100, minutes: 3 },
  { perSecond: 1_000, minutes: 1 },
] as const;

async function journeyOf(
  { customers, atOnce }: typeof GATHERED,
  journey: typeof referenceJourney | typeof timeOfDayJourney,
): Promise<MeterReading> {
  return withCloud(async (bench) => {
    const { cloud, meter } = bench;
    await publish(bench.api, journey);
    // The first sweep does not know how large the table is.
    await cloud.advance(DAY);
    const idleDay = await meter(() => cloud.advance(DAY));
    const users = Array.from({ length: customers }, (_, i) => `customer-${i}`);
    const identify = (userId: string, i: number) => ({
      ...{ type: 'identify', userId },
      traits: { email: `${userId}@mail.example`, plan: 'free', timezone: zones[i % zones.length] },
    });
    await bench.postInTurn(users.map(identify), 100);
    await bench.rest();
    const all = await meter(async () => {
      for (let from = 0; from < customers; from += atOnce) await arrive(bench, users.slice(from, from + atOnce));
      await cloud.advance(JOURNEY_DAYS * DAY);
    });
    const sent = cloud.messages().length;
    if (sent !== WAITS * customers) throw new Error(`${sent} messages were sent, not ${WAITS * customers}`);
    // What days cost without anybody is not the customers' to share.
    return less(all, idleDay, JOURNEY_DAYS);
  });
}

/** All lie in the mailbox when it is polled. */
async function arrive(bench: BenchCloud, users: readonly string[]): Promise<void> {
  await whileClosed(bench, () =>
    inParallel(users, AT_ONCE, (userId) => bench.post([{ type: 'track', userId, event: 'Started' }])),
  );
  await bench.cloud.advance(1_000);
}

/** What few customers shared is taken out, and what as many as come in whole minutes share is put in. */
function withCohorts(journey: MeterReading, customers: number, { waits, reading }: Cohorts): MeterReading {
  const share = (WAITS * customers) / waits;
  const whole = structuredClone(journey);
  whole.stateTransitions = reading.stateTransitions * share;
  whole.executions = reading.executions * share;
  for (const [name, count] of Object.entries(reading.invocations)) {
    if (!/arm-timers|wake-cohort/.test(name)) continue;
    whole.invocations[name] = count * share;
    const byLength = Object.entries(reading.roundTrips[name] ?? {});
    whole.roundTrips[name] = Object.fromEntries(byLength.map(([length, times]) => [length, times * share]));
  }
  return whole;
}

/** Write units for the customer alone; counters are shared by whoever is in a batch. */
const storedBy = ({ capacity }: MeterReading): number =>
  Object.entries(capacity).reduce(
    (sum, [where, { writeUnits }]) => sum + (/Table(Profiles|Journal|Messages)/.test(where) ? writeUnits : 0),
    0,
  );

/** The reference journey of a customer, by how many enter it in a second. */
export const ratesPart: Part = {
  name: 'rates',
  async count() {
    const rows = new Rows('rates');
    const alone = await journeyOf(ALONE, referenceJourney);
    const gathered = await journeyOf(GATHERED, referenceJourney);
    const same = await journeyOf(SAME, timeOfDayJourney);
    // Where a wait ends is all that differs, so what is decided and stored must cost as much.
    const [a, b] = [storedBy(same) / SAME.customers, storedBy(alone) / ALONE.customers];
    if (Math.abs(a / b - 1) > 0.03) throw new Error(`with times of day ${a} write units, without ${b}`);

    for (const [id, words, dueOf] of [
      ['fixed', '', aDayLater],
      ['local', ', times of day', nineInZone],
    ] as const) {
      for (const { perSecond, minutes } of rates) {
        const cohorts = await withCloud((bench) => measureCohorts(bench, perSecond, minutes, dueOf));
        const what = `${perSecond.toLocaleString('en-US')} a second${words}`;
        const add = (suffix: string, more: string, journey: MeterReading, customers: number) =>
          rows.add(
            ...([`reference.${id}.${perSecond}${suffix}`, `${what}${more}`, 'customer', customers] as const),
            withCohorts(journey, customers, cohorts),
          );
        if (perSecond > 1) add('', '', gathered, GATHERED.customers);
        if (perSecond <= 100) add(perSecond > 1 ? '.alone' : '', ', each comes alone', alone, ALONE.customers);
      }
    }
    const of = (id: string) => rowOf(rows.rows, `reference.${id}`);
    mustDiffer('transitions at 1 a second against 100', of('fixed.100').transitions, of('fixed.1').transitions, 5);
    mustDiffer('FIFO requests alone against in batches', of('fixed.100').fifoRequests, of('fixed.1').fifoRequests);
    mustDiffer(
      'transitions with times of day against without',
      of('fixed.100').transitions,
      of('local.100').transitions,
    );
    return rows.rows;
  },
  verdicts(rows) {
    const of = (id: string) => rowOf(rows, `reference.${id}`);
    const at100 = of('fixed.100').dollarsPerMillion;
    return [
      { what: 'reference journey, a million customers, 100 a second', most: 15, found: at100, unit: '$' },
      { what: 'the same, the aim after that', most: 8, found: at100, unit: '$' },
      { what: 'transitions of a customer in it', most: 0.05, found: of('fixed.100').transitions, unit: '' },
      {
        ...{ what: 'transitions of a customer, times of day in zones', most: 0.2 },
        ...{ found: of('local.100').transitions, unit: '' },
      },
    ];
  },
  text: render,
};

const bill = (row: MeasuredRow): string =>
  [
    ['writes', row.writeUnits * prices.writeUnit],
    ['reads', row.readUnits * prices.readUnit],
    ['standard queues', row.standardRequests * prices.standardQueueRequest],
    ['the mailbox', row.fifoRequests * prices.fifoQueueRequest],
    ['transitions', row.transitions * prices.stateTransition],
    ['invocations', invocationsOf(row) * prices.lambdaRequest],
    ['the front door', row.apiUnits * prices.httpApiRequest],
  ]
    .map(([what, dollars]) => `${what} $${(Number(dollars) * 1e6).toFixed(2)}`)
    .join(', ');

function render(rows: readonly MeasuredRow[]): string {
  const units = Object.entries(rowOf(rows, 'reference.fixed.100').byTable)
    .filter(([, { writeUnits, readUnits }]) => writeUnits + readUnits >= 0.005)
    .sort(([, a], [, b]) => b.writeUnits - a.writeUnits || b.readUnits - a.readUnits)
    .map(([where, { writeUnits, readUnits }]) => `| ${where} | ${writeUnits.toFixed(2)} | ${readUnits.toFixed(2)} |`);
  return `## The reference journey, by how many enter it in a second

Written by \`npm run bench:cost -- --only rates\`. Event → message → wait a day → message → wait three days → message → wait a week →
check → exit, by e-mail, with the receipts of delivery, for customers whose profiles are there. With times of day the waits end at
nine in the morning, in ${zones.length} zones of which each has as many customers: the worst case. Per customer; dollars per million customers at
the public prices of us-east-1, all but the provider's fee and Lambda's gigabyte-seconds.

${table(rows)}

What is decided, stored and sent was counted on whole journeys: of ${GATHERED.customers} customers, ${GATHERED.atOnce} of them in the mailbox when it is polled, so that batches
of ten are full, and of ${ALONE.customers} of whom each came alone ("each comes alone"). What waits share was counted on whole minutes of waits, as
many as that rate brings (${rates.map(({ perSecond, minutes }) => `${minutes} min of ${perSecond.toLocaleString('en-US')} a second`).join(', ')}), from the queue of wakes to the records of those who are woken, and put in place of
what so few customers shared. Seconds are those of the virtual clock. The row of 1,000 a second has the batches of 100: ten is the most that a FIFO queue gives.
What a day costs without anybody is taken off; what the daily sweep reads of these customers is in.

At 100 a second a million customers cost, by what is billed: ${bill(rowOf(rows, 'reference.fixed.100'))}.

Where the units go at 100 a second:

| function: table | write units | read units |
| --- | --: | --: |
${units.join('\n')}

The control: at 1 a second a customer must cost more transitions and more requests than at 100, and with times of day more transitions than without.

${unmeasured([
  "Lambda's gigabyte-seconds: worker threads of this machine say nothing about them.",
  'How many records Lambda finds when it polls. At 100 a second and 100 ms for a batch, five pollers would take two at a time: the truth lies between the two rows of 100 a second.',
  'Opens and clicks, which are a receipt each.',
  'Logs, KMS requests, idle polling, point-in-time recovery, custom metrics, data transfer, SES.',
])}
`;
}
