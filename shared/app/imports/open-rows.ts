import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InvalidInput, Permanent } from '../../kernel/errors.ts';
import type { ImportKind, Mapping } from './mapping.ts';
import { MAX_ROW_BYTES, type Place, type RawRow, type RowFault, type RowForm, readRows } from './raw-rows.ts';
import { type RowObject, rowReader } from './row-reader.ts';

/** The bytes of a file as it lies there, from an offset to its end. */
export type ReadFile = (from: number) => AsyncIterable<Buffer>;

export interface Row {
  readonly line: number;
  readonly next: Place;
  /** As it stands there; absent where it could not be read at all. */
  readonly text?: string;
  /** The object that it says, or why it says none. */
  readonly object?: RowObject;
  readonly faults?: readonly RowFault[];
}

export interface OpenRows {
  readonly format: RowForm['format'];
  readonly isGzip: boolean;
  /** Of CSV. */
  readonly header?: readonly string[];
  rows(from?: Place): AsyncGenerator<Row>;
}

const START: Place = { offset: 0, line: 1 };

/**
 * Opens a file of rows: packed or not, CSV or NDJSON, as its first bytes and its mapping say. The same for the command
 * that only looks, and for the job that imports.
 * Throws InvalidInput when there is nothing in it, or mapping and header do not fit.
 */
export async function openRows(kind: ImportKind, mapping: Mapping, readFile: ReadFile): Promise<OpenRows> {
  const isGzip = await beginsAsGzip(readFile);
  const chunks = (from: number) => (isGzip ? skip(unpack(readFile(0)), from) : readFile(from));
  const { encoding = 'utf-8' } = mapping;
  const first = await firstRow(chunks(0), { format: 'ndjson', delimiter: '', encoding });
  if (first === undefined) throw new InvalidInput('import.empty', 'there is nothing in the file');
  const format = mapping.format ?? (/^\s*[{[]/.test(first.text ?? '') ? 'ndjson' : 'csv');
  const delimiter = delimiterOf(mapping, first.text ?? '');
  const form: RowForm = { format, delimiter, encoding };
  const head = format === 'csv' ? await firstRow(chunks(0), form) : undefined;
  if (head?.fault !== undefined) {
    const { code, detail } = head.fault;
    throw new InvalidInput('import.header', `the first line is no header: ${detail}`, [{ pointer: '', code, detail }]);
  }
  const read = rowReader(kind, mapping, head?.cells);
  const begin = head?.next ?? START;
  return {
    format,
    isGzip,
    ...(head?.cells !== undefined && { header: head.cells }),
    async *rows(from = begin) {
      for await (const raw of readRows(chunks(from.offset), form, from)) {
        const made = read(raw);
        const { line, next, text } = raw;
        const said = Array.isArray(made) ? { faults: made as readonly RowFault[] } : { object: made as RowObject };
        yield { line, next, ...(text !== undefined && { text }), ...said };
      }
    },
  };
}

async function beginsAsGzip(readFile: ReadFile): Promise<boolean> {
  for await (const chunk of readFile(0)) return chunk[0] === 0x1f && chunk[1] === 0x8b;
  return false;
}

async function firstRow(chunks: AsyncIterable<Buffer>, form: RowForm): Promise<RawRow | undefined> {
  for await (const row of readRows(chunks, form, START)) return row;
  return undefined;
}

const delimiters = [',', ';', '\t', '|'];

/** The one that the first line has most of, outside quotes. */
function delimiterOf({ delimiter }: Mapping, header: string): string {
  if (delimiter !== undefined) return delimiter === 'tab' ? '\t' : delimiter;
  const bare = header.replaceAll(/"[^"]*"/g, '');
  const counts = delimiters.map((one) => bare.split(one).length);
  return delimiters[counts.indexOf(Math.max(...counts))]!;
}

async function* unpack(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 4 * MAX_ROW_BYTES });
  pipeline(Readable.from(packed), gunzip, () => undefined);
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } catch (error) {
    const code = (error as { readonly code?: unknown }).code;
    if (typeof code === 'string' && code.startsWith('Z_'))
      throw new Permanent('import.gzip', 'the gzip file is broken');
    throw error;
  } finally {
    gunzip.destroy();
  }
}

async function* skip(chunks: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of chunks) {
    if (left < chunk.length) yield left === 0 ? chunk : chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}
