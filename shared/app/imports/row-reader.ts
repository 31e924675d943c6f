import type { Json } from '../../kernel/canonical-json.ts';
import { didYouMean } from '../../kernel/did-you-mean.ts';
import { dig } from '../../kernel/dig.ts';
import { InvalidInput, type Problem } from '../../kernel/errors.ts';
import {
  type Column,
  type ImportKind,
  type Mapping,
  readTarget,
  targetForms,
  type ValueType,
  valueTypes,
} from './mapping.ts';
import type { RawRow, RowFault } from './raw-rows.ts';
import { type ReadValue, readValueBy } from './read-value.ts';

export type RowObject = { readonly [field: string]: Json };

/** The object that a row says. */
export type ReadRow = (row: RawRow) => RowObject | readonly RowFault[];

interface Way {
  readonly column: string;
  readonly from: (row: RowObject, cells: readonly string[]) => Json | undefined;
  readonly path: readonly string[];
  readonly read: ReadValue;
}

/**
 * How the rows of a file become objects, by its mapping; of CSV by its header too. Without a mapping the columns of CSV
 * are called what they are for, `traits.age:number`, and NDJSON has the objects themselves.
 * Throws InvalidInput with all that is wrong with the mapping or the header.
 */
export function rowReader(kind: ImportKind, mapping: Mapping, header: readonly string[] | undefined): ReadRow {
  const problems: Problem[] = [];
  const columns = mapping.columns ?? (header === undefined ? undefined : ownColumns(header, problems));
  const ways = Object.entries(columns ?? {}).flatMap(([column, rule]) => {
    const path = readTarget(kind, rule.to);
    if (path === undefined) problems.push(noTarget(kind, column, rule.to));
    const at = header?.findIndex((name) => name.trim() === column);
    if (at === -1) problems.push(noColumn(column, header!));
    if (header?.filter((name) => name.trim() === column).length === 2) problems.push(twice(column));
    const steps = column.split('.');
    const from: Way['from'] = at === undefined ? (row) => dig(row, steps) : (_row, cells) => cells[at];
    return path === undefined ? [] : [{ column, from, path, read: readValueBy(rule) }];
  });
  const constants = Object.entries(mapping.constants ?? {}).flatMap(([target, value]) => {
    const path = readTarget(kind, target);
    if (path === undefined) problems.push(noTarget(kind, target, target));
    return path === undefined ? [] : [{ path, value }];
  });
  if (problems.length > 0) {
    const [first] = problems as [Problem, ...Problem[]];
    throw new InvalidInput(first.code, `${first.pointer}: ${first.detail}`, problems.slice(0, 100), 'invalid');
  }

  return (row) => {
    if (row.fault !== undefined) return [row.fault];
    const { cells = [] } = row;
    if (header !== undefined && cells.length !== header.length) {
      const detail = `${cells.length} cells, and there are ${header.length} columns`;
      return [{ code: 'row.cells', detail, pointer: '', limit: header.length, actual: cells.length }];
    }
    const source = header === undefined ? parseObject(row.text!) : {};
    if (source === undefined) return [{ code: 'row.json', detail: 'not a JSON object', pointer: '', limit: 'object' }];
    const faults: RowFault[] = [];
    const made: { [field: string]: Json } = columns === undefined ? { ...source } : {};
    for (const { column, from, path, read } of ways) {
      const written = from(source, cells);
      if (written === undefined || written === null) continue;
      const result = read(written);
      if ('should' in result) {
        const actual = typeof written === 'string' ? `${written.length} characters` : typeof written;
        faults.push({
          code: 'row.value',
          detail: `not a ${result.should}`,
          pointer: column,
          limit: result.should,
          actual,
        });
      } else if (result.value !== undefined && !put(made, path, result.value)) {
        faults.push({ code: 'row.path', detail: 'a value stands where others should lie below', pointer: column });
      }
    }
    for (const { path, value } of constants) if (dig(made, path) === undefined) put(made, path, value);
    return faults.length > 0 ? faults : made;
  };
}

/** `traits.age:number` is for traits.age, a number. */
function ownColumns(header: readonly string[], problems: Problem[]): { readonly [column: string]: Column } {
  const columns: { [column: string]: Column } = {};
  for (const written of header.map((name) => name.trim())) {
    const [, to, type] = /^(.*?)(?::([a-z]+))?$/.exec(written)!;
    if (type !== undefined && !valueTypes.includes(type as ValueType)) {
      const detail = 'no such type';
      problems.push({ pointer: written, code: 'import.column-type', detail, limit: valueTypes.join(', ') });
      continue;
    }
    if (Object.hasOwn(columns, written)) problems.push(twice(written));
    columns[written] = { to: to!, ...(type !== undefined && { type: type as ValueType }) };
  }
  return columns;
}

const twice = (column: string): Problem => ({
  pointer: column.slice(0, 200),
  code: 'import.column-twice',
  detail: 'two columns have this name',
});

function noTarget(kind: ImportKind, column: string, target: string): Problem {
  const meant = didYouMean(target, [...targetForms(kind).split(', ')]);
  const fix = meant === undefined ? 'name it so, or say in a mapping what it is' : `did you mean ${meant}?`;
  const detail = `${kind} have no ${target.slice(0, 100)}`;
  return { pointer: column.slice(0, 200), code: 'import.column', detail, limit: targetForms(kind), fix };
}

function noColumn(column: string, header: readonly string[]): Problem {
  const meant = didYouMean(
    column,
    header.map((name) => name.trim()),
  );
  const fix = meant === undefined ? {} : { fix: `did you mean ${meant}?` };
  return { pointer: column, code: 'import.column-missing', detail: 'the file has no such column', ...fix };
}

function parseObject(text: string): RowObject | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as RowObject) : undefined;
  } catch {
    return undefined;
  }
}

/** False when something that is no object stands in its way. */
function put(into: { [field: string]: Json }, path: readonly string[], value: Json): boolean {
  let node = into;
  for (const name of path.slice(0, -1)) {
    const below = Object.hasOwn(node, name) ? node[name] : undefined;
    if (below !== undefined && (below === null || typeof below !== 'object' || Array.isArray(below))) return false;
    const copy = { ...(below as { [field: string]: Json } | undefined) };
    node[name] = copy;
    node = copy;
  }
  node[path.at(-1)!] = value;
  return true;
}
