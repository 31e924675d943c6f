import { describe, expect, it } from 'vitest';
import {
  compareDurations,
  formatDuration,
  longestMs,
  nominalMs,
  parseDuration,
  readDuration,
} from '../../shared/kernel/duration.ts';
import { DAY_MS, HOUR_MS, parseInstant } from '../../shared/kernel/time.ts';
import { addDuration } from '../../shared/kernel/zone.ts';
import fc from '../property.ts';

describe('durations', () => {
  it.each(['P1Y', 'P12M', 'P366D', 'PT8784H', 'P11M30D', 'PT0S', 'P0D', '-P1Y', 'P1W', 'P1DT2H3M4S', 'PT90M'])(
    'reads %s',
    (text) => {
      expect(typeof readDuration(text)).toBe('object');
    },
  );

  it.each([
    '',
    'P',
    'PT',
    'P1',
    '1D',
    'p1d',
    'P1.5D',
    'P1H',
    'PT1D',
    'P1DT',
    'P-1D',
    'P1D ',
    'P1M1Y',
    'P1000000000D',
    'PT1e3H',
  ])('refuses %j', (text) => {
    expect(readDuration(text)).toBe('syntax');
  });

  it.each(['P2Y', 'P1Y1D', 'P13M', 'P367D', 'PT8785H', '-P2Y', 'P12M1D'])(
    'refuses %s as longer than a year',
    (text) => {
      expect(readDuration(text)).toBe('too-long');
      expect(() => parseDuration(text)).toThrow(RangeError);
    },
  );

  it.each([
    ['P1D', 'PT24H', 0],
    ['P1D', 'PT25H', -1],
    ['P1M', 'P30D', 1],
    ['P1M', 'P31D', -1],
    ['P12M', 'P1Y', 0],
    ['-P1D', 'PT0S', -1],
  ])('orders %s and %s', (a, b, sign) => expect(Math.sign(compareDurations(a, b))).toBe(sign));

  const anyParts = fc.record({
    sign: fc.constantFrom(1 as const, -1 as const),
    years: fc.constant(0),
    months: fc.nat(5),
    weeks: fc.nat(5),
    days: fc.nat(60),
    hours: fc.nat(200),
    minutes: fc.nat(500),
    seconds: fc.nat(5_000),
  });

  it('come back from their text', () => {
    fc.assert(
      fc.property(anyParts, (parts) => {
        const back = parseDuration(formatDuration(parts));
        expect(back).toEqual(nominalMs(parts) === 0 ? { ...parts, sign: 1 } : parts);
      }),
    );
  });

  it('are never really longer than longestMs', () => {
    const from = fc.integer({ min: parseInstant('2010-01-01T00:00:00Z')!, max: parseInstant('2030-01-01T00:00:00Z')! });
    fc.assert(
      fc.property(from, anyParts, fc.constantFrom('Europe/Berlin', 'Pacific/Apia', 'UTC'), (at, parts, zone) => {
        expect(Math.abs(addDuration(at, parts, zone) - at)).toBeLessThanOrEqual(longestMs(parts));
      }),
      { numRuns: 300 },
    );
    expect(longestMs('PT24H')).toBe(DAY_MS);
    expect(longestMs('PT1H')).toBe(HOUR_MS);
  });
});
