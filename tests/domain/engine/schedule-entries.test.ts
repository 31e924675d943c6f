import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import {
  membersAt,
  nextOccurrence,
  nextOccurrenceOf,
  type ScheduleEntry,
} from '../../../shared/domain/journeys/engine/schedule-entries.ts';
import { profileKey } from '../../../shared/kernel/ids.ts';
import { DAY_MS, formatInstant, parseInstant } from '../../../shared/kernel/time.ts';
import fc from '../../property.ts';
import { journey, World } from './world.ts';

const ms = (text: string) => parseInstant(text)!;
const entryOf = (more: Partial<ScheduleEntry>): ScheduleEntry => ({
  on: 'schedule',
  segment: 'gold',
  zone: 'Europe/Berlin',
  at: '09:00',
  every: 'day',
  ...more,
});

describe('the next occurrence', () => {
  it.each<[why: string, entry: Partial<ScheduleEntry>, after: string, next: string | undefined]>([
    ['today', {}, '2026-11-26T08:59:00+01:00', '2026-11-26T09:00:00+01:00'],
    ['strictly later', {}, '2026-11-26T09:00:00+01:00', '2026-11-27T09:00:00+01:00'],
    ['a gap is taken later', { at: '02:30' }, '2026-03-28T12:00:00+01:00', '2026-03-29T03:30:00+02:00'],
    ['a fold is taken once', { at: '02:30' }, '2026-10-25T02:30:00+02:00', '2026-10-26T02:30:00+01:00'],
    ['once', { every: 'once', date: '2026-12-24' }, '2026-11-26T00:00:00Z', '2026-12-24T09:00:00+01:00'],
    ['and never again', { every: 'once', date: '2026-12-24' }, '2026-12-24T09:00:00+01:00', undefined],
    ['once without a day', { every: 'once' }, '2026-12-24T09:00:00+01:00', undefined],
    [
      'on days of the week',
      { every: 'week', days: ['mon', 'thu'] },
      '2026-11-26T10:00:00+01:00',
      '2026-11-30T09:00:00+01:00',
    ],
    [
      'of the week, a week later',
      { every: 'week', days: ['thu'] },
      '2026-11-26T10:00:00+01:00',
      '2026-12-03T09:00:00+01:00',
    ],
    [
      'on days of the month',
      { every: 'month', days: [1, 15] },
      '2026-11-15T09:00:00+01:00',
      '2026-12-01T09:00:00+01:00',
    ],
    ['31 is the last day', { every: 'month', days: [31] }, '2026-11-26T10:00:00+01:00', '2026-11-30T09:00:00+01:00'],
    [
      '29 to 31 are one in February',
      { every: 'month', days: [29, 30, 31] },
      '2027-02-28T09:00:00+01:00',
      '2027-03-29T09:00:00+02:00',
    ],
    ['28 February', { every: 'month', days: [30] }, '2027-02-01T00:00:00+01:00', '2027-02-28T09:00:00+01:00'],
    ['29 in a leap year', { every: 'month', days: [30] }, '2028-02-01T00:00:00+01:00', '2028-02-29T09:00:00+01:00'],
    ['no day at all', { every: 'week', days: [] }, '2027-02-01T00:00:00+01:00', undefined],
    ['a day that a zone skipped', { zone: 'Pacific/Apia' }, '2011-12-29T09:00:00-10:00', '2011-12-31T09:00:00+14:00'],
  ])('%s', (_why, more, after, next) => {
    const found = nextOccurrence(entryOf(more), ms(after));
    expect(found && formatInstant(found)).toBe(next && formatInstant(ms(next)));
  });

  const anyEntry = fc
    .record({
      zone: fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia', 'UTC'),
      at: fc.constantFrom('00:00', '00:30', '01:45', '02:00', '02:30', '03:00', '09:00', '23:59'),
      rhythm: fc.oneof(
        fc.constant({ every: 'day' as const }),
        fc.record({
          every: fc.constant('week' as const),
          days: fc.uniqueArray(fc.constantFrom('mon', 'wed', 'sat', 'sun'), { minLength: 1 }),
        }),
        fc.record({
          every: fc.constant('month' as const),
          days: fc.uniqueArray(fc.integer({ min: 1, max: 31 }), { minLength: 1, maxLength: 4 }),
        }),
      ),
    })
    .map(({ rhythm, ...rest }) => entryOf({ ...rest, ...rhythm } as Partial<ScheduleEntry>));
  const anyInstant = fc.integer({ min: ms('2010-01-01T00:00:00Z'), max: ms('2035-01-01T00:00:00Z') });

  /** By Temporal, from the first day that may count to the last. */
  function* occurrences(entry: ScheduleEntry, from: number, to: number): Generator<number> {
    const dayOf = (at: number) =>
      Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(entry.zone).toPlainDate();
    const last = dayOf(to).add({ days: 2 });
    for (
      let day = dayOf(from).subtract({ days: 2 });
      Temporal.PlainDate.compare(day, last) < 0;
      day = day.add({ days: 1 })
    ) {
      const name = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'][day.dayOfWeek - 1]!;
      const days: readonly (string | number)[] = entry.days ?? [];
      const isOn = {
        once: false,
        day: true,
        week: days.includes(name),
        month: days.includes(day.day) || (day.day === day.daysInMonth && days.some((one) => Number(one) > day.day)),
      };
      if (!isOn[entry.every]) continue;
      yield day.toZonedDateTime({ timeZone: entry.zone, plainTime: entry.at }).epochMilliseconds;
    }
  }

  it('is strictly later, shows the time on a day that counts, and leaves none out', () => {
    fc.assert(
      fc.property(anyEntry, anyInstant, (entry, after) => {
        const next = nextOccurrence(entry, after)!;
        const soonest = Math.min(...[...occurrences(entry, after, next)].filter((at) => at > after));
        expect(next).toBeGreaterThan(after);
        expect(formatInstant(next)).toBe(formatInstant(soonest));
      }),
    );
  });

  it('after itself goes through all of them in order', () => {
    fc.assert(
      fc.property(anyEntry, anyInstant, (entry, from) => {
        const to = from + 100 * DAY_MS;
        const chain: number[] = [];
        for (let at = nextOccurrence(entry, from)!; at <= to; at = nextOccurrence(entry, at)!) chain.push(at);
        const all = [...new Set(occurrences(entry, from, to))].filter((at) => at > from && at <= to);
        expect(chain).toEqual(all.sort((a, b) => a - b));
      }),
    );
  });
});

describe('of a journey', () => {
  const entry = [
    entryOf({ at: '09:00' }),
    entryOf({ at: '09:00', segment: 'silver', every: 'week', days: ['fri'] }),
    entryOf({ at: '18:00', segment: 'new' }),
  ];
  const member = (segment: string) => ({ segment, is: 'member' });

  it('is the soonest of any entry, within its schedule', () => {
    const next = (after: string, schedule = {}) => {
      const found = nextOccurrenceOf({ entry, schedule }, ms(after));
      return found && formatInstant(found);
    };
    expect(next('2026-11-26T09:00:00+01:00')).toBe('2026-11-26T17:00:00.000Z');
    expect(next('2026-11-26T09:00:00+01:00', { startAt: '2026-11-30T09:00:00+01:00' })).toBe(
      '2026-11-30T08:00:00.000Z',
    );
    expect(next('2026-11-26T09:00:00+01:00', { endAt: '2026-11-26T18:00:00+01:00' })).toBeUndefined();
  });

  it.each([
    ['2026-11-26T09:00:00+01:00', member('gold')],
    ['2026-11-27T09:00:00+01:00', { any: [member('gold'), member('silver')] }],
    ['2026-11-27T18:00:00+01:00', member('new')],
    ['2026-11-27T12:00:00+01:00', undefined],
  ])('lets in at %s: %j', (at, expected) => {
    expect(membersAt({ entry }, ms(at))).toEqual(expected);
  });
});

describe('when it comes round', () => {
  const digest = journey({
    id: 'digest',
    entry: [entryOf({ zone: 'UTC' }), { on: 'api', properties: { why: { type: 'string', required: true } } }],
    reentry: { again: 'after-exit', whileInside: 'ignore' },
    where: { not: { ref: 'profile.blocked', is: true } },
    steps: { out: { type: 'exit', reason: 'seen' } },
  });
  const segments = { gold: 'profile.tier = "gold"' };
  const tell = (w: World, occurrence: number, id = 'r') => {
    const broadcast = { id: `digest-${occurrence}`, occurrence };
    w.deliver(profileKey('user', 'ann'), {
      t: 'enroll',
      id: `${id}-${occurrence}`,
      at: w.now,
      journey: 'digest',
      broadcast,
    });
    return w.codes().at(-1);
  };
  const at = ms('2026-11-27T09:00:00Z');

  it('lets members in, once for each occurrence, with no properties', () => {
    const w = new World({ journeys: [digest], segments });
    w.identify('ann', { tier: 'none' });
    expect(tell(w, at)).toBe('entry.no-match');
    w.identify('ann', { tier: 'gold' });
    tell(w, at, 'again');
    expect(w.codes()).toContain('entry.entered');
    expect(tell(w, at, 'and-again')).toBe('broadcast.already');
    tell(w, at + DAY_MS);
    expect(w.codes().filter((code) => code === 'entry.entered')).toHaveLength(2);
    w.identify('ann', { blocked: true });
    expect(tell(w, at + 2 * DAY_MS)).toBe('entry.filtered');
  });

  it('lets nobody in at an hour that the live version does not name', () => {
    const w = new World({ journeys: [digest], segments });
    w.identify('ann', { tier: 'gold' });
    expect(tell(w, at + 1)).toBe('entry.no-schedule');
  });
});
