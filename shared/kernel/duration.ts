import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from './time.ts';

/**
 * ISO 8601 durations in whole numbers, at most P1Y. Parts are kept as written, because P1D (same wall-clock time
 * next day) and PT24H (elapsed) are different things; zone.ts adds them to an instant.
 */
export interface DurationParts {
  readonly sign: 1 | -1;
  readonly years: number;
  readonly months: number;
  readonly weeks: number;
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
}

export type DurationError = 'syntax' | 'too-long';

const pattern =
  /^([+-]?)P(?!$)(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?$/;

/** A year is counted as 366 days, so that P1Y, P12M and P366D are all just allowed. */
export const MAX_DURATION_MS = 366 * DAY_MS;
export const MAX_DURATION = 'P1Y';

export function readDuration(text: string): DurationParts | DurationError {
  const match = pattern.exec(text);
  if (match === null) return 'syntax';
  const [years, months, weeks, days, hours, minutes, seconds] = match.slice(2).map((digits) => Number(digits ?? 0));
  const parts: DurationParts = {
    sign: match[1] === '-' ? -1 : 1,
    years: years!,
    months: months!,
    weeks: weeks!,
    days: days!,
    hours: hours!,
    minutes: minutes!,
    seconds: seconds!,
  };
  return Math.abs(nominalMs(parts)) > MAX_DURATION_MS ? 'too-long' : parts;
}

/** For text that has passed its schema; anything else is a bug of the caller. */
export function parseDuration(text: string): DurationParts {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const parts = readDuration(text);
  if (typeof parts === 'string') throw new RangeError(`not a duration (${parts})`);
  if (parsed.size >= MAX_PARSED) parsed.clear();
  parsed.set(text, parts);
  return parts;
}

/** Documents hold a few, and every decision reads them. */
const MAX_PARSED = 1_000;
const parsed = new Map<string, DurationParts>();

export function formatDuration(parts: DurationParts): string {
  const show = (n: number, unit: string) => (n === 0 ? '' : `${n}${unit}`);
  const date = show(parts.years, 'Y') + show(parts.months, 'M') + show(parts.weeks, 'W') + show(parts.days, 'D');
  const time = show(parts.hours, 'H') + show(parts.minutes, 'M') + show(parts.seconds, 'S');
  if (date === '' && time === '') return 'PT0S';
  return `${parts.sign < 0 ? '-' : ''}P${date}${time === '' ? '' : `T${time}`}`;
}

/** Length without a calendar: a month is a twelfth of 366 days. For limits and ordering, never for due times. */
export function nominalMs(duration: DurationParts | string): number {
  const d = typeof duration === 'string' ? parseDuration(duration) : duration;
  const days = (d.years * 12 + d.months) * (366 / 12) + d.weeks * 7 + d.days;
  const ms = days * DAY_MS + d.hours * HOUR_MS + d.minutes * MINUTE_MS + d.seconds * SECOND_MS;
  return ms === 0 ? 0 : d.sign * ms;
}

/**
 * At least as long as the duration can really be, whatever the month and the zone: months of 31 days, and a day of
 * slack for clock changes (a zone has skipped at most a whole day: Pacific/Apia, 2011). For deciding what to keep.
 */
export function longestMs(duration: DurationParts | string): number {
  const d = typeof duration === 'string' ? parseDuration(duration) : duration;
  const days = d.years * 366 + d.months * 31 + d.weeks * 7 + d.days;
  const slack = days > 0 ? 1 : 0;
  return (days + slack) * DAY_MS + d.hours * HOUR_MS + d.minutes * MINUTE_MS + d.seconds * SECOND_MS;
}

export function compareDurations(a: string, b: string): number {
  return nominalMs(a) - nominalMs(b);
}
