import { describe, expect, it } from 'vitest';
import { canHold } from '../../../shared/domain/audiences/can-hold.ts';
import { evaluatePredicate } from '../../../shared/domain/audiences/evaluate-predicate.ts';
import type { Facts } from '../../../shared/domain/audiences/facts.ts';
import { lasting } from '../../../shared/domain/audiences/found.ts';
import type { Predicate } from '../../../shared/domain/audiences/predicate.ts';
import { parsePredicate } from '../../../shared/domain/audiences/predicate-text.ts';
import fc from '../../property.ts';

describe('canHold', () => {
  it.each([
    'profile.a = 1 and profile.a = 2',
    'profile.a = 1 and profile.a != 1',
    'profile.a = 1 and not (profile.a = 1)',
    'profile.a in (1, 2) and profile.a in (3, "1")',
    'profile.a in (1, 2) and profile.a not in (1, 2)',
    'profile.a > 5 and profile.a < 5',
    'profile.a >= 5 and profile.a <= 4.9',
    'profile.a between 5 and 3',
    'profile.a > 3 and profile.a = "x"',
    'profile.a > 3 and not (profile.a > 2)',
    'profile.a exists and profile.a is missing',
    'profile.a > "abc"',
    'profile.a > "2026-10-30" and profile.a < "2026-10-29"',
    'profile.a > "2026-10-30T10:00:00Z" and profile.a < "2026-10-30T11:00:00+02:00"',
    'profile.a > 1 and profile.a in last 3 days',
    'profile.a starts with "x" and profile.a > 2',
    'profile.a = "abc" and profile.a starts with "x"',
    'profile.a = 1 and (profile.a = 2 or profile.a = 3)',
    '(profile.a = 1 or profile.b = 1) and profile.a is missing and profile.b is missing',
    'did "X" at least 2 times in last 3 days and did "X" at most 1 times in last 3 days',
    'did "X" where (event.n > 5 and event.n < 3) in last 3 days',
    'did "X" sum event.total >= 5 in last 3 days and did "X" sum event.total < 5 in last 3 days',
    'did "X" exactly 2 times ever and not (did "X" at least 1 times ever)',
    'consent email/offers is granted and consent email/offers is withdrawn',
    'inside journey a and never entered journey a',
    'local time is mon-fri 09:00-18:00 and not (local time is mon-fri 09:00-18:00)',
  ])('no: %s', (text) => {
    expect(canHold([parsePredicate(text)])).toBe(false);
  });

  it.each([
    'profile.a = 1 and profile.b = 2',
    'profile.a > 5 and profile.a <= 5.0000001',
    'profile.a is missing or profile.a = 1',
    'profile.a is missing and profile.a = entry.b',
    'not (profile.a > 5) and not (profile.a <= 5)',
    'profile.a exists and not (profile.a = 1) and not (profile.a starts with "x")',
    'profile.a contains "x" and profile.a contains 1',
    'profile.a > "2026-10-30" and profile.a < "2026-10-30T01:00:00Z"',
    'profile.a = "2026-10-30" and profile.a > "2026-10-29T23:00:00Z"',
    'profile.a in last 3 days and profile.a in next 3 days',
    'profile.a = entry.b and profile.a != entry.b',
    'did "X" at most 1 times in last 3 days and did "X" at least 2 times in last 30 days',
    'did "X" at least 1 times ever and did "X" sum event.total = 0 ever',
    'not (did "X" at least 1 times in this run) and not (did "X" exactly 0 times in this run)',
    'inside journey a and finished journey a',
  ])('perhaps: %s', (text) => {
    expect(canHold([parsePredicate(text)])).toBe(true);
  });

  it('asks what is left when others are false', () => {
    const gold = parsePredicate('profile.tier = "gold"');
    const both = parsePredicate('profile.tier = "gold" and profile.n > 3');
    expect([canHold([both], [gold]), canHold([gold], [both]), canHold([gold], [])]).toEqual([false, true, true]);
  });

  it('gives up, and says perhaps, where there are too many ways', () => {
    const either = (n: number) => `(profile.a${n} = 1 or profile.b${n} = 1 or profile.c${n} = 1)`;
    const some = (from: number) => Array.from({ length: 20 }, (_, n) => either(from + n)).join(' and ');
    const never = 'profile.z = 3 and (profile.z = 1 or profile.z = 2)';
    expect(canHold([parsePredicate(`${some(0)} and ${never} and ${some(20)}`)])).toBe(true);
  });
});

// ---- the law: what it calls impossible is true of nobody ---------------------------------------------------------------

const values = [undefined, null, true, 0, 1, 2, 1.5, '', 'a', 'ab', '2026-10-30', '2026-10-30T10:00:00Z', [1, 'a'], {}];
const scalar = fc.constantFrom(null, true, 0, 1, 2, '', 'a', 'ab', '2026-10-30', '2026-10-30T10:00:00Z');
const limit = fc.constantFrom(0, 1, 2, 'a', '2026-10-30', '2026-10-31', '2026-10-30T10:00:00Z', '2026-10-30T12:00:00Z');
const ref = fc.constantFrom('profile.a', 'profile.b', 'event.n');
const op = fc.oneof(
  fc.record({ is: fc.oneof(scalar, fc.record({ ref })) }),
  fc.record({ isNot: fc.oneof(scalar, fc.record({ ref })) }),
  fc.record({ in: fc.array(scalar, { minLength: 1, maxLength: 3 }) }),
  fc.record({ notIn: fc.array(scalar, { minLength: 1, maxLength: 3 }) }),
  fc.record({ gt: limit }),
  fc.record({ gte: limit }),
  fc.record({ lt: limit }),
  fc.record({ lte: limit }),
  fc.record({ between: fc.tuple(limit, limit) }),
  fc.record({ exists: fc.boolean() }),
  fc.record({ contains: scalar }),
  fc.record({ startsWith: fc.constantFrom('', 'a', '2') }),
  fc.record({ withinLast: fc.constantFrom('P1D', 'PT1H') }),
  fc.record({ withinNext: fc.constantFrom('P1D', 'PT1H') }),
);
const times = fc.oneof(
  fc.record({ atLeast: fc.nat(3) }),
  fc.record({ atMost: fc.nat(3) }),
  fc.record({ exactly: fc.nat(3) }),
);
const journey = fc.record({
  journey: fc.constantFrom('j', 'k'),
  is: fc.constantFrom('inside', 'finished', 'exited', 'never-entered'),
});
const { predicate } = fc.letrec<{ predicate: Predicate }>((tie) => ({
  predicate: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.tuple(ref, op).map(([name, one]) => ({ ref: name, ...one })),
    fc.record(
      {
        did: fc.constantFrom('X', 'Y'),
        within: fc.constantFrom('ever', 'today', 'run', 'P3D'),
        where: fc.constantFrom<Predicate>({ ref: 'event.n', gt: 1 }, { any: [] }),
        times,
        sum: op.map((one) => ({ of: 'event.n', ...one })),
      },
      { requiredKeys: ['did', 'within'] },
    ),
    fc.record({
      consent: fc.constant({ channel: 'email' as const, topic: 't' }),
      is: fc.constantFrom('granted', 'pending', 'withdrawn', 'none'),
    }),
    journey,
    fc.constant<Predicate>({ clock: 'local', windows: [{ from: '09:00', to: '18:00' }] }),
    fc.record({ all: fc.array(tie('predicate'), { maxLength: 4 }) }),
    fc.record({ any: fc.array(tie('predicate'), { maxLength: 3 }) }),
    fc.record({ not: tie('predicate') }),
  ) as fc.Arbitrary<Predicate>,
}));

const now = Date.parse('2026-10-30T12:00:00Z');
const facts = fc
  .record({
    a: fc.constantFrom(...values),
    b: fc.constantFrom(...values),
    n: fc.constantFrom(...values),
    zone: fc.constantFrom('UTC', 'Asia/Tokyo', 'America/New_York'),
    ago: fc.array(fc.integer({ min: -48, max: 120 }), { maxLength: 3 }),
    sum: fc.constantFrom(0, 1, 2, 5),
    tracked: fc.boolean(),
    entered: fc.option(fc.nat(50), { nil: undefined }),
    inside: fc.boolean(),
    ends: fc.subarray(['finished', 'left']),
    state: fc.constantFrom('granted', 'pending', 'withdrawn', 'none'),
  })
  .map(({ a, b, n, zone, ago, sum, tracked, entered, inside, ends, state }): Facts => {
    const refs: Record<string, unknown> = { 'profile.a': a, 'profile.b': b, 'event.n': n };
    const at = ago.map((hours) => now - hours * 3_600_000).sort((x, y) => x - y);
    const seen = {
      times: at.map((one) => ({ at: one, count: 1, sum })),
      total: at.length,
      sum: sum * at.length,
      since: 0,
    };
    // Nothing is counted of which the where is never true.
    const none = { times: [], total: 0, sum: 0, since: 0 };
    return {
      now,
      zone,
      ...(entered !== undefined && { enteredAt: now - entered * 3_600_000 }),
      lookup: (name) => lasting(refs[name] as never),
      occurrences: (clause) => {
        if (!tracked) return undefined;
        return 'where' in clause && clause.where !== undefined && 'any' in clause.where ? none : seen;
      },
      journey: () => ({ inside, everEntered: inside || ends.length > 0, ends }),
      segment: () => undefined,
      geofence: () => undefined,
      consent: () => state,
    };
  });

describe('a law', () => {
  it('what cannot hold is true of nobody', () => {
    let impossible = 0;
    fc.assert(
      fc.property(
        fc.array(predicate, { minLength: 1, maxLength: 3 }),
        fc.array(predicate, { maxLength: 2 }),
        fc.array(facts, { minLength: 20, maxLength: 20 }),
        (all, none, people) => {
          if (canHold(all, none)) return;
          impossible += 1;
          for (const who of people) {
            const holds = (one: Predicate) => evaluatePredicate(one, who).value;
            expect(all.every(holds) && !none.some(holds)).toBe(false);
          }
        },
      ),
      { numRuns: 3_000 },
    );
    expect(impossible, 'enough that cannot hold').toBeGreaterThan(200);
  });
});
