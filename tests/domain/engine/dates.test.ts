import { describe, expect, it } from 'vitest';
import { dueOn, isOccurrence, nextOccurrence, readDay } from '../../../shared/domain/journeys/engine/occurrence.ts';
import { MAX_DATES } from '../../../shared/domain/profiles/limits.ts';
import { nextDue } from '../../../shared/domain/profiles/profile.ts';
import type { Json } from '../../../shared/kernel/canonical-json.ts';
import { profileKey } from '../../../shared/kernel/ids.ts';
import { DAY_MS, formatInstant, HOUR_MS } from '../../../shared/kernel/time.ts';
import { localDate } from '../../../shared/kernel/zone.ts';
import fc from '../../property.ts';
import { instant, journey, World } from './world.ts';

const wait = { hold: { type: 'wait', for: 'P1D', next: 'end' } } as const;
const again = { again: 'after-exit', whileInside: 'restart' } as const;
const onDate = (more: object = {}, rest: object = {}) =>
  journey({
    id: 'birthday',
    entry: [{ on: 'date', trait: 'profile.birthday', every: 'year', at: '09:00', ...more }],
    reentry: again,
    steps: wait,
    ...rest,
  } as never);
const renewal = (more: object = {}, rest: object = {}) =>
  onDate({ trait: 'profile.renewal_at', every: 'once', ...more }, { id: 'renewal', ...rest });

const entered = (w: World) =>
  w.decisions.flatMap(({ decision }) => decision.reasons).filter(({ code }) => code === 'entry.entered').length;
const due = (w: World) => {
  const at = nextDue({ ...w.profile('ann'), runs: {} });
  return at === undefined ? undefined : formatInstant(at).slice(0, 16);
};

describe('which days count', () => {
  it.each<[value: Json, read: object | undefined]>([
    ['1992-02-29', { year: 1992, month: 2, day: 29 }],
    ['--02-29', { month: 2, day: 29 }],
    [' 2026-10-30 ', { year: 2026, month: 10, day: 30 }],
    ['2026-10-30T23:30:00Z', { year: 2026, month: 10, day: 30 }],
    ['2026-10-30T00:30:00+09:00', { year: 2026, month: 10, day: 30 }],
    ['2026-10-30 09:00', { year: 2026, month: 10, day: 30 }],
    ['1990-02-29', undefined],
    ['--02-30', undefined],
    ['2026-10-30T25:00:00Z', undefined],
    ['--10-30T09:00:00Z', undefined],
    ['30.10.2026', undefined],
    ['10-30', undefined],
    ['', undefined],
    [19_921_030, undefined],
    [null, undefined],
    [['2026-10-30'], undefined],
  ])('%j', (value, read) => {
    expect(readDay(value)).toEqual(read);
  });

  it.each<[zone: string, on: string, offset: string | undefined, at: string, comes: string]>([
    ['UTC', '2026-03-05', undefined, '09:00', '2026-03-05T09:00'],
    ['Asia/Tokyo', '2026-03-05', undefined, '09:00', '2026-03-05T00:00'],
    ['America/New_York', '2026-03-05', undefined, '09:00', '2026-03-05T14:00'],
    ['UTC', '2027-01-03', '-P7D', '09:00', '2026-12-27T09:00'],
    ['UTC', '2026-12-30', 'P1W', '09:00', '2027-01-06T09:00'],
    ['UTC', '2024-02-29', 'P1Y', '09:00', '2025-02-28T09:00'],
    ['UTC', '2026-03-31', '-P1M', '09:00', '2026-02-28T09:00'],
    ['Europe/Berlin', '2026-03-30', '-P1D', '09:00', '2026-03-29T07:00'],
    ['Europe/Berlin', '2026-03-30', '-P2D', '09:00', '2026-03-28T08:00'],
    // Clocks go forward on 29 March 2026: 02:30 does not exist, and is 03:30.
    ['Europe/Berlin', '2026-03-29', undefined, '02:30', '2026-03-29T01:30'],
    ['Europe/Berlin', '2026-04-05', '-P7D', '02:30', '2026-03-29T01:30'],
    ['Europe/Berlin', '2026-03-29', 'P7D', '02:30', '2026-04-05T00:30'],
    // They go back on 25 October: 02:30 comes twice, the first counts.
    ['Europe/Berlin', '2026-10-25', undefined, '02:30', '2026-10-25T00:30'],
    ['Europe/Berlin', '2026-10-25', '-PT2H', '02:30', '2026-10-24T22:30'],
    ['UTC', '2026-03-05', 'PT30S', '09:00', '2026-03-05T09:01'],
    ['Pacific/Apia', '2011-12-30', undefined, '09:00', '2011-12-30T19:00'],
  ])('in %s the day %s with offset %s at %s comes at %s', (zone, on, offset, at, comes) => {
    const entry = { at, ...(offset !== undefined && { offset }) };
    expect(formatInstant(dueOn(on, entry, zone)).slice(0, 16)).toBe(comes);
  });

  it.each<[named: string, every: 'once' | 'year', offset: string | undefined, now: string, next: string | undefined]>([
    ['1992-02-29', 'year', undefined, '2026-01-01T00:00:00Z', '2026-02-28'],
    ['1992-02-29', 'year', undefined, '2028-01-01T00:00:00Z', '2028-02-29'],
    ['--02-29', 'year', undefined, '2027-03-01T00:00:00Z', '2028-02-29'],
    ['1992-03-05', 'year', undefined, '2026-03-05T09:00:00Z', '2027-03-05'],
    ['1992-03-05', 'year', undefined, '2026-03-05T08:59:59Z', '2026-03-05'],
    ['1992-01-03', 'year', '-P7D', '2026-12-26T00:00:00Z', '2027-01-03'],
    ['1992-12-30', 'year', 'P7D', '2027-01-05T00:00:00Z', '2026-12-30'],
    ['1992-01-01', 'year', '-P1Y', '2026-06-01T00:00:00Z', '2028-01-01'],
    ['1992-01-01', 'year', 'P1Y', '2026-06-01T00:00:00Z', '2026-01-01'],
    ['2030-03-05', 'year', undefined, '2026-06-01T00:00:00Z', '2030-03-05'],
    ['2026-12-01', 'once', '-P7D', '2026-11-24T00:00:00Z', '2026-12-01'],
    ['2026-12-01', 'once', '-P7D', '2026-11-24T09:00:00Z', undefined],
    ['9999-12-31', 'once', undefined, '2026-11-24T09:00:00Z', '9999-12-31'],
    ['0001-01-01', 'year', undefined, '2026-11-24T09:00:00Z', '2027-01-01'],
  ])('of %s, %s, offset %s, at %s the next is %s', (text, every, offset, now, next) => {
    const entry = { on: 'date', trait: 'profile.d', every, at: '09:00', ...(offset && { offset }) } as const;
    expect(nextOccurrence(readDay(text)!, entry, 'UTC', instant(now), undefined)).toBe(next);
  });
});

describe('who enters on a day', () => {
  it('enters once a year at the time of day in the own zone', () => {
    const w = new World({ journeys: [onDate()], at: '2026-01-10T00:00:00Z' });
    w.identify('ann', { birthday: '1992-02-29', timezone: 'Asia/Tokyo' });
    expect(due(w)).toBe('2026-02-28T00:00');
    w.until('2026-02-28T00:00:00Z');
    expect(w.run('ann').enteredAt).toBe(instant('2026-02-28T00:00:00Z'));
    expect(due(w)).toBe('2027-02-28T00:00');
    w.until('2030-01-01T00:00:00Z');
    expect(w.codes().filter((code) => code === 'entry.entered')).toHaveLength(4);
    const at = w.decisions
      .filter(({ decision }) => decision.reasons.some(({ code }) => code === 'entry.entered'))
      .map(({ record }) => (record.t === 'wake' ? formatInstant(record.due).slice(0, 10) : record.t));
    expect(at).toEqual(['2026-02-28', '2027-02-28', '2028-02-29', '2029-02-28']);
  });

  it.each<[string, object | undefined, object | undefined, string]>([
    ['the environment, without any other', undefined, undefined, '2026-03-05T09:00'],
    ['the journey', { zone: 'Europe/Berlin' }, undefined, '2026-03-05T08:00'],
    ['the customer', { zone: 'Europe/Berlin' }, { timezone: 'America/New_York' }, '2026-03-05T14:00'],
  ])('goes by the zone of %s', (_of, rest, traits, comes) => {
    const w = new World({ journeys: [onDate({}, rest)], at: '2026-01-10T00:00:00Z' });
    w.identify('ann', { birthday: '1992-03-05', ...traits });
    expect(due(w)).toBe(comes);
  });

  it('goes by a date deep in a trait', () => {
    const w = new World({ journeys: [renewal({ trait: 'profile.contract.ends_at', offset: '-P7D' })] });
    w.identify('ann', { contract: { ends_at: '2026-12-24T00:00:00Z' } });
    w.until('2026-12-17T08:59:59Z');
    expect(entered(w)).toBe(0);
    w.until('2026-12-17T09:00:00Z');
    expect(entered(w)).toBe(1);
  });

  it('asks where, the schedule, re-entry and the holdout as every entry does', () => {
    const journeys = [
      onDate({}, { where: 'profile.plan = "gold"' }),
      onDate({}, { id: 'later', schedule: { startAt: '2030-01-01T00:00:00Z' } }),
      onDate({}, { id: 'kept-out', holdout: { percent: 100 } }),
      onDate({}, { id: 'once-only', reentry: { again: 'never', whileInside: 'ignore' } }),
    ];
    const w = new World({ journeys, at: '2026-01-10T00:00:00Z' });
    w.identify('ann', { birthday: '1992-03-05' });
    w.until('2027-04-01T00:00:00Z');
    const codes = w.codes().filter((code) => !code.startsWith('step.') && !code.startsWith('exit.'));
    const yearly = ['entry.filtered', 'journey.not-started', 'entry.holdout'];
    expect(codes.toSorted()).toEqual([...yearly, ...yearly, 'entry.entered', 'reentry.never'].toSorted());
  });

  it('says once that a trait names no day, and costs nothing then', () => {
    const w = new World({ journeys: [renewal()] });
    w.identify('ann', { renewal_at: 'soon' });
    w.identify('ann', { renewal_at: 'later', timezone: 'Asia/Tokyo' });
    expect(w.track('ann', 'Page Viewed').changed).toBe(false);
    expect(w.codes()).toEqual(['date.unreadable']);
    w.identify('ann', { renewal_at: '--12-24' });
    expect(due(w)).toBeUndefined();
    w.identify('ann', { renewal_at: '2026-12-24' });
    expect(due(w)).toBe('2026-12-24T00:00');
  });

  it('enters once a year when the day is corrected, and again on another day when it is not yearly', () => {
    const w = new World({ journeys: [onDate(), renewal()], at: '2026-02-01T00:00:00Z' });
    w.identify('ann', { birthday: '1992-03-05', renewal_at: '2026-03-10' });
    w.identify('ann', { birthday: '1992-04-01' });
    w.until('2026-03-20T00:00:00Z');
    expect(entered(w)).toBe(1);
    w.identify('ann', { renewal_at: '2026-04-10' });
    w.until('2026-04-20T00:00:00Z');
    expect(entered(w)).toBe(3);
    w.identify('ann', { birthday: '1992-09-01', renewal_at: null });
    w.identify('ann', { birthday: null });
    w.identify('ann', { birthday: '1992-09-01', renewal_at: '2026-04-10' });
    w.until('2027-08-31T00:00:00Z');
    expect(entered(w)).toBe(3);
    expect(due(w)).toBe('2027-09-01T09:00');
  });

  it('keeps nothing for whoever has no such trait, and writes nothing where nothing changes', () => {
    const w = new World({ journeys: [onDate()] });
    w.identify('bob', { plan: 'gold' });
    expect(w.profile('bob').dates).toBeUndefined();
    w.identify('ann', { birthday: '1992-03-05' });
    for (const change of [
      w.track('ann', 'Page Viewed'),
      w.identify('ann', { birthday: '1992-03-05' }),
      w.wake(profileKey('user', 'ann')),
      w.track('bob', 'Page Viewed'),
    ]) {
      expect([change.changed, change.effects]).toEqual([false, []]);
    }
    w.identify('ann', { birthday: null });
    expect(w.profile('ann').dates).toBeUndefined();
  });

  it('arms who is there already when they are woken with the catalog that knows of it', () => {
    const w = new World({ at: '2026-01-10T00:00:00Z' });
    w.identify('ann', { birthday: '1992-03-05' });
    expect(w.profile('ann').dates).toBeUndefined();
    w.publish(onDate());
    w.wake(profileKey('user', 'ann'));
    expect(due(w)).toBe('2026-03-05T09:00');
    w.publish(onDate({ at: '18:00' }));
    w.track('ann', 'Page Viewed');
    expect(due(w)).toBe('2026-03-05T18:00');
    w.until('2026-03-05T18:00:00Z');
    w.publish(onDate({ at: '20:00' }));
    w.track('ann', 'Page Viewed');
    w.until('2026-03-06T00:00:00Z');
    expect(entered(w)).toBe(1);
  });

  it('has a limit, and says so', () => {
    const journeys = Array.from({ length: MAX_DATES + 2 }, (_, i) => onDate({}, { id: `j-${i}` }));
    const w = new World({ journeys, at: '2026-01-10T00:00:00Z' });
    w.identify('ann', { birthday: '1992-03-05' });
    expect(Object.keys(w.profile('ann').dates!.next)).toHaveLength(MAX_DATES);
    expect(w.reasons).toMatchObject([{ code: 'date.too-many', saw: { limit: MAX_DATES, actual: MAX_DATES + 2 } }]);
    expect(JSON.stringify(w.profile('ann').dates).length / MAX_DATES).toBeLessThan(70);
  });
});

describe('an occurrence that is missed', () => {
  const world = () => {
    const w = new World({ journeys: [onDate()], at: '2026-03-01T00:00:00Z' });
    w.identify('ann', { birthday: '1992-03-05' });
    w.set('birthday', 'paused');
    return w;
  };
  it.each([
    ['half a day late', '2026-03-05T21:00:00Z', 'entry.entered'],
    ['later', '2026-03-05T21:00:01Z', 'entry.too-old'],
  ])('waits while the journey is paused, and %s it is %s', (_late, resumed, code) => {
    const w = world();
    w.until('2026-03-05T12:00:00Z');
    expect(w.track('ann', 'Page Viewed').changed).toBe(false);
    expect(due(w)).toBe('2026-03-05T09:00');
    w.until(resumed);
    w.set('birthday', 'live');
    w.sweep();
    w.sweep();
    expect(w.codes().filter((one) => one.startsWith('entry'))).toEqual([code]);
    expect(due(w)).toBe('2027-03-05T09:00');
  });

  it('is passed over when the journey goes on without what is overdue', () => {
    const w = world();
    w.until('2026-03-05T10:00:00Z');
    w.set('birthday', 'live', w.now);
    w.sweep();
    expect(w.codes()).toEqual(['entry.overdue']);
    expect(due(w)).toBe('2027-03-05T09:00');
  });

  it.each(['draining', 'stopped'] as const)('is refused once when the journey is %s, and no more armed', (state) => {
    const w = world();
    w.set('birthday', state);
    w.until('2029-01-01T00:00:00Z');
    expect(w.codes()).toEqual([`journey.${state}`]);
    expect(due(w)).toBeUndefined();
  });

  it('enters when the zone moves the day into the past', () => {
    const w = new World({ journeys: [onDate()], at: '2026-03-05T03:00:00Z' });
    w.identify('ann', { birthday: '1992-03-05', timezone: 'America/New_York' });
    expect(due(w)).toBe('2026-03-05T14:00');
    w.identify('ann', { timezone: 'Asia/Tokyo' });
    expect(entered(w)).toBe(1);
    w.identify('ann', { timezone: 'America/New_York' });
    w.until('2026-03-07T00:00:00Z');
    expect(entered(w)).toBe(1);
  });
});

describe('the same person twice', () => {
  it.each([
    ['before the day', '2026-03-01T00:00:00Z'],
    ['after the day', '2026-03-06T00:00:00Z'],
  ])('enters once when two profiles with the same birthday merge %s', (_when, at) => {
    const w = new World({ journeys: [onDate({}, { reentry: again })], at: '2026-02-01T00:00:00Z' });
    w.event({ kind: 'identify', name: 'Identified', anonymousId: 'd1', data: { birthday: '1992-03-05' } });
    w.until(at);
    w.identify('ann', { birthday: '1992-03-05' }, { anonymousId: 'd1' });
    w.until('2026-12-01T00:00:00Z');
    expect(entered(w)).toBe(1);
    expect(due(w)).toBe('2027-03-05T09:00');
  });

  it('lets in the one whose wake is still under way when profiles merge', () => {
    const w = new World({ journeys: [onDate()], at: '2026-02-01T00:00:00Z' });
    w.event({ kind: 'identify', name: 'Identified', anonymousId: 'd1', data: { birthday: '1992-03-05' } });
    w.now = instant('2026-03-05T09:01:00Z');
    w.identify('ann', { plan: 'gold' }, { anonymousId: 'd1' });
    expect(entered(w)).toBe(1);
    w.until('2026-03-06T00:00:00Z');
    expect(entered(w)).toBe(1);
  });
});

/** Each occurrence of the last named day lets in once or says why not, whatever comes in between. */
it('enters exactly once for each occurrence', () => {
  const act = fc.oneof(
    fc.record({ do: fc.constant('pass' as const), days: fc.constantFrom(0.01, 0.3, 1, 20, 100, 200, 400) }),
    fc.record({
      do: fc.constant('traits' as const),
      traits: fc.constantFrom<{ [name: string]: Json }>(
        { timezone: 'Asia/Tokyo' },
        { timezone: 'America/Los_Angeles' },
        { timezone: null },
        { birthday: '1992-02-29' },
        { birthday: '--02-29' },
        { plan: 'gold' },
      ),
    }),
    fc.record({ do: fc.constantFrom('wake' as const, 'event' as const, 'publish' as const, 'merge' as const) }),
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 25 }), fc.constantFrom('-P1Y', '-P7D', 'P0D', 'P60D'), (acts, offset) => {
      const w = new World({
        journeys: [onDate({ offset }, { where: 'profile.birthday exists' })],
        at: '2026-01-05T00:00:00Z',
      });
      w.identify('ann', { birthday: '1992-02-29' });
      acts.forEach((one, i) => {
        if (one.do === 'pass') w.pass(one.days * DAY_MS);
        else if (one.do === 'traits') w.identify('ann', one.traits);
        else if (one.do === 'wake') w.wake(profileKey('user', 'ann'));
        else if (one.do === 'event') w.track('ann', 'Page Viewed');
        else if (one.do === 'publish') w.publish(onDate({ offset, at: `${10 + (i % 5)}:00` }));
        else {
          w.event({ kind: 'identify', name: 'Identified', anonymousId: `d${i}`, data: { birthday: '1992-02-29' } });
          w.event({ kind: 'identify', name: 'Identified', userId: 'ann', anonymousId: `d${i}`, data: {} });
        }
      });
      w.pass(2 * DAY_MS);
      const first = instant('2026-01-05T00:00:00Z');
      const { year } = localDate(w.now, 'UTC');
      const expected = Array.from({ length: year - 2024 + 3 }, (_, i) => 2024 + i).filter((one) => {
        const on = [`${one}-02-29`, `${one}-02-28`].find((day) => isOccurrence({ month: 2, day: 29 }, 'year', day))!;
        const comes = dueOn(on, { offset, at: '09:00' }, 'UTC');
        return comes > first + 2 * DAY_MS && comes < w.now - 2 * DAY_MS;
      });
      const codes = w.codes().filter((code) => code === 'entry.entered' || code === 'entry.too-old');
      expect(codes.length).toBeGreaterThanOrEqual(expected.length);
      expect(codes.length).toBeLessThanOrEqual(expected.length + 1);
      expect(codes).not.toContain('entry.too-old');
    }),
    { numRuns: 100 },
  );
});

describe('far-off days', () => {
  const armed = (w: World) =>
    w.decisions.flatMap(({ decision }) =>
      decision.effects.flatMap((effect) => (effect.e === 'wake' ? effect.due : [])),
    );

  it('arm no wake, and stand in the profile', () => {
    const w = new World({ journeys: [onDate()], at: '2026-03-03T18:59:00Z' });
    w.identify('ann', { birthday: '1992-03-05' });
    expect([due(w), armed(w)]).toEqual(['2026-03-05T09:00', []]);
    const v = new World({ journeys: [onDate()], at: '2026-03-03T19:00:00Z' });
    v.identify('ann', { birthday: '1992-03-05' });
    expect(armed(v)).toEqual([instant('2026-03-05T09:00:00Z')]);
  });

  it('come at their minute and once each, whatever the sweeps; one that fails makes them half a day late at most', () => {
    const sweep = fc.oneof(
      fc.record({ hoursLate: fc.integer({ min: 0, max: 14 }), times: fc.constantFrom(1, 1, 2, 0) }),
      fc.constant({ hoursLate: 0, times: 1 }),
    );
    const offsets = fc.constantFrom('-P7D', '-PT5H', 'P0D', 'P60D');
    let seen = 0;
    const check = (sweeps: { hoursLate: number; times: number }[], offset: string, at: string, hour: number) => {
      const entries = [
        { id: 'birthday', offset, at },
        { id: 'second', at: '12:00' },
      ];
      const w = new World({
        journeys: entries.map(({ id, ...one }) => onDate(one, { id })),
        at: '2026-01-05T00:00:00Z',
      });
      const begin = w.now;
      w.nextSweep = Number.POSITIVE_INFINITY;
      w.identify('ann', { birthday: '1992-02-29' });
      let hasFailed: boolean = false;
      for (let day = 0; day < 800; day += 1) {
        const { hoursLate, times } = sweeps[day % sweeps.length]!;
        const isMissed: boolean = times === 0 && !hasFailed;
        const late = hasFailed || isMissed ? 0 : hoursLate;
        hasFailed = isMissed;
        w.until(Math.max(w.now, begin + day * DAY_MS + (hour + late) * HOUR_MS));
        for (let i = 0; !isMissed && i < Math.max(times, 1); i += 1) w.sweepDays();
        if (day % 50 === hour) w.track('ann', 'Page Viewed');
      }
      const came = w.decisions.flatMap(({ at: when, decision }) =>
        decision.reasons.flatMap((one) => (one.code === 'entry.entered' ? [{ id: one.journey, when }] : [])),
      );
      for (const { id, ...entry } of entries) {
        const dues = [2025, 2026, 2027, 2028, 2029]
          .flatMap((year) => [`${year}-02-28`, `${year}-02-29`])
          .filter((on) => isOccurrence({ month: 2, day: 29 }, 'year', on))
          .map((on) => dueOn(on, entry, 'UTC'))
          .filter((due) => due > begin && due <= w.now);
        const mine = came.filter((one) => one.id === id).map(({ when }) => when);
        if (sweeps.every(({ times }) => times > 0)) expect(mine).toEqual(dues);
        expect(mine).toHaveLength(dues.length);
        for (const [i, when] of mine.entries()) {
          expect(when).toBeGreaterThanOrEqual(dues[i]!);
          expect(when - dues[i]!).toBeLessThanOrEqual(10 * HOUR_MS);
        }
        seen += mine.length;
      }
      expect(w.codes()).not.toContain('entry.too-old');
    };
    const hours = fc.integer({ min: 0, max: 23 });
    fc.assert(
      fc.property(
        fc.array(sweep, { minLength: 1, maxLength: 6 }),
        offsets,
        fc.constantFrom('00:00', '09:00'),
        hours,
        check,
      ),
      { numRuns: 40 },
    );
    expect(seen).toBeGreaterThan(100);
  });
});
