import { describe, expect, it } from 'vitest';
import {
  didClauses,
  EXACT_OCCURRENCES,
  HOUR_BUCKETS,
  joinOccurrences,
  noOccurrences,
  type Occurrences,
  recordOccurrence,
  takeBackOccurrence,
} from '../../../shared/domain/audiences/did-clauses.ts';
import { parsePredicate } from '../../../shared/domain/audiences/predicate-text.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../shared/kernel/time.ts';
import fc from '../../property.ts';

const YEAR = 366 * DAY_MS;
const recorded = (times: readonly number[], keepMs = YEAR, since = 0): Occurrences =>
  times.reduce<Occurrences>((all, at) => recordOccurrence(all, at, 2, keepMs), noOccurrences(since));
const every = (count: number, stepMs: number, from = 20_000 * DAY_MS) =>
  Array.from({ length: count }, (_, i) => from + i * stepMs);

describe('didClauses', () => {
  it('collects each clause once, with the longest window', () => {
    const clauses = didClauses(
      parsePredicate('did "X" in last 1 day or not (did "X" in last 7 days and did "Y" where event.a = 1 ever)'),
      parsePredicate('did "X" today'),
    );
    expect(clauses).toEqual([
      { id: expect.stringMatching(/^[\w-]{22}$/), event: 'X', keepMs: 8 * DAY_MS },
      { id: expect.stringMatching(/^[\w-]{22}$/), event: 'Y', where: { ref: 'event.a', is: 1 }, keepMs: 0 },
    ]);
  });

  it('searches a whole document, and takes a value that only looks like a clause for none', () => {
    const where = parsePredicate('did "X" in last 1 day');
    const document = {
      entry: [{ where }],
      steps: { u: { set: { did: 'Z', within: 'soon' } }, b: { cases: [{ if: { not: where } }] } },
    };
    expect(didClauses(document).map(({ event }) => event)).toEqual(['X']);
  });

  it.each([
    ['profile.a = 1', 0],
    ['did "X" where did "Y" ever ever', 1],
  ])('of %s are %i', (text, count) => expect(didClauses(parsePredicate(text))).toHaveLength(count));
});

describe('recordOccurrence', () => {
  it('keeps 48 exactly, in order, however they arrive', () => {
    const times = every(EXACT_OCCURRENCES, MINUTE_MS);
    const { times: kept } = recorded(times.toReversed());
    expect(kept).toEqual(times.map((at) => ({ at, count: 1, sum: 2 })));
  });

  it('counts older ones by the hour', () => {
    const times = every(EXACT_OCCURRENCES + 90, MINUTE_MS);
    const { times: kept, total, sum } = recorded(times);
    expect(kept).toHaveLength(EXACT_OCCURRENCES + 2);
    expect(kept.slice(0, 2)).toEqual([
      { at: times[0], count: 60, sum: 120 },
      { at: times[0]! + HOUR_MS, count: 30, sum: 60 },
    ]);
    expect([total, sum]).toEqual([138, 276]);
  });

  it('needs few entries for a year of events', () => {
    const { times: kept, total } = recorded(every(366 * 24, HOUR_MS));
    expect(kept.length).toBeLessThanOrEqual(EXACT_OCCURRENCES + HOUR_BUCKETS + 367);
    expect(kept.reduce((all, { count }) => all + count, 0)).toBe(total);
  });

  it('drops what left the longest window, but not from the totals', () => {
    const [old, young] = [1_000 * DAY_MS, 1_002 * DAY_MS];
    expect(recorded([old, young], DAY_MS)).toEqual({
      times: [{ at: young, count: 1, sum: 2 }],
      total: 2,
      sum: 4,
      since: 0,
    });
    expect(recorded([young, old], DAY_MS).times).toEqual([{ at: young, count: 1, sum: 2 }]);
    expect(recorded([old, young], 0)).toEqual({ times: [], total: 2, sum: 4, since: 0 });
  });

  it('starts to know with the first one', () => {
    expect(recordOccurrence(undefined, 5_000, 1, YEAR)).toEqual({
      times: [{ at: 5_000, count: 1, sum: 1 }],
      total: 1,
      sum: 1,
      since: 5_000,
    });
  });

  it('leaves what it was given alone', () => {
    const before = recorded(every(60, MINUTE_MS));
    const copy = structuredClone(before);
    recordOccurrence(before, before.times[0]!.at, 1, YEAR);
    expect(before).toEqual(copy);
  });
});

describe('joinOccurrences', () => {
  const some = fc
    .tuple(fc.array(fc.integer({ min: 0, max: 200 * 24 * 4 }), { maxLength: 150 }), fc.nat(1_000))
    .map(([quarters, since]) =>
      recorded(
        quarters.map((n) => 20_000 * DAY_MS + n * 15 * MINUTE_MS),
        YEAR,
        since,
      ),
    );

  it('commutes and is associative', () => {
    fc.assert(
      fc.property(some, some, some, (a, b, c) => {
        expect(joinOccurrences(a, b)).toEqual(joinOccurrences(b, a));
        expect(joinOccurrences(joinOccurrences(a, b), c)).toEqual(joinOccurrences(a, joinOccurrences(b, c)));
      }),
    );
  });

  it('is complete only since the later of the two', () => {
    expect(joinOccurrences(noOccurrences(5), noOccurrences(7)).since).toBe(7);
  });

  it('is what one profile would have seen', () => {
    const stream = fc.array(fc.tuple(fc.integer({ min: 0, max: 90 * 24 * 4 }), fc.boolean()), { maxLength: 200 });
    fc.assert(
      fc.property(stream, (events) => {
        const at = (n: number) => 20_000 * DAY_MS + n * 15 * MINUTE_MS;
        const side = (mine: boolean) => recorded(events.filter(([, hers]) => hers === mine).map(([n]) => at(n)));
        expect(joinOccurrences(side(true), side(false))).toEqual(recorded(events.map(([n]) => at(n))));
      }),
    );
  });
});

describe('takeBackOccurrence', () => {
  const quarter = (n: number) => 20_000 * DAY_MS + n * 15 * MINUTE_MS + 1;
  const count = ({ times }: Occurrences) => times.reduce((all, one) => all + one.count, 0);

  it('is as if it had not been: the same totals, and the same count in every window of days', () => {
    const stream = fc.array(fc.integer({ min: 0, max: 60 * 24 * 4 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(stream, fc.nat(), (events, choice) => {
        const taken = choice % events.length;
        const without = recorded(events.toSpliced(taken, 1).map(quarter));
        const back = takeBackOccurrence(recorded(events.map(quarter)), quarter(events[taken]!));
        expect([back.total, count(back)]).toEqual([without.total, count(without)]);
        for (let day = 20_000; day <= 20_060; day += 1) {
          const since = (all: Occurrences) =>
            count({ ...all, times: all.times.filter(({ at }) => at >= day * DAY_MS) });
          expect(since(back)).toBe(since(without));
        }
      }),
    );
  });

  it('commutes with a merge: on either side of it the same is left', () => {
    const stream = fc.array(fc.integer({ min: 0, max: 20 * 24 * 4 }), { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(stream, stream, fc.nat(), (mine, hers, choice) => {
        const at = quarter(mine[choice % mine.length]!);
        const [a, b] = [recorded(mine.map(quarter)), recorded(hers.map(quarter))];
        const before = joinOccurrences(takeBackOccurrence(a, at), b);
        const after = takeBackOccurrence(joinOccurrences(a, b), at);
        expect([after.total, count(after)]).toEqual([before.total, count(before)]);
      }),
    );
  });

  it.each([
    ['what was never recorded', recorded([quarter(4), quarter(8)]), quarter(6)],
    ['what was before anything was asked', recordOccurrence(undefined, quarter(4), 0, YEAR), quarter(2)],
  ])('leaves %s', (_what, seen, at) => expect(takeBackOccurrence(seen, at)).toBe(seen));

  it.each([
    ['where only the total is kept', recorded([quarter(4), quarter(8)], 0), 0],
    ['of what is too old for any window', recorded([quarter(4), quarter(400)], DAY_MS), 1],
  ])('takes it from the total %s', (_what, seen, kept) => {
    expect(takeBackOccurrence(seen, quarter(4))).toMatchObject({ total: 1, times: { length: kept } });
  });
});
