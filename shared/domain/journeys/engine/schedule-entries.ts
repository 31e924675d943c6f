import { parseCalendarDay } from '../../../kernel/time.ts';
import { atLocal, type LocalDate, localDays } from '../../../kernel/zone.ts';
import type { Predicate } from '../../audiences/predicate.ts';
import type { Entry, Journey } from '../journey.ts';
import { instantOf } from './schedule.ts';

export type ScheduleEntry = Extract<Entry, { on: 'schedule' }>;
type Scheduled = Pick<Journey, 'entry' | 'schedule'>;

/** Days to look ahead: from the end of a month to the 31st of the next one, and a day that its zone skips. */
const MAX_DAYS_AHEAD = 63;

/**
 * The soonest instant after `after` at which the entry comes round, by the clocks of its own zone; undefined: never
 * again. From yesterday on, whose time may lie in a gap that ends today.
 */
export function nextOccurrence(entry: ScheduleEntry, after: number): number | undefined {
  const { zone, at, every, date } = entry;
  if (every === 'once') {
    const day = date === undefined ? undefined : parseCalendarDay(date);
    const due = day && atLocal(day, at, zone);
    return due !== undefined && due > after ? due : undefined;
  }
  for (const day of localDays(after, zone, -1, MAX_DAYS_AHEAD)) {
    if (!isOn(entry, day)) continue;
    const due = atLocal(day, at, zone);
    if (due > after) return due;
  }
  return undefined;
}

function isOn({ every, days = [] }: ScheduleEntry, { year, month, day, weekday }: LocalDate): boolean {
  if (every === 'day') return true;
  if (every === 'week') return days.includes(weekday);
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return days.some((one) => typeof one === 'number' && Math.min(one, last) === day);
}

export const scheduleEntries = ({ entry }: Pick<Journey, 'entry'>): ScheduleEntry[] =>
  entry.filter((one): one is ScheduleEntry => one.on === 'schedule');

/** When any of a journey's schedule entries comes round next, while the journey is open. */
export function nextOccurrenceOf(journey: Scheduled, after: number): number | undefined {
  const from = Math.max(after, (instantOf(journey.schedule?.startAt) ?? 0) - 1);
  const dues = scheduleEntries(journey).flatMap((entry) => nextOccurrence(entry, from) ?? []);
  const next = dues.length === 0 ? undefined : Math.min(...dues);
  const endAt = instantOf(journey.schedule?.endAt);
  return next === undefined || (endAt !== undefined && next >= endAt) ? undefined : next;
}

/** Members of the segments whose entries come round at this very instant; undefined: none does. */
export function membersAt(journey: Scheduled, occurrence: number): Predicate | undefined {
  const segments = scheduleEntries(journey)
    .filter((entry) => nextOccurrence(entry, occurrence - 1) === occurrence)
    .map(({ segment }): Predicate => ({ segment, is: 'member' }));
  return segments.length > 1 ? { any: segments } : segments[0];
}

/** A chain of jobs is one journey's, so its entries are looked at with every link. */
export const MAX_SCHEDULE_ENTRIES = 10;
