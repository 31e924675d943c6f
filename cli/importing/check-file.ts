import { createReadStream } from 'node:fs';
import type { ImportKind, Mapping } from '../../shared/app/imports/mapping.ts';
import { openRows, type ReadFile } from '../../shared/app/imports/open-rows.ts';
import type { RowFault } from '../../shared/app/imports/raw-rows.ts';
import { tellRow } from '../../shared/app/imports/tell-row.ts';

export interface BadRow {
  readonly line: number;
  readonly errors: readonly RowFault[];
}

export interface Checked {
  readonly rows: number;
  readonly rejected: readonly BadRow[];
  /** The first rows as they would be. */
  readonly first: readonly unknown[];
  readonly format: 'csv' | 'ndjson';
}

const SHOWN = 3;

export const fileOnDisk =
  (path: string): ReadFile =>
  (start) =>
    createReadStream(path, { start, highWaterMark: 1024 * 1024 });

/** What an import would do with a file, without asking anybody: which rows it would leave out, and why. */
export async function checkFile(path: string, kind: ImportKind, mapping: Mapping, now: number): Promise<Checked> {
  const source = await openRows(kind, mapping, fileOnDisk(path));
  const context = { job: 'check', at: now, quiet: true };
  const rejected: BadRow[] = [];
  const first: unknown[] = [];
  let rows = 0;
  for await (const { line, object, faults } of source.rows()) {
    rows += 1;
    const said = object === undefined ? (faults ?? []) : tellRow[kind](object, line, context);
    if (Array.isArray(said)) rejected.push({ line, errors: said as readonly RowFault[] });
    else if (first.length < SHOWN) first.push(object);
  }
  return { rows, rejected, first, format: source.format };
}
