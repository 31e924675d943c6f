import type { Json } from '../../../kernel/canonical-json.ts';
import { parseDuration } from '../../../kernel/duration.ts';
import { type CalendarDay, MINUTE_MS, parseCalendarDay, parseClientInstant } from '../../../kernel/time.ts';
import { addDuration, atLocal, localDate } from '../../../kernel/zone.ts';
import type { Entry } from '../journey.ts';

export type DateEntry = Extract<Entry, { on: 'date' }>;

/**
 * The day that a trait names, and when an entry on it comes round. An occurrence is named by its day before the offset,
 * `2026-03-05`: zones and offsets move when it comes, never which one it is.
 */
export interface NamedDay {
  /** Absent in `--02-29`. */
  readonly year?: number;
  readonly month: number;
  readonly day: number;
}

const named = /^(\d{4}|-)-(\d{2})-(\d{2})([T ].*)?$/;
const LEAP_YEAR = '2024';

/**
 * A calendar day (`1992-02-29`), one without a year (`--02-29`, ISO 8601:2000 and vCard), or an instant, which counts as
 * the day that is written in it: midnight UTC is what most systems make of a day. Undefined for anything else.
 */
export function readDay(value: Json | undefined): NamedDay | undefined {
  const match = typeof value === 'string' ? named.exec(value.trim()) : null;
  if (match === null) return undefined;
  const [text, year, month, day, time] = match as unknown as [string, string, string, string, string?];
  if (time !== undefined && (year === '-' || parseClientInstant(text) === undefined)) return undefined;
  const found = parseCalendarDay(`${year === '-' ? LEAP_YEAR : year}-${month}-${day}`);
  return found && (year === '-' ? { month: found.month, day: found.day } : found);
}

/** At `at` on the day plus offset, as clocks show it there; parts of a day in the offset are added after that. */
export function dueOn(on: string, { offset, at }: Pick<DateEntry, 'offset' | 'at'>, zone: string): number {
  const named = parseCalendarDay(on)!;
  const { hours, minutes, seconds, ...days } = parseDuration(offset ?? 'PT0S');
  const start = new Date(0).setUTCFullYear(named.year, named.month - 1, named.day);
  const day = localDate(addDuration(start, { ...days, hours: 0, minutes: 0, seconds: 0 }, 'UTC'), 'UTC');
  const none = { years: 0, months: 0, weeks: 0, days: 0 };
  const due = addDuration(atLocal(day, at, zone), { sign: days.sign, hours, minutes, seconds, ...none }, zone);
  // Executions serve whole minutes (guarantee G6).
  return Math.ceil(due / MINUTE_MS) * MINUTE_MS;
}

/** Whether the entry comes round on that day: with `every: year` from the named year on. */
export function isOccurrence(named: NamedDay, every: DateEntry['every'], on: string): boolean {
  const year = Number(on.slice(0, 4));
  if (every === 'once' ? named.year !== year : named.year !== undefined && year < named.year) return false;
  return dayIn(named, year) === on;
}

/** Whether the occurrence has been, given the last one that has: of those of every year, one in a year is all. */
export function hasBeen(every: DateEntry['every'], on: string, done: string | undefined): boolean {
  if (done === undefined) return false;
  return every === 'once' ? on === done : on.slice(0, 4) <= done.slice(0, 4);
}

/** The first occurrence that is due after `after` and has not been. */
export function nextOccurrence(
  named: NamedDay,
  entry: DateEntry,
  zone: string,
  after: number,
  done: string | undefined,
): string | undefined {
  const here = localDate(after, zone).year;
  // An offset moves it by a year at most, so the next one is named by this year, by one beside it, or by the year after.
  const years =
    entry.every === 'once'
      ? [named.year]
      : Array.from({ length: 6 }, (_, i) => Math.max(here - 2, named.year ?? 0) + i);
  return years
    .flatMap((year) => (year === undefined ? [] : [dayIn(named, year)]))
    .find((on) => !hasBeen(entry.every, on, done) && dueOn(on, entry, zone) > after);
}

/** 29 February is 28 February in common years. */
function dayIn({ month, day }: Pick<CalendarDay, 'month' | 'day'>, year: number): string {
  const text = (one: number) => `${String(year).padStart(4, '0')}-${two(month)}-${two(one)}`;
  return parseCalendarDay(text(day)) === undefined ? text(day - 1) : text(day);
}

const two = (n: number): string => String(n).padStart(2, '0');
