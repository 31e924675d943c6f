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
import type { Did, Predicate } from '../../../shared/domain/audiences/predicate.ts';
import { parsePredicate } from '../../../shared/domain/audiences/predicate-text.ts';
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
  enteredAt?: number;
  zone?: string;
}

function given({ now = NOW, values = {}, seen = {}, since = 0, enteredAt, zone = 'Europe/Berlin' }: Given): Facts {
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
    journey: () => ({ inside: false, everEntered: false, ends: [] }),
    segment: () => undefined,
    geofence: () => undefined,
    consent: () => 'none',
  };
}

it('ever waits for an occurrence dated in the future that another window keeps', () => {
  const seen = recordOccurrence(undefined, NOW + HOUR_MS, 5, 30 * DAY_MS);
  const facts = { ...given({}), occurrences: () => seen };
  expect(evaluatePredicate(parsePredicate('did "X" ever'), facts)).toMatchObject({
    value: false,
    validUntil: NOW + HOUR_MS,
  });
  expect(evaluatePredicate(parsePredicate('did "X" ever'), { ...facts, now: NOW + HOUR_MS }).value).toBe(true);
});

it('a count that knows everything is complete, however far it looks back', () => {
  const p = parsePredicate('did "X" ever and did "X" in last 300 days');
  expect(evaluatePredicate(p, given({ seen: { X: [NOW] }, since: 0 })).completeSince).toBeUndefined();
  expect(evaluatePredicate(p, given({ seen: { X: [NOW] }, since: 1 })).completeSince).toBe(1);
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
