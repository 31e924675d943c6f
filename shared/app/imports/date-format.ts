import { parseCalendarDay, parseClientInstant, SECOND_MS } from '../../kernel/time.ts';
import { atLocal } from '../../kernel/zone.ts';

/** What stands for what in a format, and the part that it is. */
const tokens = {
  yyyy: ['year', '\\d{4}'],
  MM: ['month', '\\d{2}'],
  M: ['month', '\\d{1,2}'],
  dd: ['day', '\\d{2}'],
  d: ['day', '\\d{1,2}'],
  HH: ['hour', '\\d{2}'],
  H: ['hour', '\\d{1,2}'],
  hh: ['hour12', '\\d{2}'],
  h: ['hour12', '\\d{1,2}'],
  mm: ['minute', '\\d{2}'],
  ss: ['second', '\\d{2}'],
  SSS: ['milli', '\\d{3}'],
  a: ['half', '[AaPp][Mm]'],
} as const;
const token = /yyyy|MM|M|dd|d|HH|H|hh|h|mm|ss|SSS|a/g;

/** Epoch milliseconds; undefined: not written like this. */
export type ReadTime = (text: string) => number | undefined;

/** How times are written in a column. */
export const DATE_FORMATS =
  'epoch-s, epoch-ms, or of yyyy MM M dd d HH H hh h a mm ss SSS with the rest as it stands, at least a year, a month and a day';

/**
 * ISO 8601 where there is no format. What is written without an offset is the wall clock of `zone`. Undefined: no
 * such format.
 */
export function readTimeBy(format: string | undefined, zone: string): ReadTime | undefined {
  if (format === undefined) return (text) => readIso(text, zone);
  if (format === 'epoch-s' || format === 'epoch-ms') {
    const factor = format === 'epoch-s' ? SECOND_MS : 1;
    return (text) => (/^-?\d{1,13}(\.\d+)?$/.test(text) ? Math.trunc(Number(text) * factor) : undefined);
  }
  const parts: (typeof tokens)[keyof typeof tokens][0][] = [];
  const source = format.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&').replace(token, (word) => {
    const [part, pattern] = tokens[word as keyof typeof tokens];
    parts.push(part);
    return `(${pattern})`;
  });
  const isWhole = (['year', 'month', 'day'] as const).every((part) => parts.includes(part));
  const needsHalf = parts.includes('hour12') !== parts.includes('half');
  if (!isWhole || needsHalf || new Set(parts).size < parts.length) return undefined;
  const pattern = new RegExp(`^${source}$`);
  return (text) => {
    const match = pattern.exec(text);
    if (match === null) return undefined;
    const part = Object.fromEntries(parts.map((name, index) => [name, match[index + 1]!]));
    const { year, month, day, hour12, half, minute = '0', second = '0', milli = '0' } = part;
    const hour = hour12 === undefined ? Number(part['hour'] ?? 0) : hourOfDay(Number(hour12), half!);
    return instantOf([year!, month!, day!], [hour, Number(minute), Number(second), Number(milli)], zone);
  };
}

function readIso(text: string, zone: string): number | undefined {
  const at = parseClientInstant(text);
  if (at === undefined || zone === 'UTC' || /(Z|[+-]\d{2}:?(\d{2})?)$/i.test(text.trim().slice(10))) return at;
  const [day, time] = new Date(at).toISOString().split(/[TZ]/) as [string, string];
  const [hour, minute, second] = time.split(':').map(Number);
  return instantOf(day.split('-'), [hour!, minute!, Math.floor(second!), Math.round((second! % 1) * SECOND_MS)], zone);
}

const hourOfDay = (hour: number, half: string): number =>
  hour < 1 || hour > 12 ? 99 : (hour % 12) + (half.toLowerCase() === 'pm' ? 12 : 0);

function instantOf(
  date: readonly string[],
  [hour, minute, second, milli]: readonly [number, number, number, number],
  zone: string,
): number | undefined {
  const [year, month, dayOfMonth] = date.map((one, index) => one.padStart(index === 0 ? 4 : 2, '0'));
  const day = parseCalendarDay(`${year}-${month}-${dayOfMonth}`);
  if (day === undefined || hour > 23 || minute > 59 || second > 59) return undefined;
  const time = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
  return atLocal(day, time, zone) + second * SECOND_MS + milli;
}
