import type { MeterReading } from '../../local/cloud.ts';
import type { Verdict } from './budgets.ts';
import { type MeasuredRow, measured } from './measured.ts';

/** A part of `npm run bench:cost`. What it writes is made of its rows alone, so that words can change without counting again. */
export interface Part {
  readonly name: string;
  /** Rows for measured.json; throws where a control does not come out different. */
  count(): Promise<readonly MeasuredRow[]>;
  /** It has no rows of its own, and reads those of others. */
  readonly isDerived?: true;
  /** Its section of BENCHMARKS.md. */
  text(rows: readonly MeasuredRow[]): string;
  /** What it can say of the budgets. */
  verdicts?(rows: readonly MeasuredRow[]): readonly Verdict[];
  draw?(rows: readonly MeasuredRow[]): void;
}

/** Gathers the rows of one part. */
export class Rows {
  readonly rows: MeasuredRow[] = [];
  readonly #part: string;

  constructor(part: string) {
    this.#part = part;
  }

  add(id: string, what: string, per: string, count: number, reading: MeterReading, itemBytes?: number): MeasuredRow {
    const counted = measured({ id, part: this.#part, what, per, count, reading });
    const row = itemBytes === undefined ? counted : { ...counted, itemBytes };
    this.rows.push(row);
    process.stderr.write(`${this.#part}: ${what}\n`);
    return row;
  }
}

export function rowOf(rows: readonly MeasuredRow[], id: string): MeasuredRow {
  const found = rows.find((row) => row.id === id);
  if (found === undefined)
    throw new Error(`${id} has not been counted: run \`npm run bench:cost\` without --only first`);
  return found;
}
