import { Temporal } from 'temporal-polyfill';
import type { Hours } from './log.ts';

/** Dates and clocks of the checker, by Temporal alone; what was worked out is kept, because a log asks it again and again. */

const MOST_KEPT = 50_000;

function kept<T>(work: (at: string, rest: string, zone: string) => T): (at: string, rest: string, zone: string) => T {
  const known = new Map<string, T>();
  return (at, rest, zone) => {
    const name = `${at} ${rest} ${zone}`;
    let value = known.get(name);
    if (value === undefined) {
      value = work(at, rest, zone);
      if (known.size >= MOST_KEPT) known.clear();
      known.set(name, value);
    }
    return value;
  };
}

const zoned = (at: string, zone: string): Temporal.ZonedDateTime => Temporal.Instant.from(at).toZonedDateTimeISO(zone);

const localDay = kept((at, _, zone) => zoned(at, zone).toPlainDate());

/** Epoch milliseconds of a time of day. */
const instantAt = kept((day, time, zone) => {
  const at = Temporal.PlainDate.from(day).toZonedDateTime({ timeZone: zone, plainTime: time });
  return at.epochMilliseconds;
});

const sum = kept((at, duration, zone) => zoned(at, zone).add(duration).epochMilliseconds);

const names = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** Whether the instant lies in "from – to" of the day before or of the day itself; a window belongs to the day it opens on. */
export function isWithin(at: string, hours: Hours, zone: string): boolean {
  const now = Date.parse(at);
  return [1, 0].some((back) => {
    const day = localDay(at, '', zone).subtract({ days: back });
    if (hours.days !== undefined && !hours.days.includes(names[day.dayOfWeek - 1]!)) return false;
    const end = hours.to > hours.from ? day : day.add({ days: 1 });
    return instantAt(`${day}`, hours.from, zone) <= now && now < instantAt(`${end}`, hours.to, zone);
  });
}

export const dayOf = (at: string, zone: string): string => localDay(at, '', zone).toString();

/** Whether what was sent at `earlier` still takes a place at `later`. */
export function isCounted(per: string, earlier: string, later: string, zone: string): boolean {
  if (!['day', 'week', 'month'].includes(per)) return Date.parse(later) < sum(earlier, per, zone);
  const [before, now] = [localDay(earlier, '', zone), localDay(later, '', zone)];
  if (per === 'day') return before.equals(now);
  if (per === 'month') return before.year === now.year && before.month === now.month;
  return before.yearOfWeek === now.yearOfWeek && before.weekOfYear === now.weekOfYear;
}

export const plus = (at: string, duration: string, zone: string): string =>
  new Date(sum(at, duration, zone)).toISOString();

export const isBefore = (a: string, b: string): boolean => Date.parse(a) < Date.parse(b);
