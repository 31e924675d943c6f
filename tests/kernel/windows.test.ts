import { describe, expect, it } from 'vitest';
import type { Window } from '../../shared/kernel/schema.ts';
import { formatInstant, MINUTE_MS, parseInstant } from '../../shared/kernel/time.ts';
import { isInWindows, nextWindowOpening, windowCloses } from '../../shared/kernel/windows.ts';
import { localDate } from '../../shared/kernel/zone.ts';
import fc from '../property.ts';

const ms = (text: string) => parseInstant(text)!;
const berlin = 'Europe/Berlin';
const office: Window = { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '18:00' };
const night: Window = { from: '22:00', to: '06:00' };
const fridayNight: Window = { days: ['fri'], from: '22:00', to: '06:00' };

describe('windows', () => {
  it.each<[why: string, windows: Window[], at: string, inside: boolean, opens: string, closes: string]>([
    [
      'opens at from',
      [office],
      '2026-06-01T09:00:00+02:00',
      true,
      '2026-06-01T09:00:00+02:00',
      '2026-06-01T18:00:00+02:00',
    ],
    [
      'is closed at to',
      [office],
      '2026-06-01T18:00:00+02:00',
      false,
      '2026-06-02T09:00:00+02:00',
      '2026-06-01T18:00:00+02:00',
    ],
    [
      'passes the weekend',
      [office],
      '2026-06-05T18:00:00+02:00',
      false,
      '2026-06-08T09:00:00+02:00',
      '2026-06-05T18:00:00+02:00',
    ],
    [
      'across midnight, before it',
      [night],
      '2026-06-01T23:30:00+02:00',
      true,
      '2026-06-01T23:30:00+02:00',
      '2026-06-02T06:00:00+02:00',
    ],
    [
      'across midnight, after it',
      [night],
      '2026-06-02T00:30:00+02:00',
      true,
      '2026-06-02T00:30:00+02:00',
      '2026-06-02T06:00:00+02:00',
    ],
    [
      'belongs to the day it opens',
      [fridayNight],
      '2026-06-06T05:00:00+02:00',
      true,
      '2026-06-06T05:00:00+02:00',
      '2026-06-06T06:00:00+02:00',
    ],
    [
      'not to the day it ends',
      [fridayNight],
      '2026-06-05T05:00:00+02:00',
      false,
      '2026-06-05T22:00:00+02:00',
      '2026-06-05T05:00:00+02:00',
    ],
    [
      'touching windows are one',
      [
        { from: '08:00', to: '12:00' },
        { from: '12:00', to: '15:00' },
      ],
      '2026-06-01T09:00:00+02:00',
      true,
      '2026-06-01T09:00:00+02:00',
      '2026-06-01T15:00:00+02:00',
    ],
    [
      'a night with a change of clocks',
      [night],
      '2026-03-28T23:00:00+01:00',
      true,
      '2026-03-28T23:00:00+01:00',
      '2026-03-29T06:00:00+02:00',
    ],
    [
      'from in a gap opens later',
      [{ from: '02:30', to: '05:00' }],
      '2026-03-29T01:00:00+01:00',
      false,
      '2026-03-29T03:30:00+02:00',
      '2026-03-29T01:00:00+01:00',
    ],
    [
      'a window that a gap swallows waits for the next day',
      [{ from: '02:00', to: '03:00' }],
      '2026-03-29T01:00:00+01:00',
      false,
      '2026-03-30T02:00:00+02:00',
      '2026-03-29T01:00:00+01:00',
    ],
    [
      'equal times are a whole day',
      [{ days: ['mon'], from: '10:00', to: '10:00' }],
      '2026-06-02T09:59:00+02:00',
      true,
      '2026-06-02T09:59:00+02:00',
      '2026-06-02T10:00:00+02:00',
    ],
  ])('%s', (_why, windows, at, inside, opens, closes) => {
    expect(isInWindows(ms(at), windows, berlin)).toBe(inside);
    expect(formatInstant(nextWindowOpening(ms(at), windows, berlin)!)).toBe(formatInstant(ms(opens)));
    expect(formatInstant(windowCloses(ms(at), windows, berlin)!)).toBe(formatInstant(ms(closes)));
  });

  it('says that a week without a gap never closes, and that no windows never open', () => {
    expect(windowCloses(ms('2026-06-01T09:00:00Z'), [{ from: '00:00', to: '00:00' }], berlin)).toBeNull();
    expect(nextWindowOpening(ms('2026-06-01T09:00:00Z'), [], berlin)).toBeUndefined();
    expect(isInWindows(ms('2026-06-01T09:00:00Z'), [], berlin)).toBe(false);
  });

  const anyTime = fc
    .tuple(fc.nat(23), fc.constantFrom('00', '15', '30'))
    .map(([h, m]) => `${`${h}`.padStart(2, '0')}:${m}`);
  const anyWindows = fc.array(
    fc.record(
      {
        days: fc.uniqueArray(fc.constantFrom('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'), { minLength: 1 }),
        from: anyTime,
        to: anyTime,
      },
      { requiredKeys: ['from', 'to'] },
    ) as fc.Arbitrary<Window>,
    { minLength: 1, maxLength: 3 },
  );
  // Around the changes of clocks, and around midnight.
  const anyInstant = fc
    .tuple(
      fc.constantFrom(ms('2026-03-28T12:00:00Z'), ms('2026-10-24T12:00:00Z'), ms('2026-06-01T00:00:00Z')),
      fc.integer({ min: 0, max: 3 * 24 * 60 }),
    )
    .map(([start, minutes]) => start + minutes * MINUTE_MS);

  it('opens and closes at the first minute whose membership differs', () => {
    fc.assert(
      fc.property(
        anyInstant,
        anyWindows,
        fc.constantFrom(berlin, 'America/New_York', 'Asia/Kathmandu', 'UTC'),
        (now, windows, zone) => {
          const inside = isInWindows(now, windows, zone);
          const change = inside ? windowCloses(now, windows, zone) : nextWindowOpening(now, windows, zone)!;
          for (
            let t = now;
            t < Math.min(change ?? Number.POSITIVE_INFINITY, now + 2 * 86_400_000);
            t += 15 * MINUTE_MS
          ) {
            expect(isInWindows(t, windows, zone)).toBe(inside);
          }
          if (change === null) return;
          expect(isInWindows(change - 1, windows, zone)).toBe(inside);
          expect(isInWindows(change, windows, zone)).toBe(!inside);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('agrees with the wall clock on days without a change of clocks', () => {
    const minutesOf = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 7 * 1440 - 1 }), anyWindows, (minute, windows) => {
        const now = ms('2026-06-01T00:00:00Z') + minute * MINUTE_MS;
        const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
        const today = days[Math.floor(minute / 1440)]!;
        const yesterday = days[(Math.floor(minute / 1440) + 6) % 7]!;
        const clock = minute % 1440;
        const expected = windows.some(({ days: on = days, from, to }) => {
          const [opens, closes] = [minutesOf(from), minutesOf(to)];
          if (opens < closes) return on.includes(today) && clock >= opens && clock < closes;
          return (on.includes(today) && clock >= opens) || (on.includes(yesterday) && clock < closes);
        });
        expect(localDate(now, 'UTC').weekday).toBe(today);
        expect(isInWindows(now, windows, 'UTC')).toBe(expected);
      }),
    );
  });
});
