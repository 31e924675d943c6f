import { gzipSync } from 'node:zlib';
import type { ImportKind, Mapping } from '../../../shared/app/imports/mapping.ts';
import { openRows, type ReadFile, type Row } from '../../../shared/app/imports/open-rows.ts';
import type { Place } from '../../../shared/app/imports/raw-rows.ts';

/** A file of these bytes, which come in chunks of `size`. */
export const fileOf = (text: string | Buffer, size = 7): ReadFile =>
  async function* (from) {
    const bytes = Buffer.from(text);
    for (let at = from; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  };

export const packed = (text: string) => fileOf(gzipSync(text), 5);

export async function rowsOf(file: ReadFile, kind: ImportKind = 'events', mapping: Mapping = {}, from?: Place) {
  const rows: Row[] = [];
  for await (const row of (await openRows(kind, mapping, file)).rows(from)) rows.push(row);
  return rows;
}

/** `line what` of each row: its object, or the codes of its faults. */
export const told = (rows: readonly Row[]) =>
  rows.map(({ line, object, faults }) => [
    line,
    object ?? faults!.map(({ code, pointer }) => `${code} ${pointer}`.trim()),
  ]);
