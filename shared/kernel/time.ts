/**
 * Instants are epoch milliseconds; whoever needs "now" takes it as an input. This file knows nothing of time zones
 * (zone.ts does, with the Temporal polyfill), so that the ingest function starts without them.
 */
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

const strict = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:(Z)|([+-])(\d{2}):(\d{2}))$/i;
const tolerant =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(?:(Z)|([+-])(\d{2}):?(\d{2})?)?)?$/i;
const calendarDay = /^(\d{4})-(\d{2})-(\d{2})$/;

/** RFC 3339 with an offset; undefined for anything else. Below a millisecond is cut; a leap second is refused. */
export function parseInstant(text: string): number | undefined {
  return read(strict.exec(text));
}

/**
 * What clients really send: also without seconds, with a space for the T, `+0200`, a date alone; no offset means
 * UTC. Numbers and other texts are not guessed at: `10/11/2026` is two different days.
 */
export function parseClientInstant(text: string): number | undefined {
  return read(tolerant.exec(text.trim()));
}

/** As Date writes it, in a third of the time where the day is that of the instant written before. */
export function formatInstant(instantMs: number): string {
  const ms = Math.trunc(instantMs);
  const day = Math.floor(ms / DAY_MS);
  if (day !== written.day) written = { day, date: new Date(ms).toISOString().slice(0, -'09:00:00.000Z'.length) };
  const ofDay = ms - day * DAY_MS;
  const two = (unitMs: number) => twoDigits[Math.floor(ofDay / unitMs) % 60];
  const rest = String(ofDay % SECOND_MS).padStart(3, '0');
  return `${written.date}${two(HOUR_MS)}:${two(MINUTE_MS)}:${two(SECOND_MS)}.${rest}Z`;
}

let written = { day: Number.NaN, date: '' };
const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));

export interface CalendarDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export function parseCalendarDay(text: string): CalendarDay | undefined {
  const match = calendarDay.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = match.slice(1).map(Number);
  return isDay(year!, month!, day!) ? { year: year!, month: month!, day: day! } : undefined;
}

function read(match: RegExpExecArray | null): number | undefined {
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((digits) => Number(digits ?? 0));
  const [, , , , , , , fraction = '', , sign, offsetHours = '0', offsetMinutes = '0'] = match;
  if (!isDay(year!, month!, day!)) return undefined;
  if (hour! > 23 || minute! > 59 || second! > 59 || Number(offsetHours) > 23 || Number(offsetMinutes) > 59) {
    return undefined;
  }
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'));
  const local = utc(year!, month!, day!) + hour! * HOUR_MS + minute! * MINUTE_MS + second! * SECOND_MS + milliseconds;
  const offset = Number(offsetHours) * HOUR_MS + Number(offsetMinutes) * MINUTE_MS;
  return sign === '-' ? local + offset : local - offset;
}

function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day <= lengths[month - 1]!;
}

/** Date.UTC reads the years 0 to 99 as 1900 to 1999. */
function utc(year: number, month: number, day: number): number {
  return year >= 100 ? Date.UTC(year, month - 1, day) : new Date(0).setUTCFullYear(year, month - 1, day);
}
