import { describe, expect, it } from 'vitest';
import { evaluatePredicate } from '../../../shared/domain/audiences/evaluate-predicate.ts';
import { factsOf } from '../../../shared/domain/journeys/engine/facts.ts';
import type { Memberships, Profile } from '../../../shared/domain/profiles/profile.ts';
import { formatInstant } from '../../../shared/kernel/time.ts';
import fc from '../../property.ts';
import { journey, message, World } from './world.ts';

/** Every kind of part that a predicate has. */
const leaves = [
  'profile.a = 1',
  'profile.b is missing',
  'profile.day in next 2 days',
  'profile.day in last 1 day',
  'did "X" in last 2 days',
  'did "X" at least 2 times in last 3 hours',
  'did "Y" where event.n > 1 at most 1 times today',
  'did "Y" sum event.n > 3 in last 1 day',
  'sequence "X" then "Y" within 5 hours without "Z", all in last 2 days',
  'sent in last 1 day',
  'inside journey welcome',
  'never entered journey welcome',
  'consent email/news is granted',
  'local time is 09:00-18:00',
  'in segment listed',
  'in segment plain',
  'in segment first',
  'in segment first for at least 1 day',
  'in segment listed for at least 6 hours',
  'profile.xs > 1',
  'profile.xs < 1',
  'profile.sum >= 3',
] as const;
const predicate = fc.letrec<{ p: string; leaf: string }>((tie) => ({
  leaf: fc.constantFrom(...leaves),
  p: fc.oneof(
    { maxDepth: 2 },
    tie('leaf'),
    tie('p').map((p) => `not (${p})`),
    fc.tuple(tie('p'), tie('p')).map(([a, b]) => `(${a}) and (${b})`),
    fc.tuple(tie('p'), tie('p')).map(([a, b]) => `(${a}) or (${b})`),
  ),
})).p;
const ofFirst = fc.constantFrom(...leaves.filter((leaf) => !leaf.includes('first')));
const documents = fc.record({
  first: ofFirst,
  plain: ofFirst.filter((leaf) => !leaf.includes('plain')),
  others: fc.array(predicate, { minLength: 1, maxLength: 4 }),
});

const act = fc.oneof(
  fc.record({
    t: fc.constant('track' as const),
    name: fc.constantFrom('X', 'Y', 'Z', 'Signed Up'),
    n: fc.integer({ min: 0, max: 4 }),
  }),
  fc.record({
    t: fc.constant('trait' as const),
    name: fc.constantFrom('a', 'b', 'timezone', 'day'),
    value: fc.integer({ min: 0, max: 3 }),
  }),
  fc.record({ t: fc.constant('list' as const), change: fc.constantFrom('join' as const, 'leave' as const) }),
  fc.record({ t: fc.constant('consent' as const), state: fc.constantFrom('granted' as const, 'withdrawn' as const) }),
  fc.record({
    t: fc.constant('pass' as const),
    minutes: fc.oneof(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 0, max: 4_000 })),
  }),
);
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

function worldOf(
  { first, plain, others }: { first: string; plain: string; others: readonly string[] },
  isBusy: boolean,
): World {
  const enters = ['first', 's0', 'listed'].map((segment) =>
    journey({
      id: `on-${segment}`,
      entry: [
        { on: 'segment', segment, change: 'entered', existing: 'ignore' },
        { on: 'segment', segment, change: 'left', existing: 'ignore' },
      ],
      reentry: { again: 'after-exit', whileInside: 'restart' },
      steps: {
        m: message('w'),
        w: { type: 'wait', for: 'PT3H', next: 'u' },
        u: { type: 'update', set: { a: segment === 's0' ? 1 : 2 }, next: 'end' },
      },
    } as never),
  );
  const welcome = journey({ steps: { m: message('w'), w: { type: 'wait', for: 'P1D', next: 'end' } } } as never);
  return new World({
    computed: [
      { id: 'xs', of: { event: 'X' }, function: 'count', within: 'P2D' },
      { id: 'sum', of: { event: 'Y', property: 'n' }, function: 'sum', within: 'ever', decay: { halfLife: 'P1D' } },
    ],
    journeys: isBusy ? [welcome, ...enters] : [],
    segments: {
      plain,
      listed: { list: true },
      first: { where: first, live: true },
      ...Object.fromEntries(others.map((where, i) => [`s${i}`, { where, live: true }])),
    },
  });
}

const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata'];
function happens(w: World, one: Act): void {
  switch (one.t) {
    case 'track':
      w.track('ann', one.name, { n: one.n });
      break;
    case 'trait': {
      const { name, value } = one;
      const day = formatInstant(w.now + (value - 1) * 86_400_000);
      w.identify('ann', {
        [name]: name === 'timezone' ? zones[value]! : name === 'day' ? day : value === 0 ? null : value,
      });
      break;
    }
    case 'list':
      w.tell('ann', { t: 'list', id: `l-${w.decisions.length}`, at: w.now, segment: 'listed', change: one.change });
      break;
    case 'consent': {
      const consent = { channel: 'email', topic: 'news', state: one.state, at: w.now, source: 'test' } as const;
      w.tell('ann', { t: 'consent', id: `c-${w.decisions.length}`, at: w.now, consents: [consent] });
      break;
    }
    case 'pass':
      w.pass(one.minutes * 60_000);
  }
}

/** Every live segment worked out anew; those that ask since when, by what is given. */
function anew(w: World, profile: Profile, members: Memberships['in'], now: number) {
  let due = Number.POSITIVE_INFINITY;
  let known = members;
  const flips: string[] = [];
  for (const { id, where } of w.catalog.live.inOrder) {
    const asked = { profile: { ...profile, memberships: { saw: 0, in: known } }, now, catalog: w.catalog };
    const { value, validUntil } = evaluatePredicate(where, factsOf(asked, { entry: {}, fields: {} }));
    due = Math.min(due, validUntil ?? Number.POSITIVE_INFINITY);
    if (value === Object.hasOwn(known, id)) continue;
    flips.push(`${value ? 'entered' : 'left'} ${id} ${formatInstant(now)}`);
    const { [id]: _, ...rest } = known;
    known = value ? { ...rest, [id]: { since: now } } : rest;
  }
  return { members: known, due, flips };
}

function crossings(w: World, from: number): string[] {
  return w.reasons.slice(from).flatMap(({ code, saw }) => {
    const change = /^segment\.(entered|left)$/.exec(code)?.[1];
    const { segment, at } = (saw ?? {}) as { segment: string; at: string };
    return change === undefined || segment === 'listed' ? [] : [`${change} ${segment} ${at}`];
  });
}

function isExact(w: World): void {
  const profile = w.profile('ann');
  if (profile.createdAt === 0) return;
  const stored = profile.memberships?.in ?? {};
  const { flips, due } = anew(w, profile, stored, w.now);
  expect(flips, 'what is stored is what the predicates say').toEqual([]);
  if (Number.isFinite(due)) expect(profile.memberships!.due, 'never late').toBeLessThanOrEqual(Math.ceil(due));
}

describe('whatever happens, and whatever the segments', () => {
  it('memberships are what their predicates say after every record, and entered and left take turns', () => {
    fc.assert(
      fc.property(documents, fc.array(act, { maxLength: 14 }), (said, acts) => {
        const w = worldOf(said, true);
        for (const one of acts) {
          happens(w, one);
          isExact(w);
        }
        const last = new Map<string, string>();
        for (const { code, saw } of w.reasons) {
          const change = /^segment\.(entered|left)$/.exec(code)?.[1];
          if (change === undefined) continue;
          const { segment } = saw as { segment: string };
          expect(change, segment).toBe(last.get(segment) === 'entered' ? 'left' : 'entered');
          last.set(segment, change);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('no crossing by time is missed, and each has its own instant, with wakes or without', () => {
    fc.assert(
      fc.property(documents, fc.array(act, { maxLength: 10 }), fc.boolean(), (said, acts, isWoken) => {
        const w = worldOf(said, false);
        for (const one of acts) {
          const before = w.reasons.length;
          if (one.t !== 'pass') {
            happens(w, one);
            continue;
          }
          const profile = w.profile('ann');
          const end = w.now + one.minutes * 60_000;
          const expected: string[] = [];
          if (profile.createdAt > 0) {
            let state = anew(w, profile, profile.memberships?.in ?? {}, w.now);
            for (let steps = 0; Math.ceil(state.due) <= end && steps < 90; steps += 1) {
              state = anew(w, profile, state.members, Math.ceil(state.due));
              expected.push(...state.flips);
            }
          }
          if (isWoken) happens(w, one);
          else w.now = end;
          // What came due within the last minute has a wake that is rounded up to it.
          w.sweep();
          expect(crossings(w, before)).toEqual(expected);
        }
      }),
      { numRuns: 150 },
    );
  });
});
