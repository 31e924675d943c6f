import { order, tenComputedTraits } from '../../commerce-catalog.ts';
import { type BenchCloud, MINUTE, publish, withCloud } from '../bench-cloud.ts';
import type { MeasuredRow } from '../measured.ts';
import { type Part, Rows, rowOf } from '../part.ts';
import { mustDiffer, table, unmeasured } from '../table.ts';

/** Alone, each costs the same to a hundredth. */
const ALONE = 30;
const TOGETHER = 100;
const SIZES = [1, 10, 100] as const;
const LATE = 6 * MINUTE;

interface Kind {
  readonly id: string;
  readonly what: string;
  event(userId: string): object;
  /** Of who has not been heard of before as well. */
  readonly isAlsoNew: boolean;
  /** What has to have happened to whoever is known. */
  readonly before?: readonly ((userId: string) => object)[];
}

const track = (event: string, properties: object = {}) => ({
  ...{ type: 'track', event, properties },
});
const identify = (traits: object) => (userId: string) => ({ type: 'identify', userId, traits });

export const kinds: readonly Kind[] = [
  {
    ...{ id: 'inert', what: 'event that changes nothing', isAlsoNew: true },
    event: (userId) => ({ ...track('Looked Around', { page: 7 }), userId }),
  },
  { id: 'trait', what: 'event that moves a trait', isAlsoNew: true, event: identify({ plan: 'gold' }) },
  {
    ...{ id: 'computed', what: 'event that feeds ten computed traits', isAlsoNew: true },
    event: (userId) => ({ ...track('Order Completed', order(1)), userId }),
    before: [(userId) => ({ ...track('Order Completed', order(0)), userId })],
  },
  {
    ...{ id: 'enters', what: 'event that enters a journey that waits', isAlsoNew: true },
    event: (userId) => ({ ...track('Cart Filled'), userId }),
  },
  {
    ...{ id: 'resumes', what: 'event that resumes a run that waits for it', isAlsoNew: false },
    event: (userId) => ({ ...track('Cart Ordered'), userId }),
    before: [(userId) => ({ ...track('Cart Filled'), userId })],
  },
];

/** Waits for an event for 30 days. */
export const cartJourney = {
  ...{ schemaVersion: 1, id: 'cart', name: 'Cart', topic: 'account' },
  entry: [{ on: 'event', event: 'Cart Filled' }],
  reentry: { again: 'never', whileInside: 'ignore' },
  start: 'ordered',
  steps: {
    ordered: {
      ...{ type: 'wait-for', within: 'P30D', timeout: 'end' },
      any: [{ on: 'event', event: 'Cart Ordered', next: 'done' }],
    },
    done: { type: 'exit', reason: 'ordered' },
  },
};

export async function prepareKinds({ api, rest }: BenchCloud): Promise<void> {
  for (const one of tenComputedTraits) await api.put(`/v1/computed-traits/${one.id}`, one);
  await publish(api, cartJourney);
  await rest();
}

/** Nobody has done anything of this yet. */
const people = (group: string, count: number) => Array.from({ length: count }, (_, i) => `${group}-${i}`);

const alike = (size: number): string => (size === 1 ? '' : `, ${size} a request`);
const countOf = (size: number): number => (size === 1 ? ALONE : TOGETHER);

async function makeKnown(bench: BenchCloud, kind: Kind, users: readonly string[]): Promise<void> {
  const steps = [identify({ firstName: 'Ada' }), ...(kind.before ?? [])];
  for (const step of steps) await bench.postInTurn(users.map(step), 100);
  await bench.rest();
}

/** What enters a journey is armed a minute later. */
async function untilArmed({ cloud }: BenchCloud): Promise<void> {
  await cloud.advance(2 * MINUTE);
}

async function measureKind(bench: BenchCloud, rows: Rows, kind: Kind, isNew: boolean): Promise<void> {
  for (const size of SIZES) {
    const whose = isNew ? 'new' : 'known';
    const users = people(`${kind.id}-${whose}-${size}`, countOf(size));
    if (!isNew) await makeKnown(bench, kind, users);
    const reading = await bench.meter(async () => {
      await bench.postInTurn(
        users.map((userId) => kind.event(userId)),
        size,
      );
      await untilArmed(bench);
    });
    const what = `${kind.what}, ${whose} profile${alike(size)}`;
    rows.add(`event.${kind.id}.${whose}.${size}`, what, 'event', users.length, reading);
  }
}

/** The SDK of an app sends what one customer did. */
async function measureOneCustomer(bench: BenchCloud, rows: Rows, kind: Kind): Promise<void> {
  const users = people(`${kind.id}-apps`, 10);
  await makeKnown(bench, kind, users);
  const events = users.flatMap((userId) => Array.from({ length: 10 }, () => kind.event(userId)));
  const reading = await bench.meter(() => bench.postInTurn(events, 10));
  rows.add(
    ...([`event.${kind.id}.app.10`, `${kind.what}, ten of one known profile a request`, 'event'] as const),
    ...([events.length, reading] as const),
  );
}

async function measureRepeated(bench: BenchCloud, rows: Rows, kind: Kind, size: number): Promise<void> {
  const users = people(`${kind.id}-again-${size}`, countOf(size));
  await makeKnown(bench, kind, users);
  const timestamp = new Date(bench.cloud.now()).toISOString();
  const events = users.map((userId) => ({
    ...{ messageId: `${kind.id}-${size}-${userId}`, timestamp },
    ...kind.event(userId),
  }));
  await bench.postInTurn(events, size);
  if (size === 1) {
    const soon = await bench.meter(() => bench.postInTurn(events, size));
    rows.add(`event.${kind.id}.repeated`, `${kind.what}, sent again at once: the control`, 'event', users.length, soon);
  }
  await bench.cloud.advance(LATE);
  const late = await bench.meter(() => bench.postInTurn(events, size));
  rows.add(
    `event.${kind.id}.late.${size}`,
    `${kind.what}, sent again six minutes later${alike(size)}`,
    'event',
    users.length,
    late,
  );
}

/** Keys and the catalog are read every few seconds, however many events come. */
const ownReads = ({ byTable }: MeasuredRow): number =>
  (byTable['evaluate: Profiles']?.readUnits ?? 0) + (byTable['evaluate: Journal']?.readUnits ?? 0);

/** A kind of event is noted once in a while, however many come. */
const withoutIntake = ({ writeUnits, byTable }: MeasuredRow): number =>
  Number((writeUnits - (byTable['ingest: Intake']?.writeUnits ?? 0)).toFixed(4));

/** What one event costs, by what it does, whose it is and how many come together. */
export const eventsPart: Part = {
  name: 'events',
  count: () =>
    withCloud(async (bench) => {
      const rows = new Rows('events');
      await prepareKinds(bench);
      for (const kind of kinds) {
        for (const isNew of kind.isAlsoNew ? [true, false] : [false]) await measureKind(bench, rows, kind, isNew);
      }
      const [inert, trait] = [kinds[0]!, kinds[1]!];
      for (const kind of [inert, trait]) await measureOneCustomer(bench, rows, kind);
      for (const kind of [inert, trait]) for (const size of [1, 100]) await measureRepeated(bench, rows, kind, size);
      const of = (id: string) => rowOf(rows.rows, `event.${id}`);
      // What SQS itself throws away is not decided, and an event that moves something is written to two tables.
      const [repeated, known, together] = [of('inert.repeated'), of('inert.known.1'), of('inert.known.100')];
      mustDiffer('write units of an event against its repetition', repeated.writeUnits + 0.5, known.writeUnits);
      mustDiffer('write units of what moves something', known.writeUnits, of('trait.known.1').writeUnits);
      mustDiffer('SQS requests alone against in batches', together.fifoRequests, known.fifoRequests, 2);
      return rows.rows;
    }),
  verdicts(rows) {
    const [inert, trait] = [rowOf(rows, 'event.inert.known.1'), rowOf(rows, 'event.trait.known.1')];
    return [
      { what: 'write units of an event that changes nothing', most: 1, found: withoutIntake(inert), unit: '' },
      { what: 'write units of an event that moves a trait', most: 3, found: withoutIntake(trait), unit: '' },
      { what: 'read units of an event that moves a trait', most: 2.5, found: ownReads(trait), unit: '' },
    ];
  },
  text: (rows) => `## What an event costs, by what it does


Written by \`npm run bench:cost -- --only events\`. A row is of ${TOGETHER} events of as many customers, or of ${ALONE} where each comes alone. Each request is at rest before the next is sent. Where nothing is said, each comes alone: nothing
shares a batch, which is the most that SQS and Lambda can cost; a hundred in one request fill batches of ten.
Counted from the HTTP request until two minutes later, so a wait that is entered is armed.

${table(rows)}

The control: what is sent again within five minutes is thrown away by SQS, and must cost less than what is decided.
A repetition that comes later is decided, and found in the journal.

${unmeasured([
  "Lambda's gigabyte-seconds, logs, KMS, idle polling.",
  'How full batches are on AWS: Lambda polls a FIFO queue without a window, so how many records wait when it does depends on load. Alone and 100 a request are the two ends.',
])}
`,
};
