import { fiftyTouched, MEMBER_OF, order, tenComputedTraits, untouched } from '../../commerce-catalog.ts';
import { writePlot } from '../../plot/write-plot.ts';
import { type BenchCloud, withCloud } from '../bench-cloud.ts';
import type { MeasuredRow } from '../measured.ts';
import { type Part, Rows, rowOf } from '../part.ts';
import { mustDiffer, table, unmeasured } from '../table.ts';

/** The last is the most live segments of an environment. */
const SIZES = [0, 1, 10, 50, 100, 1_000] as const;
const CUSTOMERS = 10;
const ORDERS_BEFORE = 4;
const all = [...fiftyTouched, ...untouched(1_000 - fiftyTouched.length)];

const customers = Array.from({ length: CUSTOMERS }, (_, i) => `customer-${i}`);
let orders = 0;
const ordered = ({ postInTurn }: BenchCloud, users = customers, size = 1, number = orders++) =>
  postInTurn(
    users.map((userId) => ({ type: 'track', userId, event: 'Order Completed', properties: order(number) })),
    size,
  );

/** What events cost beside live segments. What saving a segment costs, which is told to every profile once, is not in it. */
export const segmentsPart: Part = {
  name: 'segments',
  count: () =>
    withCloud(async (bench) => {
      const rows = new Rows('segments');
      const { api, meter, postInTurn, rest } = bench;
      for (const one of tenComputedTraits) await api.put(`/v1/computed-traits/${one.id}`, one);
      await rest();
      for (let i = 0; i < ORDERS_BEFORE; i++) await ordered(bench, customers, CUSTOMERS);
      let saved = 0;
      for (const size of SIZES) {
        for (; saved < size; saved++) await api.put(`/v1/segments/${all[saved]!.id}`, all[saved]);
        await rest();
        // Crosses whatever it crosses, and is not counted.
        await ordered(bench, customers, CUSTOMERS);
        const count = size.toLocaleString('en-US');
        rows.add(
          ...([`segments.${size}.computed`, `${count} live segments: feeds ten computed traits`, 'event'] as const),
          ...([CUSTOMERS, await meter(() => ordered(bench))] as const),
        );
        const strolled = (userId: string) => ({ type: 'track', userId, event: `Strolled ${size}` });
        rows.add(
          ...([`segments.${size}.inert`, `${count} live segments: changes nothing`, 'event'] as const),
          ...([CUSTOMERS, await meter(() => postInTurn(customers.map(strolled)))] as const),
        );
      }
      const strangers = customers.map((userId) => `new-${userId}`);
      const introduced = strangers.map((userId) => ({
        ...{ type: 'identify', userId, traits: { firstName: 'Ada', email: `${userId}@mail.example` } },
      }));
      rows.add(
        ...([
          'segments.1000.new',
          '1,000 live segments: a new profile with name and e-mail',
          'event',
          CUSTOMERS,
        ] as const),
        await meter(() => postInTurn(introduced)),
      );
      const entered = rows.add(
        ...([
          'segments.1000.entered',
          `1,000 live segments: first order, ${MEMBER_OF} entered`,
          'event',
          CUSTOMERS,
        ] as const),
        await meter(() => ordered(bench, strangers, 1, 0)),
      );
      const fed = rowOf(rows.rows, `segments.${SIZES.at(-1)}.computed`);
      mustDiffer('write units of entering segments against none', fed.writeUnits, entered.writeUnits);
      return rows.rows;
    }),
  draw(rows) {
    const points = (kind: string) =>
      SIZES.filter((size) => size > 0).map(
        (size) => [size, rowOf(rows, `segments.${size}.${kind}`).dollarsPerMillion] as const,
      );
    writePlot('growth-segments', {
      title: 'What an event costs, by live segments',
      caption:
        'npm run bench:cost -- --only segments. Counted on the local cloud, each event alone; without gigabyte-seconds.',
      x: { label: 'live segments', scale: 'log' },
      y: { label: 'dollars per million events', unit: 'us-east-1', scale: 'linear', from: 0 },
      series: [
        { name: 'feeds ten computed traits', points: points('computed') },
        { name: 'changes nothing', points: points('inert') },
      ],
    });
  },
  text: (rows) => render(rows),
};

const render = (rows: readonly MeasuredRow[]): string => `## Computed traits and live segments

Written by \`npm run bench:cost -- --only segments\`. ${CUSTOMERS} customers, each event alone. Up to 50 of the segments ask for what the event moves, and no event of the first
rows crosses one; the others ask for traits that nobody has.

${table(rows)}

![By live segments](docs/images/growth-segments.svg)

The control: entering ${MEMBER_OF} segments must cost more than entering none.

${unmeasured([
  'What saving a segment costs, which is told to every profile once: part `jobs`.',
  'The CPU of evaluating them: `npm run bench:segments`.',
])}
`;
