import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { Json } from '../../shared/kernel/canonical-json.ts';
import { UnreadableFile } from '../folder/documents.ts';
import { NotCsv, readCsv } from './read-csv.ts';

/** One customer to enrol, as the API takes it, and the line that says so. */
export interface Customer {
  readonly line: number;
  readonly request: {
    readonly id: string;
    readonly idType?: string;
    readonly key?: string;
    readonly traits?: Readonly<Record<string, Json>>;
    readonly properties?: Readonly<Record<string, Json>>;
  };
}

/** Property → type, as the journey's API entry declares it. */
export type DeclaredTypes = Readonly<Record<string, string>>;

const types = ['string', 'number', 'boolean', 'instant', 'object', 'list'];
const columnForms =
  'id, idType, key, traits.NAME, properties.NAME, with :number, :boolean, :object or :list behind a name';

/**
 * CSV, with the columns id, idType, key, traits.NAME and properties.NAME; or one JSON object per line, as the API takes
 * them. A cell is text, unless its column says `properties.total:number` or the journey declares the property; an empty
 * cell is nothing.
 */
export function readCustomers(path: string, file: string, declared: DeclaredTypes): Customer[] {
  const text = readFileSync(path, 'utf8');
  if (extname(file) === '.csv') return fromCsv(text, file, declared);
  if (/^\.(ndjson|jsonl)$/.test(extname(file))) return fromLines(text, file);
  throw new UnreadableFile(file, 'neither .csv nor .ndjson', { fix: 'name it by what it holds' });
}

function fromLines(text: string, file: string): Customer[] {
  return text.split('\n').flatMap((written, index) => {
    if (written.trim() === '') return [];
    const line = index + 1;
    try {
      const request = JSON.parse(written) as Customer['request'];
      if (typeof request?.id === 'string' && request.id !== '') return [{ line, request }];
    } catch {
      // The parser's words quote the line, which is a customer's data.
    }
    throw new UnreadableFile(file, 'not a JSON object with an id', { place: { line, column: 1 } });
  });
}

type Cell = (text: string, line: number) => { readonly path: readonly string[]; readonly value: Json };

function fromCsv(text: string, file: string, declared: DeclaredTypes): Customer[] {
  let records: ReturnType<typeof readCsv>;
  try {
    records = readCsv(text);
  } catch (error) {
    if (!(error instanceof NotCsv)) throw error;
    throw new UnreadableFile(file, `not CSV: ${error.message}`, { place: { line: error.line, column: 1 } });
  }
  const [head, ...rows] = records;
  if (head === undefined) throw new UnreadableFile(file, 'empty', { fix: 'the first line names the columns' });
  const columns = head.cells.map((name, index) => columnOf(name.trim(), index, file, declared));
  if (!head.cells.some((name) => name.trim() === 'id')) {
    throw new UnreadableFile(file, 'no column is called id', {
      place: { line: 1, column: 1 },
      fix: `columns are ${columnForms}`,
    });
  }
  return rows.map(({ line, cells }) => {
    if (cells.length !== columns.length) {
      const detail = `${cells.length} cells, and there are ${columns.length} columns`;
      throw new UnreadableFile(file, detail, { place: { line, column: 1 } });
    }
    const request: Record<string, Json | Record<string, Json>> = {};
    for (const [index, cell] of cells.entries()) {
      if (cell === '') continue;
      const { path, value } = columns[index]!(cell, line);
      const [first, name] = path as [string, string?];
      if (name === undefined) request[first] = value;
      else request[first] = { ...(request[first] as Record<string, Json> | undefined), [name]: value };
    }
    if (request['id'] === undefined) throw new UnreadableFile(file, 'no id', { place: { line, column: 1 } });
    return { line, request: request as unknown as Customer['request'] };
  });
}

function columnOf(written: string, index: number, file: string, declared: DeclaredTypes): Cell {
  const [, name, said] = /^(.*?)(?::([a-z]+))?$/.exec(written)!;
  const dot = name!.indexOf('.');
  const path = dot < 0 ? [name!] : [name!.slice(0, dot), name!.slice(dot + 1)];
  const isPlain = path.length === 1 && ['id', 'idType', 'key'].includes(name!) && said === undefined;
  const isNested = path.length === 2 && path[1] !== '' && (path[0] === 'traits' || path[0] === 'properties');
  if ((!isPlain && !isNested) || (said !== undefined && !types.includes(said))) {
    const detail = `column ${index + 1} is called ${JSON.stringify(written.slice(0, 100))}`;
    throw new UnreadableFile(file, detail, { place: { line: 1, column: 1 }, fix: `columns are ${columnForms}` });
  }
  const type = said ?? (path[0] === 'properties' && Object.hasOwn(declared, path[1]!) ? declared[path[1]!]! : 'string');
  return (text, line) => {
    const value = cellValue(text, type);
    // The cell itself is a customer's: only what it should be is said.
    if (value === undefined) throw new UnreadableFile(file, `${name}: not a ${type}`, { place: { line, column: 1 } });
    return { path, value };
  };
}

function cellValue(text: string, type: string): Json | undefined {
  if (type === 'string' || type === 'instant') return text;
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined;
  if (type === 'number') return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined;
  try {
    const value = JSON.parse(text) as Json;
    if (type === 'list') return Array.isArray(value) ? value : undefined;
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
