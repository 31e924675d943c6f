import { describe, expect, it } from 'vitest';
import { EXACT_OCCURRENCES, HOUR_BUCKETS } from '../../../shared/domain/audiences/did-clauses.ts';
import type { Did, Predicate } from '../../../shared/domain/audiences/predicate.ts';
import { parsePredicate } from '../../../shared/domain/audiences/predicate-text.ts';
import { printPredicate } from '../../../shared/domain/audiences/print-predicate.ts';
import { DAY_MS, formatInstant, HOUR_MS, MINUTE_MS } from '../../../shared/kernel/time.ts';
import fc from '../../property.ts';
import { type Act, type Fault, Lives, people, ZONE } from './lives.ts';
import { didOf, holdsNaively, isWithin } from './naive.ts';

/**
 * What the actors keep, record by record, against a naive memory that counts everything anew (naive.ts): after every
 * record, and at and before every instant at which an answer says that it ends. The same predicates are live segments:
 * what is stored of them is compared after every record and every wake, until the instant for which the next wake was
 * armed. GODWIT_LIVES=20000 looks longer, GODWIT_SEED elsewhere.
 */
const lives = Number(process.env['GODWIT_LIVES'] ?? 400);

const span = fc.constantFrom('in last 6 hours', 'in last 1 day', 'in last 2 days', 'in last 7 days', 'today', 'ever');
const times = fc.constantFrom(
  '',
  'at least 2 times',
  'at least 3 times',
  'at most 1 time',
  'exactly 2 times',
  'exactly 0 times',
);
const name = fc.constantFrom('A', 'B');
const ofEvent = fc.constantFrom('', 'where event.n >= 3');
const sum = fc.constantFrom('', 'sum event.n >= 5', 'sum event.n < 4');
const did = (where: fc.Arbitrary<string>) =>
  fc
    .tuple(name, where, sum, times, span)
    .map(([event, filter, total, count, within]) => `did "${event}" ${filter} ${total} ${count} ${within}`);
const sequence = fc
  .tuple(
    fc.constantFrom(
      '"A" then "B"',
      '"A" then "B" within 2 hours',
      '"A" without "B" then "A"',
      '"B" without "A"',
      'without "A" then "B" then "B"',
    ),
    fc.constantFrom('6 hours', '1 day', '3 days'),
  )
  .map(([steps, within]) => `sequence ${steps}, all in last ${within}`);
const message = fc
  .tuple(fc.constantFrom('sent', 'opened', 'opened by anyone', 'clicked'), times, span)
  .map(([was, count, within]) =>
    was.includes('by') ? `opened by anyone ${count} ${within}` : `${was} ${count} ${within}`,
  );
/** Computed traits: time alone changes the first and the last. */
const computed = fc.constantFrom('profile.a-recently >= 2', 'profile.a-recently < 1', 'profile.b-ever >= 3');
const spent = fc.constantFrom('profile.a-spent >= 6', 'profile.a-spent < 4');
const still = fc.constantFrom(
  'profile.plan = "pro"',
  'profile.plan exists',
  'consent email/news is granted',
  'consent email/news is withdrawn',
  'local time is 09:00-18:00',
);
const treeOf = (leaf: fc.Arbitrary<string>): fc.Arbitrary<Predicate> =>
  fc.letrec<{ tree: Predicate }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 2, depthSize: 'small' },
      leaf.map(parsePredicate),
      fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
      fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
      tie('tree').map((not) => ({ not })),
    ),
  })).tree;
const predicate = treeOf(
  fc.oneof(
    { weight: 4, arbitrary: did(fc.oneof(ofEvent, fc.constant('where profile.plan = "pro"'))) },
    sequence,
    message,
    computed,
    still,
  ),
);
/** What is counted back asks `profile.*` of the profile as it is then (docs: predicates.md), so that is left out. */
const byTheClock = fc.constant('local time is 09:00-18:00');
const counted = treeOf(fc.oneof({ weight: 4, arbitrary: did(ofEvent) }, sequence, message, spent, byTheClock));

const who = fc.constantFrom('u' as const, 'v' as const, 'a' as const);
const minutes = fc.oneof(fc.integer({ min: 1, max: 600 }), fc.constantFrom(60, 360, 1_440, 2_880, 10_080));
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('event'),
      who,
      name,
      n: fc.nat(5),
      lateMinutes: fc.oneof(fc.constant(0), fc.nat(3_000)),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('pass'), minutes }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('plan'), who, plan: fc.constantFrom('pro', 'free') }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('consent'), who, state: fc.constantFrom('granted', 'withdrawn') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('message'), who, becomes: fc.constantFrom('sent', 'not-sent') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('receipt'),
      who,
      was: fc.constantFrom('opened', 'clicked'),
      machine: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('merge'), who: fc.constantFrom('u', 'v'), other: who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('publish') }) },
) as fc.Arbitrary<Act>;

// An ordinary week, and those in which clocks change.
const start = fc.constantFrom('2026-06-03T10:00:00Z', '2026-03-27T10:00:00Z', '2026-10-23T10:00:00Z').map(Date.parse);

const met = new Map<string, number>();
const meet = (what: string) => met.set(what, (met.get(what) ?? 0) + 1);

/** Throws where one of them says another thing. */
function compare(world: Lives, predicates: readonly Predicate[]): void {
  for (const key of world.roots) {
    const memory = world.naive.of(key);
    for (const p of predicates) {
      const said = world.evaluate(key, p);
      const check = (at: number, value: boolean, when: string) => {
        const naively = holdsNaively(p, memory, at, ZONE);
        if (naively !== value) {
          throw new Error(`${printPredicate(p)} ${when} ${formatInstant(at)}: ${value}, naively ${naively}`);
        }
      };
      check(world.now, said.value, 'at');
      const { validUntil } = said;
      const end = Math.min(validUntil ?? Number.POSITIVE_INFINITY, world.now + 9 * DAY_MS);
      for (const part of [0.3, 0.7])
        check(Math.floor(world.now + (end - world.now) * part), said.value, 'before it ends');
      check(end - 1, said.value, 'just before it ends');
      if (validUntil === null) continue;
      const then = world.evaluate(key, p, validUntil).value;
      check(validUntil, then, 'when it ends');
      meet(then === said.value ? 'looked again' : 'time changed it');
    }
  }
}

/**
 * What is stored of live segments is true of everybody until `due`, and somebody is woken then: at most a minute later, for
 * waits are carried by the minute.
 */
function compareLive(world: Lives): void {
  for (const key of world.roots) {
    const { memberships } = world.profiles.get(key)!;
    const due = memberships?.due ?? Number.POSITIVE_INFINITY;
    if (due <= world.now - MINUTE_MS) throw new Error(`nobody was woken at ${formatInstant(due)}`);
    const members = Object.keys(memberships?.in ?? {});
    const crossed = [...(world.crossed.get(key) ?? [])].sort();
    if (crossed.join() !== members.join()) throw new Error(`${members} are stored, and ${crossed} were said`);
    const until = Math.min(due - 1, world.now + 9 * DAY_MS);
    const from = Math.min(world.now, until);
    const times = [from, Math.floor((from + until) / 2), until];
    for (const { id, where } of world.live) {
      const isMember = members.includes(id);
      for (const then of times) {
        if (holdsNaively(where, world.naive.of(key), then, ZONE) === isMember) continue;
        const said = `${isMember ? 'a' : 'no'} member at ${formatInstant(world.now)}`;
        throw new Error(`live ${printPredicate(where)}: ${said}, naively not so at ${formatInstant(then)}`);
      }
      if (isMember) meet('a member');
    }
  }
}

function live([at, first, later, acts]: readonly [number, Predicate[], Predicate[], Act[]], fault?: Fault): void {
  const world = new Lives(at, first, later, fault);
  world.onWake = () => {
    meet('woken');
    compareLive(world);
  };
  compareLive(world);
  let isPublished = false;
  for (const one of acts) {
    const before = world.roots.length;
    world.act(one);
    isPublished ||= one.do === 'publish';
    if (world.roots.length < before) meet('merged');
    if (isPublished && one.do === 'publish') meet('counted back');
    compare(world, isPublished ? [...first, ...later] : first);
    compareLive(world);
  }
}

const life = fc.tuple(
  start,
  fc.array(predicate, { minLength: 1, maxLength: 4 }),
  fc.array(counted, { maxLength: 2 }),
  fc.array(act, { minLength: 1, maxLength: 30 }),
);

describe('what is kept record by record is what the whole journal says', () => {
  it(`exactly, in ${lives} lives of up to ${EXACT_OCCURRENCES} occurrences`, { timeout: 120_000 + lives * 100 }, () => {
    fc.assert(
      fc.property(life, (one) => live(one)),
      { numRuns: lives },
    );
    // What meets none of this proves nothing.
    for (const what of ['merged', 'counted back', 'time changed it', 'looked again', 'a member', 'woken']) {
      expect(met.get(what) ?? 0, what).toBeGreaterThan(20);
    }
  });

  it.each<Fault>([
    'a window ends a moment late',
    'an occurrence is lost',
    'a merge forgets',
    'a fill adds',
    'nobody is woken',
  ])('notices when %s, and shrinks it', { timeout: 120_000 }, (fault) => {
    const found = fc.check(
      fc.property(life, (one) => live(one, fault)),
      { numRuns: 1_000 },
    );
    expect(found.failed).toBe(true);
    const [[, , , acts]] = found.counterexample as unknown as [[number, Predicate[], Predicate[], Act[]]];
    expect(acts.length).toBeLessThanOrEqual(6);
  });

  /** Beyond the newest 48, an occurrence stands at the start of its hour, and beyond 96 such hours at that of its day. */
  it('within one bucket at the far end of the window, of any number', { timeout: 120_000 }, () => {
    const burst = fc.record({
      gapMinutes: fc.nat(300),
      count: fc.integer({ min: 1, max: 60 }),
      everySeconds: fc.integer({ min: 1, max: 3_000 }),
    });
    const far = fc.constantFrom('in last 6 hours', 'in last 1 day', 'in last 7 days', 'today', 'ever');
    let [bucketed, inexact] = [0, 0];
    fc.assert(
      fc.property(
        start,
        far,
        fc.array(burst, { minLength: 1, maxLength: 12 }),
        fc.boolean(),
        (at, within, bursts, merges) => {
          const p = parsePredicate(`did "A" exactly 0 times ${within}`) as Did;
          const world = new Lives(at, [p]);
          for (const [i, { gapMinutes, count, everySeconds }] of bursts.entries()) {
            const whose = merges && i % 2 === 1 ? 'a' : 'u';
            for (let n = 0; n < count; n += 1) {
              world.now += everySeconds * 1_000;
              world.act({ do: 'event', who: whose, name: 'A', n: 1, lateMinutes: 0 });
            }
            world.now += gapMinutes * 60_000;
          }
          if (merges) world.act({ do: 'merge', who: 'u', other: 'a' });
          const happened = didOf(p, world.naive.of(people.u));
          if (happened.length > EXACT_OCCURRENCES) bucketed += 1;
          for (const later of [0, HOUR_MS, 5 * HOUR_MS, DAY_MS, 3 * DAY_MS]) {
            const now = world.now + later;
            const counted = Number(/^\d+/.exec(world.evaluate(people.u, p, now).because[0]!.saw!)![0]);
            const window = happened.filter((one) =>
              isWithin(one.at, within === 'today' || within === 'ever' ? within : p.within, now, ZONE),
            );
            const hours = new Set(happened.map((one) => Math.floor(one.at / HOUR_MS))).size;
            const width = hours > HOUR_BUCKETS ? DAY_MS : HOUR_MS;
            // Those that a bucket may have taken along.
            const sure =
              within === 'ever' ? window : window.filter((one) => isWithin(one.at - width, p.within, now, ZONE));
            expect(counted).toBeLessThanOrEqual(window.length);
            expect(counted).toBeGreaterThanOrEqual(happened.length <= EXACT_OCCURRENCES ? window.length : sure.length);
            if (counted < window.length) inexact += 1;
          }
        },
      ),
      { numRuns: 40 },
    );
    expect([bucketed > 10, inexact > 5]).toEqual([true, true]);
  });
});
