import { readFileSync, writeFileSync } from 'node:fs';
import type { MeasuredRow } from './measured.ts';
import { rowOf } from './part.ts';

const file = new URL('./measured.json', import.meta.url);

interface Measured {
  /** The day of the newest of them. */
  readonly at: string;
  readonly rows: readonly MeasuredRow[];
}

export const readMeasured = (): Measured => JSON.parse(readFileSync(file, 'utf8')) as Measured;

/** What has been counted before, by whichever part; a part that stands beside others' figures reads them here. */
export function countedBefore(id: string): MeasuredRow {
  return rowOf(readMeasured().rows, id);
}

/** In the order of the parts, so that a part that is run again leaves the others where they were. */
export function keep(part: string, rows: readonly MeasuredRow[], order: readonly string[], at: string): void {
  const all = [...readMeasured().rows.filter((row) => row.part !== part), ...rows];
  const sorted = order.flatMap((name) => all.filter((row) => row.part === name));
  writeFileSync(file, asText({ at, rows: sorted }));
}

export function asText({ at, rows }: Measured): string {
  return `{\n  "at": "${at}",\n  "rows": [\n${rows.map((row) => `    ${JSON.stringify(row)}`).join(',\n')}\n  ]\n}\n`;
}
