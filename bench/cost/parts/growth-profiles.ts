import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAY, profilesTable, withCloud } from '../bench-cloud.ts';
import { drawGrowth, type Growing, growthPreamble, growthTable, identify, measureTwo, spread } from '../growth.ts';
import { MadeUpProfiles, madeUp } from '../made-up-profiles.ts';
import { type Part, Rows, rowOf } from '../part.ts';
import { mustDiffer, unmeasured } from '../table.ts';

const EVENTS = 5;
const REAL = 100;
const growing: Growing = {
  ...{ id: 'profiles', what: 'profiles in the table', scale: 'log', part: 'growth-profiles' },
  sizes: [1_000, 10_000, 100_000, 1_000_000],
};

export const growthProfilesPart: Part = {
  name: growing.part,
  async count() {
    const rows = new Rows(growing.part);
    const dataDir = mkdtempSync(join(tmpdir(), 'godwit-bench-'));
    try {
      await withCloud(
        async (bench) => {
          const { cloud, meter, postInTurn } = bench;
          await cloud.advance(DAY);
          const empty = await meter(() => cloud.advance(DAY));
          rows.add('growth.day.0', 'a day with nobody', 'day', 1, empty);
          await postInTurn(
            Array.from({ length: REAL }, (_, i) => identify(`pattern-${i}`)),
            100,
          );
          await cloud.advance(DAY);
          const full = await meter(() => cloud.advance(DAY));
          rows.add(`growth.day.${REAL}`, `a day with ${REAL} profiles`, 'day', 1, full);
          mustDiffer('read units of a day with profiles against one without', empty.readUnits, full.readUnits);

          const made = new MadeUpProfiles(dataDir, profilesTable(bench), 'pattern-0');
          try {
            for (const size of growing.sizes) {
              const from = made.count();
              made.add(from, size);
              if (made.count() !== size) throw new Error(`the table has ${made.count()} profiles, not ${size}`);
              const users = Array.from({ length: EVENTS }, (_, i) =>
                madeUp(from + Math.floor(((size - from) * (i + 0.5)) / EVENTS)),
              );
              await measureTwo(bench, rows, growing, size, users);
            }
          } finally {
            made.close();
          }
        },
        { dataDir },
      );
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
    return rows.rows;
  },
  verdicts: (rows) => [
    { what: 'growth of an event, 1,000 to 1,000,000 profiles', most: 5, found: spread(rows, growing), unit: '%' },
  ],
  draw: (rows) => drawGrowth(rows, growing),
  text: (rows) => `## What an event costs when there are more profiles

${growthPreamble(growing.part, EVENTS)}

${growthTable(rows, growing)}

![By profiles](docs/images/growth-profiles.svg)

Profiles beyond the first ${REAL} are copies of one of them, written into the emulator's own file; the events are of copies. The
first event of a copy also certifies what its pattern's last change left to certify, which is one write unit of those that change nothing.

The control: the daily jobs, which look at everybody, must read more with ${REAL} profiles (${rowOf(rows, `growth.day.${REAL}`).readUnits} units a day) than with none (${rowOf(rows, 'growth.day.0').readUnits}).

${unmeasured([
  "DynamoDB's partitions, and whatever a real table does as it grows: an emulator on one machine finds an item by its key at any size. That the code asks for nothing else is what is counted here.",
  'The jobs that look at everybody, which grow with the profiles: part `jobs`.',
])}
`,
};
