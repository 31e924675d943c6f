import { isUtf8 } from 'node:buffer';
import { readCells, UNCLOSED_QUOTE } from '../../kernel/csv.ts';

/** Where a row begins: bytes of the (unpacked) file before it, and its line from 1. */
export interface Place {
  readonly offset: number;
  readonly line: number;
}

/** Why a row is left out. Names, limits and sizes; never a value of the row. */
export interface RowFault {
  /** Stable dotted code: `row.too-large`, `row.json`, `id.missing` … */
  readonly code: string;
  readonly detail: string;
  /** The column, or a JSON pointer into the object that the row becomes; '' is the row. */
  readonly pointer: string;
  readonly limit?: string | number;
  readonly actual?: string | number;
}

/** One row as it stands there. */
export interface RawRow {
  readonly line: number;
  /** Where the next one begins. */
  readonly next: Place;
  readonly text?: string;
  /** Of CSV. */
  readonly cells?: readonly string[];
  readonly fault?: RowFault;
}

export interface RowForm {
  readonly format: 'csv' | 'ndjson';
  /** Of CSV. */
  readonly delimiter: string;
  readonly encoding: 'utf-8' | 'latin1';
}

/** Twice what an event may have: its JSON escapes, CSV quotes. */
export const MAX_ROW_BYTES = 64 * 1024;
/** Line breaks inside the quotes of one record. */
const MAX_ROW_LINES = 1_000;

interface Line {
  /** Without its end; undefined: longer than a row may be. */
  readonly bytes: Buffer | undefined;
  /** With its end. */
  readonly length: number;
}

/**
 * The rows of a file as it streams by, from a place where one begins.
 *
 * 1. A row that is broken costs no other one: behind an open quote it goes on with the next line.
 * 2. It holds a chunk and a row at a time, however large the file is.
 * 3. Lines without anything are no rows. LF and CRLF end a line; a byte order mark is no part of the first.
 */
export async function* readRows(
  chunks: AsyncIterable<Buffer>,
  { format, delimiter, encoding }: RowForm,
  from: Place,
): AsyncGenerator<RawRow> {
  const source = readLines(chunks);
  const again: Line[] = [];
  const nextLine = async () => again.shift() ?? (await source.next()).value;
  let { offset, line } = from;
  for (let first = await nextLine(); first !== undefined; first = await nextLine()) {
    const lines = [first];
    let read = decode(first, encoding, offset === 0);
    let cells: ReturnType<typeof readCells> = [];
    if (format === 'csv' && 'text' in read) {
      cells = readCells(read.text, delimiter);
      while (cells === 'open') {
        const more = await nextLine();
        if (more !== undefined) lines.push(more);
        const bytes = lines.reduce((sum, one) => sum + one.length, 0);
        if (more === undefined || bytes > MAX_ROW_BYTES || lines.length > MAX_ROW_LINES) break;
        const below = decode(more, encoding, false);
        read = 'text' in below ? { text: `${read.text}\n${below.text}` } : below;
        if (!('text' in read)) break;
        if ('text' in below && below.text.includes('"')) cells = readCells(read.text, delimiter);
      }
    }
    const detail = cells === 'open' ? UNCLOSED_QUOTE : 'fault' in cells ? cells.fault : undefined;
    const fault = 'text' in read ? (detail === undefined ? undefined : csvFault(detail)) : read;
    // What stands below a fault is read by itself.
    if (fault !== undefined) again.unshift(...lines.splice(1));
    const began = line;
    offset += lines.reduce((sum, one) => sum + one.length, 0);
    line += lines.length;
    const next = { offset, line };
    if (fault !== undefined) yield { line: began, next, fault };
    else if ('text' in read && read.text !== '') {
      yield { line: began, next, text: read.text, ...(format === 'csv' && { cells: cells as string[] }) };
    }
  }
}

const csvFault = (detail: string): RowFault => ({ code: 'row.csv', detail, pointer: '' });

function decode(
  { bytes, length }: Line,
  encoding: RowForm['encoding'],
  isFirst: boolean,
): { readonly text: string } | RowFault {
  if (bytes === undefined) {
    const detail = `a row has at most ${MAX_ROW_BYTES} bytes`;
    return { code: 'row.too-large', detail, pointer: '', limit: MAX_ROW_BYTES, actual: length };
  }
  if (encoding === 'utf-8' && !isUtf8(bytes)) {
    return { code: 'row.encoding', detail: 'not UTF-8; say encoding: latin1 if it is', pointer: '', limit: 'UTF-8' };
  }
  const text = bytes.toString(encoding).replace(/\r$/, '');
  return { text: isFirst ? text.replace(/^\ufeff/, '') : text };
}

async function* readLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  let dropped = 0;
  for await (const chunk of chunks) {
    const buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (let end = buffer.indexOf(10); end >= 0; end = buffer.indexOf(10, at)) {
      yield lineOf(buffer.subarray(at, end), dropped, 1);
      dropped = 0;
      at = end + 1;
    }
    rest = buffer.subarray(at);
    if (rest.length <= MAX_ROW_BYTES) continue;
    dropped += rest.length;
    rest = Buffer.alloc(0);
  }
  if (dropped + rest.length > 0) yield lineOf(rest, dropped, 0);
  return undefined;
}

const lineOf = (bytes: Buffer, dropped: number, end: number): Line => ({
  bytes: dropped + bytes.length > MAX_ROW_BYTES ? undefined : bytes,
  length: dropped + bytes.length + end,
});
