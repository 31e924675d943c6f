import { itemBytes, publish, withCloud } from '../bench-cloud.ts';
import { drawGrowth, type Growing, growthPreamble, growthTable, identify, measureTwo, spread } from '../growth.ts';
import type { MeasuredRow } from '../measured.ts';
import { type Part, Rows, rowOf } from '../part.ts';
import { mustDiffer, unmeasured } from '../table.ts';

const EVENTS = 5;
const part = 'growth-journeys';
const journeys: Growing = {
  ...{ id: 'journeys', what: 'journeys that wait for other events', scale: 'log', part },
  sizes: [1, 10, 100, 1_000],
};
const runs: Growing = {
  ...{ id: 'runs', what: 'runs of the customer', scale: 'linear', part },
  sizes: [1, 10, 25, 50],
};
const MOST_RUNS = runs.sizes.at(-1)!;

/** Waits for events that nobody sends; the first fifty are also entered, all at once, by as many as are counted. */
const waiting = (number: number) => ({
  ...{ schemaVersion: 1, id: `waits-${number}`, name: `Waits ${number}`, topic: 'account' },
  entry: [
    { on: 'event', event: `Never ${number}` },
    ...runs.sizes.filter((count) => number < count).map((count) => ({ on: 'event', event: `Gather ${count}` })),
  ],
  reentry: { again: 'never', whileInside: 'ignore' },
  start: 'wait',
  steps: {
    wait: {
      ...{ type: 'wait-for', within: 'P30D', timeout: 'end' },
      any: [{ on: 'event', event: `Never either ${number}`, next: 'done' }],
    },
    done: { type: 'exit', reason: 'came' },
  },
});

const bytesAt = (rows: readonly MeasuredRow[], count: number): number =>
  rowOf(rows, `growth.runs.${count}.trait`).itemBytes!;

/** The difference of the item between few runs and many. */
const bytesOfRun = (rows: readonly MeasuredRow[]): number =>
  Math.round((bytesAt(rows, MOST_RUNS) - bytesAt(rows, 1)) / (MOST_RUNS - 1));

export const growthJourneysPart: Part = {
  name: part,
  count: () =>
    withCloud(async (bench) => {
      const rows = new Rows(part);
      const { api, postInTurn, rest } = bench;
      const users = Array.from({ length: EVENTS }, (_, i) => `customer-${i}`);
      await postInTurn(users.map(identify), 100);
      let published = 0;
      const grow = async (to: number) => {
        for (; published < to; published++) await publish(api, waiting(published));
        await rest();
      };
      for (const size of [...journeys.sizes, MOST_RUNS].sort((a, b) => a - b)) {
        await grow(size);
        if (size !== MOST_RUNS) {
          await measureTwo(bench, rows, journeys, size, users);
          continue;
        }
        for (const count of runs.sizes) {
          const inside = users.map((userId) => `inside-${count}-${userId}`);
          await postInTurn(inside.map(identify), 100);
          await postInTurn(
            inside.map((userId) => ({ type: 'track', userId, event: `Gather ${count}` })),
            100,
          );
          await rest();
          // What the entering left to perform is certified, and lies in the item until something else moves it.
          await postInTurn(
            inside.map((userId) => ({ type: 'identify', userId, traits: { plan: 'silver' } })),
            100,
          );
          await measureTwo(bench, rows, runs, count, inside, await itemBytes(bench, inside[0]!));
        }
      }
      mustDiffer(
        ...(['a trait moved beside 50 runs against one', rowOf(rows.rows, 'growth.runs.1.trait').writeUnits] as const),
        rowOf(rows.rows, `growth.runs.${MOST_RUNS}.trait`).writeUnits,
      );
      return rows.rows;
    }),
  verdicts: (rows) => [
    { what: 'growth of an event, 1 to 1,000 journeys', most: 5, found: spread(rows, journeys), unit: '%' },
    { what: 'a waiting run in the item of its profile', most: 250, found: bytesOfRun(rows), unit: 'bytes' },
  ],
  draw(rows) {
    drawGrowth(rows, journeys);
    drawGrowth(rows, runs);
  },
  text: (rows) => `## What an event costs when there are more journeys, and more runs

${growthPreamble(part, EVENTS)}

${growthTable(rows, journeys)}

![By journeys](docs/images/growth-journeys.svg)

${growthTable(rows, runs)}

![By runs](docs/images/growth-runs.svg)

Bytes of the profile's item, by its runs: ${runs.sizes.map((count) => `${count}: ${bytesAt(rows, count).toLocaleString('en-US')}`).join(', ')}. A run that waits for an event is ${bytesOfRun(rows)} bytes of it.

The control: a trait that is moved beside ${MOST_RUNS} runs must write more than beside one, since the item is written as a whole.

${unmeasured([
  'CPU, which grows with what an event is compared with: `npm run bench:segments`.',
  'What publishing a journey costs, and that a container reads a larger catalog at its start.',
])}
`,
};
