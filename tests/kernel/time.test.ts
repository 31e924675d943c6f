import { describe, expect, it } from 'vitest';
import { formatInstant, parseCalendarDay, parseClientInstant, parseInstant } from '../../shared/kernel/time.ts';
import fc from '../property.ts';

describe('formatInstant', () => {
  it('writes what Date writes, whichever instants come after each other', () => {
    const instant = fc.oneof(
      fc.double({ min: -8.64e15, max: 8.64e15, noNaN: true }),
      fc.integer({ min: 1_790_000_000_000, max: 1_790_200_000_000 }),
    );
    fc.assert(
      fc.property(fc.array(instant, { minLength: 1, maxLength: 4 }), (all) => {
        expect(all.map(formatInstant)).toEqual(all.map((at) => new Date(at).toISOString()));
      }),
      { numRuns: 500 },
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 9e15])('refuses %d, as Date does', (at) => {
    expect(() => formatInstant(at)).toThrow(RangeError);
  });
});

describe('parseInstant', () => {
  it.each([
    ['2026-10-30T09:00:00Z', '2026-10-30T09:00:00.000Z'],
    ['2026-10-30T09:00:00+01:00', '2026-10-30T08:00:00.000Z'],
    ['2026-10-30T09:00:00-05:30', '2026-10-30T14:30:00.000Z'],
    ['2026-10-30t09:00:00.123456z', '2026-10-30T09:00:00.123Z'],
    ['2026-10-30T09:00:00.5Z', '2026-10-30T09:00:00.500Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['0050-01-01T00:00:00Z', '0050-01-01T00:00:00.000Z'],
  ])('reads %s', (text, expected) => expect(formatInstant(parseInstant(text)!)).toBe(expected));

  it.each([
    '2026-10-30T09:00:00',
    '2026-10-30',
    '2026-10-30T09:00Z',
    '2026-10-30 09:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-10-30T24:00:00Z',
    '2026-10-30T23:59:60Z',
    '2026-10-30T09:00:00+25:00',
    '2026-10-30T09:00:00+0100',
    '26-10-30T09:00:00Z',
    ' 2026-10-30T09:00:00Z',
    '1793350800000',
    '',
  ])('refuses %j', (text) => expect(parseInstant(text)).toBeUndefined());

  it('brings back what formatInstant writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: -6e13, max: 2e14 }), (at) => {
        expect(parseInstant(formatInstant(at))).toBe(at);
      }),
    );
  });

  it('agrees with the platform wherever both read', () => {
    const part = (max: number) => fc.nat(max).map((n) => `${n}`.padStart(2, '0'));
    fc.assert(
      fc.property(
        part(13),
        part(32),
        part(25),
        part(61),
        part(61),
        fc.constantFrom('Z', '+02:00', '-11:30'),
        (mo, d, h, mi, s, zone) => {
          const text = `2027-${mo}-${d}T${h}:${mi}:${s}${zone}`;
          const read = parseInstant(text);
          if (read !== undefined) expect(read).toBe(Date.parse(text));
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('parseClientInstant', () => {
  it.each([
    ['2026-10-30', '2026-10-30T00:00:00.000Z'],
    ['2026-10-30 09:00', '2026-10-30T09:00:00.000Z'],
    ['2026-10-30T09:00:00', '2026-10-30T09:00:00.000Z'],
    ['2026-10-30T09:00:00,25+0200', '2026-10-30T07:00:00.250Z'],
    ['2026-10-30 09:00:00 +02', '2026-10-30T07:00:00.000Z'],
    [' 2026-10-30T09:00:00.000Z\n', '2026-10-30T09:00:00.000Z'],
  ])('reads %j', (text, expected) => expect(formatInstant(parseClientInstant(text)!)).toBe(expected));

  it.each(['10/11/2026', 'yesterday', '1793350800', '2026-02-30', '2026-10-30T09:00:00+99:00', ''])(
    'does not guess at %j',
    (text) => expect(parseClientInstant(text)).toBeUndefined(),
  );
});

describe('parseCalendarDay', () => {
  it('knows leap years', () => {
    expect(parseCalendarDay('2028-02-29')).toEqual({ year: 2028, month: 2, day: 29 });
    expect(parseCalendarDay('2100-02-29')).toBeUndefined();
    expect(parseCalendarDay('2000-02-29')).toBeDefined();
  });
});
