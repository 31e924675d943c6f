import { describe, expect, it } from 'vitest';
import {
  didClause,
  noOccurrences,
  type Occurrences,
  recordOccurrence,
} from '../../../shared/domain/audiences/did-clauses.ts';
import { evaluatePredicate } from '../../../shared/domain/audiences/evaluate-predicate.ts';
import type { Facts } from '../../../shared/domain/audiences/facts.ts';
import { lasting } from '../../../shared/domain/audiences/found.ts';
import type { Geofence } from '../../../shared/domain/audiences/place.ts';
import type { Did, Predicate } from '../../../shared/domain/audiences/predicate.ts';
import { parsePredicate } from '../../../shared/domain/audiences/predicate-text.ts';
import { historyIn } from '../../../shared/domain/profiles/journey-history.ts';
import { emptyProfile, type Profile } from '../../../shared/domain/profiles/profile.ts';
import type { Json } from '../../../shared/kernel/canonical-json.ts';
import { DAY_MS, formatInstant, HOUR_MS, MINUTE_MS, parseInstant } from '../../../shared/kernel/time.ts';
import fc from '../../property.ts';

const ms = (text: string) => parseInstant(text)!;
const NOW = ms('2026-06-03T12:00:00+02:00');

interface Given {
  now?: number;
  values?: Record<string, Json>;
  seen?: Record<string, readonly (number | readonly [at: number, sum: number])[]>;
  since?: number;
  consents?: Record<string, 'granted' | 'pending' | 'withdrawn'>;
  journeys?: Pick<Profile, 'runs' | 'entered'>;
  enteredAt?: number;
  zone?: string;
}

function given({
  now = NOW,
  values = {},
  seen = {},
  since = 0,
  consents = {},
  journeys = emptyProfile,
  enteredAt,
  zone = 'Europe/Berlin',
}: Given): Facts {
  return {
    now,
    zone,
    ...(enteredAt === undefined ? {} : { enteredAt }),
    lookup: (ref) => lasting(values[ref]),
    occurrences: (clause) => {
      const times = seen['event' in clause ? clause.event : clause.was];
      return times?.reduce<Occurrences>((all, entry) => {
        const [at, sum] = typeof entry === 'number' ? [entry, 0] : entry;
        return recordOccurrence(all, at, sum, clause.keepMs);
      }, noOccurrences(since));
    },
    journey: (id) => historyIn(journeys, id),
    segment: () => undefined,
    geofence: (id) => geofences[id],
    consent: (channel, topic) => consents[`${channel}/${topic}`] ?? 'none',
  };
}

const geofences: Record<string, Geofence> = {
  berlin: { circle: { lat: 52.52, lon: 13.405, km: 30 } },
  triangle: {
    polygon: [
      [0, 0],
      [0, 10],
      [10, 0],
    ],
  },
};

describe('comparisons', () => {
  const missing = undefined;
  it.each<[op: string, value: Json | undefined, expected: boolean]>([
    ['= "DE"', 'DE', true],
    ['= "DE"', 'de', false],
    ['= 5', '5', false],
    ['= true', true, true],
    ['= null', null, true],
    ['= null', missing, false],
    ['= "DE"', missing, false],
    ['= "DE"', ['DE'], false],
    ['= profile.other', 'o', true],
    ['= profile.nothing', 'o', false],
    ['!= "DE"', 'FR', true],
    ['!= "DE"', 'DE', false],
    ['!= "DE"', missing, false],
    ['!= "DE"', null, false],
    ['!= "DE"', 5, false],
    ['!= "DE"', ['FR'], false],
    ['!= null', 'FR', true],
    ['!= null', null, false],
    ['!= null', missing, false],
    ['!= profile.nothing', 'FR', false],
    ['!= profile.other', 'FR', true],
    ['in ("a", 1, null)', 1, true],
    ['in ("a", 1, null)', null, true],
    ['in ("a", 1)', '1', false],
    ['in ("a", 1)', missing, false],
    ['in ("a")', ['a'], false],
    ['in profile.list', 'y', true],
    ['in profile.list', 'z', false],
    ['in profile.other', 'o', false],
    ['not in ("a", "b")', 'c', true],
    ['not in ("a", "b")', 'a', false],
    ['not in ("a", "b")', missing, false],
    ['not in ("a", "b")', 5, false],
    ['> 5', 6, true],
    ['> 5', 5, false],
    ['> 5', '6', false],
    ['>= 5', 5, true],
    ['< 5', 4, true],
    ['< 5', 5, false],
    ['< 5', null, false],
    ['<= 5', 5, true],
    ['<= 5', missing, false],
    ['> "2026-06-01T00:00:00Z"', '2026-06-01T01:00:00+00:30', true],
    ['> "2026-06-01"', '2026-06-01T00:00:00+02:00', false],
    ['>= "2026-06-01"', '2026-06-01T00:00:00+02:00', true],
    ['> "a"', 'b', false],
    ['> "2026-06-01"', 'tomorrow', false],
    ['between 1 and 3', 3, true],
    ['between 1 and 3', 1, true],
    ['between 1 and 3', 3.01, false],
    ['between "2026-06-01" and "2026-06-30"', '2026-06-15', true],
    ['exists', 0, true],
    ['exists', '', true],
    ['exists', null, false],
    ['exists', missing, false],
    ['is missing', null, true],
    ['is missing', missing, true],
    ['is missing', false, false],
    ['contains "a"', 'bar', true],
    ['contains "A"', 'bar', false],
    ['contains "a"', ['b', 'a'], true],
    ['contains 1', ['1'], false],
    ['contains 1', 'a1', false],
    ['contains "a"', { a: 1 }, false],
    ['contains "a"', missing, false],
    ['starts with "ba"', 'bar', true],
    ['starts with "ar"', 'bar', false],
    ['ends with "ar"', 'bar', true],
    ['ends with "5"', 5, false],
    ['in last 1 day', '2026-06-03T11:00:00+02:00', true],
    ['in last 1 day', '2026-06-02T12:00:00.001+02:00', true],
    ['in last 1 day', '2026-06-02T12:00:00+02:00', false],
    ['in last 1 day', '2026-06-03T12:00:00+02:00', true],
    ['in last 1 day', '2026-06-03T12:00:01+02:00', false],
    ['in last 1 day', '2026-06-03', true],
    ['in last 1 day', 1_780_000_000, false],
    ['in last 1 day', missing, false],
    ['in next 1 day', '2026-06-03T12:00:00.001+02:00', true],
    ['in next 1 day', '2026-06-03T12:00:00+02:00', false],
    ['in next 1 day', '2026-06-04T12:00:00+02:00', true],
    ['in next 1 day', '2026-06-04T12:00:00.001+02:00', false],
  ])('%s of %j is %s', (op, value, expected) => {
    const facts = given({
      values: {
        'profile.list': ['x', 'y'],
        'profile.other': 'o',
        ...(value === undefined ? {} : { 'profile.v': value }),
      },
    });
    expect(evaluatePredicate(parsePredicate(`profile.v ${op}`), facts).value).toBe(expected);
  });
});

describe('did, and message alike', () => {
  const ago = (hours: number) => NOW - hours * HOUR_MS;
  it.each<[text: string, seen: (number | [number, number])[], value: boolean, until: number | null]>([
    ['did "X" in last 1 day', [ago(23)], true, NOW + HOUR_MS],
    ['did "X" in last 1 day', [ago(24)], false, null],
    ['did "X" in last 1 day', [], false, null],
    ['did "X" at least 2 times in last 1 day', [ago(3), ago(2), ago(1)], true, NOW + 22 * HOUR_MS],
    ['did "X" at most 1 time in last 1 day', [ago(3), ago(2), ago(1)], false, NOW + 22 * HOUR_MS],
    ['did "X" exactly 2 times in last 1 day', [ago(3), ago(2), ago(1)], false, NOW + 21 * HOUR_MS],
    ['did "X" exactly 0 times in last 1 day', [], true, null],
    ['did "X" at most 0 times in last 1 day', [ago(1)], false, NOW + 23 * HOUR_MS],
    ['did "X" ever', [ago(9_000)], true, null],
    ['did "X" at least 2 times ever', [ago(9_000)], false, null],
    ['did "X" today', [ms('2026-06-03T00:00:00+02:00')], true, ms('2026-06-04T00:00:00+02:00')],
    ['did "X" today', [ms('2026-06-02T23:59:59+02:00')], false, null],
    ['did "X" in this run', [ago(2)], true, null],
    ['did "X" in this run', [ago(6)], false, null],
    ['did "X" in last 1 day', [NOW + HOUR_MS], false, NOW + HOUR_MS],
    // Only totals are kept for `ever`: an occurrence dated in the future counts at once.
    ['did "X" ever', [NOW + HOUR_MS], true, null],
    [
      'did "X" sum event.total >= 100 in last 1 day',
      [
        [ago(3), 60],
        [ago(1), 50],
      ],
      true,
      NOW + 21 * HOUR_MS,
    ],
    [
      'did "X" sum event.total < 100 in last 1 day',
      [
        [ago(3), 60],
        [ago(1), 50],
      ],
      false,
      NOW + 21 * HOUR_MS,
    ],
    ['did "X" sum event.total < 100 in last 1 day', [], false, null],
    ['did "X" sum event.total <= 0 at least 0 times in last 1 day', [], true, null],
  ])('%s after %j', (text, times, value, until) => {
    const facts = given({ seen: { X: times, sent: times }, enteredAt: ago(5) });
    const asked = text.includes(' sum ') ? [text] : [text, text.replace('did "X"', 'sent email')];
    for (const one of asked) {
      expect(evaluatePredicate(parsePredicate(one), facts), one).toMatchObject({ value, validUntil: until });
    }
  });

  it('ever waits for an occurrence dated in the future that another window keeps', () => {
    const seen = recordOccurrence(undefined, NOW + HOUR_MS, 5, 30 * DAY_MS);
    const facts = { ...given({}), occurrences: () => seen };
    expect(evaluatePredicate(parsePredicate('did "X" ever'), facts)).toMatchObject({
      value: false,
      validUntil: NOW + HOUR_MS,
    });
    expect(evaluatePredicate(parsePredicate('did "X" ever'), { ...facts, now: NOW + HOUR_MS }).value).toBe(true);
  });

  it('leaves a window of a day at the same wall-clock time, also when clocks change', () => {
    const facts = given({ now: ms('2026-03-28T20:00:00+01:00'), seen: { X: [ms('2026-03-28T09:00:00+01:00')] } });
    const { validUntil } = evaluatePredicate(parsePredicate('did "X" in last 1 day'), facts);
    expect(formatInstant(validUntil!)).toBe('2026-03-29T07:00:00.000Z');
  });

  it('is false when nothing is tracked, whatever the count', () => {
    const { value, because } = evaluatePredicate(parsePredicate('did "Y" at most 3 times ever'), given({}));
    expect(value).toBe(false);
    expect(because).toEqual([{ part: 'did "Y" at most 3 times ever', value: false, saw: 'not tracked' }]);
  });

  it('is false in this run when there is none', () => {
    expect(
      evaluatePredicate(parsePredicate('did "X" exactly 0 times in this run'), given({ seen: { X: [] } })).value,
    ).toBe(false);
  });

  it('says since when a count is complete', () => {
    const p = parsePredicate('did "X" in last 30 days and did "X" in last 1 hour');
    expect(evaluatePredicate(p, given({ seen: { X: [ago(1)] }, since: NOW - 10 * DAY_MS })).completeSince).toBe(
      NOW - 10 * DAY_MS,
    );
    expect(
      evaluatePredicate(p, given({ seen: { X: [ago(1)] }, since: NOW - 40 * DAY_MS })).completeSince,
    ).toBeUndefined();
  });
});

describe('the other heads', () => {
  it.each<[text: string, value: boolean, until: string | null]>([
    ['all ()', true, null],
    ['any ()', false, null],
    ['not any ()', true, null],
    ['consent email/offers is granted', true, null],
    ['consent sms/offers is none', true, null],
    ['consent sms/offers is withdrawn', false, null],
    ['local time is mon-fri 09:00-18:00', true, '2026-06-03T16:00:00.000Z'],
    ['not local time is mon-fri 09:00-18:00', false, '2026-06-03T16:00:00.000Z'],
    ['local time is sat 09:00-18:00', false, '2026-06-06T07:00:00.000Z'],
    ['local time is 00:00-00:00', true, null],
    // False until the last false part can change; the true part does not matter.
    [
      'local time is sat 09:00-18:00 and local time is 13:00-14:00 and local time is 09:00-18:00',
      false,
      '2026-06-06T07:00:00.000Z',
    ],
    ['local time is sat 09:00-18:00 or local time is 13:00-14:00', false, '2026-06-03T11:00:00.000Z'],
    ['local time is 09:00-13:00 or local time is 09:00-18:00', true, '2026-06-03T16:00:00.000Z'],
    ['local time is 09:00-13:00 and local time is 09:00-18:00', true, '2026-06-03T11:00:00.000Z'],
  ])('%s', (text, value, until) => {
    const result = evaluatePredicate(parsePredicate(text), given({ consents: { 'email/offers': 'granted' } }));
    expect(result.value).toBe(value);
    expect(result.validUntil === null ? null : formatInstant(result.validUntil)).toBe(until);
  });

  it('gives a reason for every comparison, without long texts', () => {
    const facts = given({
      values: { 'profile.a': 'x'.repeat(100), 'profile.b': [1, 2], 'profile.c': { d: 1 }, 'profile.e': 5 },
    });
    const p = parsePredicate(
      'profile.a exists and (profile.b = 1 or profile.c = 1) and not profile.e = 5 and profile.f = 1',
    );
    expect(evaluatePredicate(p, facts).because).toEqual([
      { part: 'profile.a exists', value: true, saw: `"${'x'.repeat(63)}… (100 characters)` },
      { part: 'profile.b = 1', value: false, saw: 'list of 2' },
      { part: 'profile.c = 1', value: false, saw: 'object' },
      { part: 'profile.e = 5', value: true, saw: '5' },
      { part: 'profile.f = 1', value: false, saw: 'missing' },
    ]);
  });
});

describe('validUntil', () => {
  const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'UTC', 'Africa/Cairo');
  // Around changes of clocks in March and October, and one ordinary week.
  const now = fc
    .tuple(
      fc.constantFrom('2026-03-28T12:00:00Z', '2026-10-24T12:00:00Z', '2026-06-03T10:00:00Z'),
      fc.integer({ min: -36 * 4, max: 36 * 4 }),
    )
    .map(([start, quarters]) => ms(start) + quarters * 15 * MINUTE_MS);
  const leaf = fc.constantFrom(
    'did "X" in last 1 day',
    'did "X" at least 2 times in last 6 hours',
    'did "X" exactly 1 time in last 2 days',
    'did "X" at most 1 time today',
    'did "X" today',
    'did "X" sum event.total >= 3 in last 1 day',
    'did "X" at least 2 times in this run',
    'profile.at in last 1 day',
    'profile.at in next 36 hours',
    'sequence "X" then "Y" within 5 hours, all in last 1 day',
    'sequence "Y" then "X" without "X", all in last 2 days',
    'local time is mon-fri 09:00-18:00',
    'local time is (sat sun 22:00-03:00, 01:30-02:30)',
    'profile.plan = "pro"',
  );
  const { tree } = fc.letrec<{ tree: Predicate }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      leaf.map(parsePredicate),
      fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
      fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
      tie('tree').map((not) => ({ not })),
    ),
  }));
  const hours = fc.integer({ min: -60, max: 30 }).map((n) => n * HOUR_MS + 7 * MINUTE_MS);

  it('is in the future, and the value is the same at every instant before it', () => {
    let changed = 0;
    fc.assert(
      fc.property(
        tree,
        now,
        zone,
        fc.array(fc.tuple(hours, fc.nat(3)), { maxLength: 5 }),
        hours,
        (p, at, inZone, seen, trait) => {
          const factsAt = (t: number) =>
            given({
              now: t,
              zone: inZone,
              values: { 'profile.plan': 'pro', 'profile.at': formatInstant(at + trait) },
              seen: { X: seen.map(([ago, sum]) => [at + ago, sum] as const) },
              enteredAt: at - 20 * HOUR_MS,
            });
          const { value, validUntil } = evaluatePredicate(p, factsAt(at));
          if (validUntil !== null) expect(validUntil).toBeGreaterThan(at);
          const end = Math.min(validUntil ?? Number.POSITIVE_INFINITY, at + 4 * DAY_MS);
          for (let t = at; t < end; t += 29 * MINUTE_MS) expect(evaluatePredicate(p, factsAt(t)).value).toBe(value);
          expect(evaluatePredicate(p, factsAt(end - 1)).value).toBe(value);
          if (validUntil !== null && evaluatePredicate(p, factsAt(validUntil)).value !== value) changed += 1;
        },
      ),
      { numRuns: 60 },
    );
    expect(changed).toBeGreaterThan(5);
  });

  it('of a single comparison is the very instant of the change', () => {
    fc.assert(
      fc.property(
        leaf,
        now,
        zone,
        fc.array(fc.tuple(hours, fc.nat(3)), { maxLength: 5 }),
        hours,
        (text, at, inZone, seen, trait) => {
          const factsAt = (t: number) =>
            given({
              now: t,
              zone: inZone,
              values: { 'profile.at': formatInstant(at + trait) },
              seen: { X: seen.map(([ago, sum]) => [at + ago, sum] as const) },
              enteredAt: at - 20 * HOUR_MS,
            });
          const p = parsePredicate(text);
          const { value, validUntil } = evaluatePredicate(p, factsAt(at));
          if (validUntil !== null) expect(evaluatePredicate(p, factsAt(validUntil)).value).toBe(!value);
        },
      ),
      { numRuns: 400 },
    );
  });
});

it('finds the same clause for the same question, and another for another filter', () => {
  const id = (text: string) => didClause(parsePredicate(text) as Did).id;
  expect(id('did "X" in last 1 day')).toBe(id('did "X" at least 5 times ever'));
  expect(id('did "X" where event.a = 1 ever')).not.toBe(id('did "X" ever'));
  expect(id('did "X" sum event.a > 1 ever')).not.toBe(id('did "X" sum event.b > 1 ever'));
});
