import { withCloud } from '../bench-cloud.ts';
import { drawGrowth, type Growing, growthPreamble, growthTable, identify, measureTwo } from '../growth.ts';
import type { MeasuredRow } from '../measured.ts';
import { type Part, Rows, rowOf } from '../part.ts';
import { mustDiffer, unmeasured } from '../table.ts';

const EVENTS = 5;
const growing: Growing = {
  ...{ id: 'journal', what: "entries in the customer's journal", scale: 'log', part: 'growth-journal' },
  sizes: [1, 10, 100, 1_000],
};
const userId = 'customer';

const readBack = (rows: readonly MeasuredRow[], size: number): number =>
  rowOf(rows, `growth.journal.${size}.back`).byTable['evaluate: Journal']?.readUnits ?? 0;

export const growthJournalPart: Part = {
  name: growing.part,
  count: () =>
    withCloud(async (bench) => {
      const { api, meter, post, postInTurn, rest } = bench;
      const rows = new Rows(growing.part);
      await post([identify(userId)]);
      let entries = 1;
      for (const size of growing.sizes) {
        const more = Array.from({ length: Math.max(0, size - entries) }, () => ({ ...walked }));
        // An environment takes 500 events a minute of one profile.
        for (let from = 0; from < more.length; from += 400) {
          await postInTurn(more.slice(from, from + 400), 100);
          await rest();
        }
        entries = Math.max(size, entries) + 2 * EVENTS;
        await measureTwo(bench, rows, growing, size, new Array<string>(EVENTS).fill(userId));
        const id = `walked-${size}`;
        // Of more days each time: what has been counted back is there for whoever asks for as many or fewer.
        const where = `did "Walked" at least ${size + 1} times in last ${77 + growing.sizes.indexOf(size)} days`;
        const reading = await meter(async () => {
          await api.put(`/v1/segments/${id}`, { schemaVersion: 1, id, name: id, where });
          await rest();
        });
        rows.add(`growth.journal.${size}.back`, `${size} entries counted back`, 'profile', 1, reading);
      }
      const [first, last] = [growing.sizes[0]!, growing.sizes.at(-1)!];
      mustDiffer(
        'reading a journal of 1,000 entries against one',
        readBack(rows.rows, first),
        readBack(rows.rows, last),
        5,
      );
      return rows.rows;
    }),
  draw: (rows) => drawGrowth(rows, growing),
  text: (rows) => `## What an event costs when a journal is longer

${growthPreamble(growing.part, EVENTS)} The first size is of as good as none: the events that are counted are entries themselves.

${growthTable(rows, growing)}

![By entries of the journal](docs/images/growth-journal.svg)

Read units of the journal to count a segment back, by its entries: ${growing.sizes.map((size) => `${size.toLocaleString('en-US')}: ${readBack(rows, size)}`).join(', ')}.

The control: counting back must read at least five times as much of a journal of 1,000 entries as of one.

${unmeasured(['Entries by the hundred thousand, of a customer who is a machine.', 'What keeping them costs: bytes by the month.'])}
`,
};

const walked = { type: 'track', userId, event: 'Walked' };
