import {
  type CalendarDay,
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  parseCalendarDay,
  parseInstant,
} from '../../../../kernel/time.ts';
import { localDate } from '../../../../kernel/zone.ts';
import { isZone } from '../../../../kernel/zone-name.ts';
import {
  FilterFailure,
  formatter,
  type Given,
  kindOf,
  type LocaleFilter,
  type Reading,
  refuseUnknown,
  wordIn,
} from './filter.ts';

const styles = ['medium', 'full', 'long', 'short'] as const;

/**
 * `{{ event.at | date_local: "long" }}`: 22. November 2026, in the customer's zone; `time: "short"` adds the time. A day
 * without a time (`2026-11-22`) is that day everywhere.
 */
export const dateLocal: LocaleFilter = (given, reading) => {
  refuseUnknown(given, 1, ['style', 'time', 'zone']);
  const { named, positional } = given;
  const dateStyle = wordIn(named.get('style') ?? positional[0], styles, 'the style');
  const timeStyle = named.has('time') ? wordIn(named.get('time'), ['short', 'medium', 'long'], 'time') : undefined;
  const when = whenIn(given, reading);
  if ('day' in when && timeStyle !== undefined) throw new FilterFailure('the value is a day and has no time');
  return formatted(when, { dateStyle, ...(timeStyle !== undefined && { timeStyle }) }, given, reading);
};

/** `{{ event.at | time_local }}`: 14:05, 2:05 PM. */
export const timeLocal: LocaleFilter = (given, reading) => {
  refuseUnknown(given, 1, ['style', 'zone']);
  const { named, positional } = given;
  const timeStyle = wordIn(named.get('style') ?? positional[0], ['short', 'medium', 'long'], 'the style');
  const when = whenIn(given, reading);
  if ('day' in when) throw new FilterFailure('the value is a day and has no time');
  return formatted(when, { timeStyle }, given, reading);
};

/** `{{ event.due | relative_date }}`: tomorrow, vor 3 Stunden. Days are calendar days of the customer's zone. */
export const relativeDate: LocaleFilter = (given, reading) => {
  refuseUnknown(given, 1, ['zone', 'style']);
  const { named, positional } = given;
  const style = wordIn(named.get('style') ?? positional[0], ['long', 'short', 'narrow'], 'the style');
  const when = whenIn(given, reading);
  const zone = zoneIn(given, reading);
  const today = localDate(reading.now, zone);
  const [count, unit] = distance(when, 'day' in when ? when.day : localDate(when.instant, zone), today, reading.now);
  const { locale } = reading;
  const words = formatter(
    `relative ${locale} ${style}`,
    () => new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style }),
  );
  return words.format(count, unit);
};

type When = { readonly day: CalendarDay } | { readonly instant: number };

function whenIn({ value }: Given, { now }: Reading): When {
  if (value === 'now' || value === 'today') return { instant: now };
  const text = typeof value === 'string' ? value.trim() : '';
  const day = parseCalendarDay(text);
  if (day !== undefined) return { day };
  const instant = parseInstant(text);
  if (instant !== undefined) return { instant };
  const kind = typeof value === 'string' && text !== '' ? 'another text' : kindOf(value);
  throw new FilterFailure(`the value is no time like 2026-11-22T09:00:00Z and no day like 2026-11-22, but ${kind}`);
}

function zoneIn({ named }: Given, { zone }: Reading): string {
  const wanted = named.get('zone') ?? zone;
  if (typeof wanted === 'string' && isZone(wanted)) return wanted;
  throw new FilterFailure('the zone is none of IANA: write zone: "Europe/Berlin"');
}

function formatted(when: When, style: Intl.DateTimeFormatOptions, given: Given, reading: Reading): string {
  const timeZone = 'day' in when ? 'UTC' : zoneIn(given, reading);
  const { locale } = reading;
  const options = { ...style, timeZone };
  const words = formatter(`date ${locale} ${JSON.stringify(options)}`, () => new Intl.DateTimeFormat(locale, options));
  return words.format('day' in when ? dayMs(when.day) : when.instant);
}

const dayMs = ({ year, month, day }: CalendarDay): number => new Date(0).setUTCFullYear(year, month - 1, day);

function distance(
  when: When,
  day: CalendarDay,
  today: CalendarDay,
  now: number,
): [number, Intl.RelativeTimeFormatUnit] {
  const days = Math.round((dayMs(day) - dayMs(today)) / DAY_MS);
  if (days === 0) return 'day' in when ? [0, 'day'] : withinDay(when.instant - now);
  if (Math.abs(days) < 7) return [days, 'day'];
  if (Math.abs(days) < 30) return [Math.trunc(days / 7), 'week'];
  const months = (day.year - today.year) * 12 + day.month - today.month;
  const wholeMonths = months - (days > 0 && day.day < today.day ? 1 : days < 0 && day.day > today.day ? -1 : 0);
  if (Math.abs(wholeMonths) < 12) return [wholeMonths || Math.sign(days), 'month'];
  return [Math.trunc(wholeMonths / 12), 'year'];
}

function withinDay(ms: number): [number, Intl.RelativeTimeFormatUnit] {
  return Math.abs(ms) < HOUR_MS ? [Math.trunc(ms / MINUTE_MS), 'minute'] : [Math.trunc(ms / HOUR_MS), 'hour'];
}
