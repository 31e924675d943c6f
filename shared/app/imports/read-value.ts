import type { Json } from '../../kernel/canonical-json.ts';
import { formatInstant } from '../../kernel/time.ts';
import { dayName } from '../../kernel/zone.ts';
import { readTimeBy } from './date-format.ts';
import { type Column, timeTargets, type ValueType } from './mapping.ts';

/** Undefined: nothing stands there. A fault says what should. */
export type ReadValue = (written: Json) => { readonly value: Json | undefined } | { readonly should: string };

const plainNumber = /^[+-]?\d+(\.\d+)?([eE][+-]?\d{1,3})?$/;
const groups = {
  '.': { grouped: /^[+-]?\d{1,3}([, \u00a0'’]\d{3})+(\.\d+)?$/, marks: /[, \u00a0'’]/g },
  ',': { grouped: /^[+-]?\d{1,3}([. \u00a0'’]\d{3})*(,\d+)?$/, marks: /[. \u00a0'’]/g },
} as const;
const truths: { readonly [text: string]: boolean } = {
  ...{ true: true, yes: true, y: true, 1: true },
  ...{ false: false, no: false, n: false, 0: false },
};

const readers: Record<ValueType, (text: string, column: Omit<Column, 'to'>) => Json | undefined> = {
  text: (text) => text,
  number(text, { decimal = '.' }) {
    const { grouped, marks } = groups[decimal];
    const digits = grouped.test(text) ? text.replace(marks, '') : text;
    const plain = decimal === ',' ? digits.replace(',', '.') : digits;
    return plainNumber.test(plain) && (decimal === '.' || !text.includes('.') || grouped.test(text))
      ? Number(plain)
      : undefined;
  },
  boolean: (text) => (Object.hasOwn(truths, text.toLowerCase()) ? truths[text.toLowerCase()] : undefined),
  time: (text, column) => {
    const at = timeReader(column)(text);
    return at === undefined ? undefined : formatInstant(at);
  },
  date: (text, column) => {
    const at = timeReader(column)(text);
    return at === undefined ? undefined : dayName(at, column.zone ?? 'UTC');
  },
  list: (text, { separator = '|' }) =>
    text
      .split(separator)
      .map((one) => one.trim())
      .filter((one) => one !== ''),
  json(text) {
    try {
      return JSON.parse(text) as Json;
    } catch {
      return undefined;
    }
  },
};

const timeReader = ({ format, zone = 'UTC' }: Omit<Column, 'to'>) => readTimeBy(format, zone) ?? (() => undefined);

/** How the values of a column are read. What is no text (NDJSON) is taken as it is, but for epoch times. */
export function readValueBy(column: Column): ReadValue {
  const type = column.type ?? (timeTargets.includes(column.to) || column.format !== undefined ? 'time' : 'text');
  const should = column.format === undefined ? type : `${type} written as ${column.format}`;
  return (written) => {
    const isEpoch = typeof written === 'number' && (type === 'time' || type === 'date');
    if (typeof written !== 'string' && !isEpoch) return { value: written };
    const text = String(written).trim();
    if (text === '') return { value: undefined };
    if (column.values !== undefined && Object.hasOwn(column.values, text)) return { value: column.values[text]! };
    const value = readers[type](text, column);
    return value === undefined ? { should } : { value };
  };
}
