import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../shared/kernel/duration.ts';
import { DAY_MS, formatInstant, HOUR_MS, parseInstant } from '../../shared/kernel/time.ts';
import { addDuration, atLocal, dayStart, localDate, nextDayStart, nextLocalTime } from '../../shared/kernel/zone.ts';
import { isZone } from '../../shared/kernel/zone-name.ts';
import fc from '../property.ts';

const ms = (text: string) => parseInstant(text)!;
const zones = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Nuuk',
  'Africa/Cairo',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'UTC',
];
const anyZone = fc.constantFrom(...zones);
const anyInstant = fc.integer({ min: ms('2010-01-01T00:00:00Z'), max: ms('2035-01-01T00:00:00Z') });
const anyTime = fc
  .tuple(fc.nat(23), fc.nat(59))
  .map(([h, m]) => `${`${h}`.padStart(2, '0')}:${`${m}`.padStart(2, '0')}`);
/** The wall clock by the runtime's own Intl, which shares no code with Temporal's polyfill arithmetic. */
const wallClock = (instant: number, zone: string) =>
  new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(
    instant,
  );

describe('addDuration', () => {
  it.each([
    ['a day is the same wall-clock time', '2026-03-28T09:00:00+01:00', 'P1D', '2026-03-29T09:00:00+02:00'],
    ['24 hours are elapsed', '2026-03-28T09:00:00+01:00', 'PT24H', '2026-03-29T10:00:00+02:00'],
    ['a gap is taken later', '2026-03-28T02:30:00+01:00', 'P1D', '2026-03-29T03:30:00+02:00'],
    ['a fold is taken the first time', '2026-10-24T02:30:00+02:00', 'P1D', '2026-10-25T02:30:00+02:00'],
    ['days come before hours', '2026-03-28T09:00:00+01:00', 'P1DT1H', '2026-03-29T10:00:00+02:00'],
    ['the end of a month is kept', '2026-01-31T12:00:00+01:00', 'P1M', '2026-02-28T12:00:00+01:00'],
    ['29 February has a birthday on the 28th', '2028-02-29T12:00:00+01:00', 'P1Y', '2029-02-28T12:00:00+01:00'],
    ['negative days', '2026-03-30T09:00:00+02:00', '-P1D', '2026-03-29T09:00:00+02:00'],
    ['negative into a gap is also later', '2026-03-30T02:30:00+02:00', '-P1D', '2026-03-29T03:30:00+02:00'],
    ['negative hours', '2026-03-29T09:00:00+02:00', '-PT24H', '2026-03-28T08:00:00+01:00'],
    ['nothing', '2026-10-25T02:30:00+01:00', 'P0D', '2026-10-25T02:30:00+01:00'],
    ['weeks', '2026-10-20T09:00:00+02:00', 'P1W', '2026-10-27T09:00:00+01:00'],
  ])('%s: %s + %s', (_why, from, duration, expected) => {
    expect(formatInstant(addDuration(ms(from), duration, 'Europe/Berlin'))).toBe(formatInstant(ms(expected)));
  });

  it('of elapsed time does not depend on the zone', () => {
    fc.assert(
      fc.property(anyInstant, fc.nat(8_000), anyZone, (from, hours, zone) => {
        expect(addDuration(from, `PT${hours}H`, zone)).toBe(from + hours * HOUR_MS);
      }),
    );
  });

  it('of days shows the same wall clock, or lies where the zone has no such time', () => {
    fc.assert(
      fc.property(anyInstant, fc.integer({ min: 1, max: 365 }), anyZone, (from, days, zone) => {
        const to = addDuration(from, `P${days}D`, zone);
        expect(Math.abs(to - from - days * DAY_MS)).toBeLessThanOrEqual(
          zone === 'Pacific/Apia' ? 25 * HOUR_MS : 2 * HOUR_MS,
        );
        if (wallClock(to, zone) === wallClock(from, zone)) return;
        const jump = offset(to, zone) - offset(to - 25 * HOUR_MS, zone);
        expect(jump).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });
});

function offset(instant: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(instant);
  const [, sign = '+', hours = '0', minutes = '0'] =
    /GMT(?:([+-])(\d\d):(\d\d))?/.exec(parts.find(({ type }) => type === 'timeZoneName')!.value) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

describe('agrees with Temporal', () => {
  const anywhere = fc.constantFrom(
    ...zones,
    'Africa/Casablanca',
    'Asia/Tehran',
    'Pacific/Chatham',
    'America/Havana',
    'Antarctica/Troll',
  );
  const long = fc.integer({ min: ms('1972-01-01T00:00:00Z'), max: ms('2040-01-01T00:00:00Z') });
  /** Within two days of a change of clocks, where it matters. */
  const nearChange = fc
    .tuple(long, anywhere, fc.integer({ min: -48 * 60, max: 48 * 60 }))
    .map(([at, zone, minutes]) => {
      const change = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).getTimeZoneTransition('next');
      return { at: (change?.epochMilliseconds ?? at) + minutes * 60_000, zone };
    });
  const zoned = (at: number, zone: string) => Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  const durations = fc.constantFrom(
    'P1D',
    'P2D',
    '-P1D',
    'P1W',
    'P1M',
    '-P1M',
    'P1Y',
    '-P1Y',
    'P11M30D',
    'P1DT2H',
    '-P2DT30M',
    'P3M1W',
    'P0D',
  );

  it('about durations', () => {
    fc.assert(
      fc.property(nearChange, durations, ({ at, zone }, text) => {
        const { sign, hours, minutes, seconds, ...date } = parseDuration(text);
        const { years, months, weeks, days } = date;
        const added = zoned(at, zone).add({
          years: sign * years,
          months: sign * months,
          weeks: sign * weeks,
          days: sign * days,
        });
        const elapsed = sign * (hours * HOUR_MS + minutes * 60_000 + seconds * 1_000);
        expect(addDuration(at, text, zone)).toBe(added.epochMilliseconds + elapsed);
      }),
      { numRuns: 400 },
    );
  });

  it('about days and wall-clock times', () => {
    fc.assert(
      fc.property(nearChange, anyTime, ({ at, zone }, time) => {
        const date = zoned(at, zone).toPlainDate();
        expect(localDate(at, zone)).toMatchObject({ year: date.year, month: date.month, day: date.day });
        expect(atLocal(date, time, zone)).toBe(
          date.toZonedDateTime({ timeZone: zone, plainTime: time }).epochMilliseconds,
        );
        expect(dayStart(at, zone)).toBe(date.toZonedDateTime(zone).epochMilliseconds);
        expect(nextDayStart(at, zone)).toBe(date.add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds);
      }),
      { numRuns: 400 },
    );
  });
});

describe('nextLocalTime', () => {
  it.each([
    ['later today', '2026-06-01T08:00:00+02:00', { time: '09:00' }, '2026-06-01T09:00:00+02:00'],
    ['at that very time: tomorrow', '2026-06-01T09:00:00+02:00', { time: '09:00' }, '2026-06-02T09:00:00+02:00'],
    ['a millisecond before: today', '2026-06-01T08:59:59.999+02:00', { time: '09:00' }, '2026-06-01T09:00:00+02:00'],
    ['on a day', '2026-06-01T10:00:00+02:00', { time: '09:00', days: ['mon'] as const }, '2026-06-08T09:00:00+02:00'],
    ['over midnight', '2026-06-01T23:30:00+02:00', { time: '01:00' }, '2026-06-02T01:00:00+02:00'],
    ['in a gap: later', '2026-03-29T00:00:00+01:00', { time: '02:30' }, '2026-03-29T03:30:00+02:00'],
    ['in a fold: the first', '2026-10-25T00:00:00+02:00', { time: '02:30' }, '2026-10-25T02:30:00+02:00'],
    [
      'between the two of a fold: tomorrow',
      '2026-10-25T02:45:00+02:00',
      { time: '02:30' },
      '2026-10-26T02:30:00+01:00',
    ],
  ])('%s', (_why, from, when, expected) => {
    expect(formatInstant(nextLocalTime(ms(from), when, 'Europe/Berlin'))).toBe(formatInstant(ms(expected)));
  });

  it("finds yesterday's time that a gap at midnight moved into today", () => {
    // America/Nuuk went from Saturday 23:00 to Sunday 00:00.
    const from = ms('2026-03-29T00:15:00-01:00');
    expect(formatInstant(nextLocalTime(from, { time: '23:30' }, 'America/Nuuk'))).toBe('2026-03-29T01:30:00.000Z');
  });

  it('is in the future, within 25 hours and a gap, and no earlier minute shows that time', () => {
    fc.assert(
      fc.property(anyInstant, anyTime, anyZone, (from, time, zone) => {
        const due = nextLocalTime(from, { time }, zone);
        expect(due).toBeGreaterThan(from);
        expect(due - from).toBeLessThanOrEqual(zone === 'Pacific/Apia' ? 49 * HOUR_MS : 26 * HOUR_MS);
        const minutes = Math.floor((due - from - 1) / 60_000);
        for (let i = 0; i < minutes; i += 1) {
          const earlier = due - (i + 1) * 60_000;
          if (wallClock(earlier, zone) !== time) continue;
          // Only the second time of a fold may be passed over.
          expect(wallClock(earlier - HOUR_MS, zone) === time || wallClock(earlier - HOUR_MS / 2, zone) === time).toBe(
            true,
          );
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('the calendar day', () => {
  it.each([
    ['Europe/Berlin', '2026-03-29T12:00:00+02:00', '2026-03-29T00:00:00+01:00', '2026-03-30T00:00:00+02:00'],
    ['Africa/Cairo', '2026-04-24T12:00:00+03:00', '2026-04-24T01:00:00+03:00', '2026-04-25T00:00:00+03:00'],
    ['Asia/Kathmandu', '2026-04-24T20:00:00Z', '2026-04-25T00:00:00+05:45', '2026-04-26T00:00:00+05:45'],
  ])('of %s around %s', (zone, at, start, next) => {
    expect(formatInstant(dayStart(ms(at), zone))).toBe(formatInstant(ms(start)));
    expect(formatInstant(nextDayStart(ms(at), zone))).toBe(formatInstant(ms(next)));
  });

  it('names the weekday', () => {
    expect(localDate(ms('2026-06-01T23:30:00Z'), 'Europe/Berlin')).toEqual({
      year: 2026,
      month: 6,
      day: 2,
      weekday: 'tue',
    });
  });

  it('contains the instant', () => {
    fc.assert(
      fc.property(anyInstant, anyZone, (instant, zone) => {
        expect(dayStart(instant, zone)).toBeLessThanOrEqual(instant);
        expect(nextDayStart(instant, zone)).toBeGreaterThan(instant);
        expect(dayStart(nextDayStart(instant, zone) - 1, zone)).toBe(dayStart(instant, zone));
      }),
    );
  });
});

describe('isZone', () => {
  it.each(['Europe/Berlin', 'UTC', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'])('knows %s', (name) =>
    expect(isZone(name)).toBe(true),
  );
  it.each(['+02:00', 'Europe/Atlantis', '', 'Local', '../etc/passwd', 'Europe/Berlin ', 'x'.repeat(1_000)])(
    'refuses %j',
    (name) => expect(isZone(name)).toBe(false),
  );
});
