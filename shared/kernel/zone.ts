import { type DurationParts, parseDuration } from './duration.ts';
import type { Day } from './schema.ts';
import { type CalendarDay, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from './time.ts';
import { offsetAt } from './zone-offset.ts';

/**
 * Wall clocks. Everywhere: a time that does not exist (clocks go forward) is taken later by the length of the gap;
 * a time that exists twice (clocks go back) is taken the first time. Temporal calls this 'compatible', and the tests
 * compare with Temporal. A wall-clock time is held as if it were UTC, in milliseconds (`wallMs`).
 */
const WEEK: readonly Day[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** P1D is the same wall-clock time next day, PT24H is elapsed; with both, the days come first. 31 January + P1M is the last of February. */
export function addDuration(instantMs: number, duration: string | DurationParts, zone: string): number {
  const d = typeof duration === 'string' ? parseDuration(duration) : duration;
  const { sign, weeks, days } = d;
  const months = sign * (d.years * 12 + d.months);
  const elapsed = sign * (d.hours * HOUR_MS + d.minutes * MINUTE_MS + d.seconds * SECOND_MS);
  if (months === 0 && weeks === 0 && days === 0) return instantMs + elapsed;
  const wallMs = addMonths(instantMs + offsetAt(instantMs, zone), months) + sign * (weeks * 7 + days) * DAY_MS;
  return toInstant(wallMs, zone) + elapsed;
}

export interface LocalTime {
  /** "09:00" */
  readonly time: string;
  readonly days?: readonly Day[];
}

/**
 * The soonest instant after `instantMs` that shows this time (on one of these days) in the zone. Never `instantMs`
 * itself: a journey that loops over "wait until 09:00" and is woken at 09:00 sharp would go round without waiting.
 */
export function nextLocalTime(instantMs: number, { time, days }: LocalTime, zone: string): number {
  const today = wallDay(instantMs, zone);
  // From yesterday, whose 23:30 may lie in a gap that ends today; to ten days, of which one may be skipped by its zone.
  for (let offset = -1; offset <= 10; offset += 1) {
    const day = today + offset * DAY_MS;
    if (days !== undefined && !days.includes(weekday(day))) continue;
    const due = toInstant(day + timeMs(time), zone);
    if (due > instantMs) return due;
  }
  throw new RangeError('no such local time within ten days');
}

export interface LocalDate extends CalendarDay {
  readonly weekday: Day;
}

export const localDate = (instantMs: number, zone: string): LocalDate => calendarDate(wallDay(instantMs, zone));

/** The calendar days of a zone around that of `instantMs`, which is number 0. */
export function* localDays(instantMs: number, zone: string, from: number, to: number): Generator<LocalDate> {
  const today = wallDay(instantMs, zone);
  for (let offset = from; offset <= to; offset += 1) yield calendarDate(today + offset * DAY_MS);
}

function calendarDate(day: number): LocalDate {
  const date = new Date(day);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: weekday(day),
  };
}

/** The calendar day in the zone, `2026-11-25`. */
export function dayName(instantMs: number, zone: string): string {
  const { year, month, day } = localDate(instantMs, zone);
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** When the calendar day of `instantMs` began in the zone; not always at 00:00. */
export const dayStart = (instantMs: number, zone: string): number => toInstant(wallDay(instantMs, zone), zone);

export const nextDayStart = (instantMs: number, zone: string): number =>
  toInstant(wallDay(instantMs, zone) + DAY_MS, zone);

/** When the calendar day, week (from Monday, ISO 8601) or month after that of `instantMs` begins in the zone. */
export function nextCalendarStart(instantMs: number, span: 'day' | 'week' | 'month', zone: string): number {
  const today = wallDay(instantMs, zone);
  const date = new Date(today);
  if (span === 'month') return toInstant(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1), zone);
  const days = span === 'day' ? 1 : 7 - ((date.getUTCDay() + 6) % 7);
  return toInstant(today + days * DAY_MS, zone);
}

/** The instant of a wall-clock time on a day as `parseCalendarDay` reads it. */
export const atLocal = ({ year, month, day }: CalendarDay, time: string, zone: string): number =>
  toInstant(new Date(0).setUTCFullYear(year, month - 1, day) + timeMs(time), zone);

/** Openings and closings of "from – to" around `instantMs`: for each local day from two before to `daysAhead` after. */
export function* spansAround(
  instantMs: number,
  window: { readonly from: string; readonly to: string; readonly days?: readonly Day[] },
  zone: string,
  daysAhead: number,
): Generator<{ readonly opens: number; readonly closes: number }> {
  const today = wallDay(instantMs, zone);
  const fromMs = timeMs(window.from);
  const toMs = timeMs(window.to) + (window.from >= window.to ? DAY_MS : 0);
  for (let offset = -2; offset <= daysAhead; offset += 1) {
    const day = today + offset * DAY_MS;
    if (window.days !== undefined && !window.days.includes(weekday(day))) continue;
    const opens = toInstant(day + fromMs, zone);
    const closes = toInstant(day + toMs, zone);
    if (opens < closes) yield { opens, closes };
  }
}

/** By the offsets a day before and a day after: clocks do not change twice in two days. */
function toInstant(wallMs: number, zone: string): number {
  const before = offsetAt(wallMs - DAY_MS, zone);
  const first = wallMs - before;
  if (offsetAt(first, zone) === before) return first;
  const after = offsetAt(wallMs + DAY_MS, zone);
  // In a gap neither shows this time, and the offset from before it is what moves it later.
  return offsetAt(wallMs - after, zone) === after ? wallMs - after : first;
}

function addMonths(wallMs: number, months: number): number {
  if (months === 0) return wallMs;
  const date = new Date(wallMs);
  const first = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
  const lastDay = new Date(new Date(first).setUTCMonth(new Date(first).getUTCMonth() + 1, 0)).getUTCDate();
  return first + (Math.min(date.getUTCDate(), lastDay) - 1) * DAY_MS + mod(wallMs, DAY_MS);
}

const wallDay = (instantMs: number, zone: string): number => {
  const wallMs = instantMs + offsetAt(instantMs, zone);
  return wallMs - mod(wallMs, DAY_MS);
};

const mod = (n: number, by: number): number => ((n % by) + by) % by;
const weekday = (wallMs: number): Day => WEEK[new Date(wallMs).getUTCDay()]!;
const timeMs = (time: string): number => Number(time.slice(0, 2)) * HOUR_MS + Number(time.slice(3, 5)) * MINUTE_MS;
