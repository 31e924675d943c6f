import { describe, expect, it } from 'vitest';
import {
  type DidClause,
  didClauses,
  noOccurrences,
  type Occurrences,
  occurrencesOf,
  recordOccurrence,
} from '../../../shared/domain/audiences/did-clauses.ts';
import { parsePredicate } from '../../../shared/domain/audiences/predicate-text.ts';
import type { Accumulator } from '../../../shared/domain/computed-traits/accumulator.ts';
import { decide } from '../../../shared/domain/decide.ts';
import { askOfFill } from '../../../shared/domain/profiles/fill.ts';
import type { Past } from '../../../shared/domain/profiles/past.ts';
import { emptyProfile, type Profile } from '../../../shared/domain/profiles/profile.ts';
import { profileKey } from '../../../shared/kernel/ids.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../shared/kernel/time.ts';
import fc from '../../property.ts';
import { journey, message, World } from '../engine/world.ts';

const NOW = Date.UTC(2026, 10, 26, 12);
const key = profileKey('user', 'ann');
const WHERE = 'did "Bought" where (event.total >= 50 and profile.plan = "pro") sum event.total >= 200 in last 90 days';
const { catalog } = new World({
  segments: {
    big: 'did "Bought" where event.total >= 50 sum event.total >= 200 in last 90 days',
    mail: 'opened email in last 30 days',
  },
});
const [clause] = [...catalog.clausesByEvent.values()].flat() as [DidClause];
const [opened] = [...catalog.clausesByOutcome.values()].flat();

const bought = (daysAgo: number, total: unknown) => {
  const at = NOW - daysAgo * DAY_MS;
  const event = { id: `${daysAgo}`, sent: null, at, kind: 'track', name: 'Bought', data: { total }, context: {} };
  return { event, decidedAt: at } as Past['events'][number];
};
const past = (more: Partial<Past> = {}): Past => ({ events: [], messages: [], since: 0, ...more });
const known = (seen: Profile['seen'] = {}): Profile => ({ ...emptyProfile, createdAt: NOW - 400 * DAY_MS, seen });
const filled = (profile: Profile, what: Past, isNew = true) =>
  decide(
    profile,
    key,
    { t: 'fill', id: 'f', epoch: 1, clauses: [clause.id, opened!.id, 'gone'], ...(isNew && { isNew }) },
    catalog,
    NOW,
    undefined,
    [],
    what,
  );
const seen = (...all: readonly (readonly [daysAgo: number, total: number])[]): Occurrences =>
  all.reduce<Occurrences>(
    (sum, [daysAgo, total]) => recordOccurrence(sum, NOW - daysAgo * DAY_MS, total, clause.keepMs),
    noOccurrences(NOW - 20 * DAY_MS),
  );

describe('fill', () => {
  it('counts what the filter takes, with what is summed, and knows all of a profile that is younger than the journal', () => {
    const events = [bought(3, 60), bought(2, 40), bought(1, 'free'), bought(0, 70)];
    const { profile, changed, reasons } = filled(known(), past({ events }));
    expect(changed).toBe(true);
    expect(profile.seen[clause.id]).toMatchObject({ total: 2, sum: 130, since: 0, times: [{ sum: 60 }, { sum: 70 }] });
    expect(reasons).toEqual([{ code: 'history.filled', saw: { clauses: 1, since: 0 } }]);
  });

  it('replaces what was counted, so twice is as good as once', () => {
    const what = past({ events: [bought(3, 60)] });
    const once = filled(known({ [clause.id]: seen([3, 60], [2, 90]) }), what);
    expect(once.profile.seen[clause.id]).toMatchObject({ total: 1, sum: 60, since: 0 });
    const twice = filled(once.profile, what);
    expect(twice.profile).toBe(once.profile);
    expect(twice.changed).toBe(false);
  });

  it('counts messages', () => {
    const fact = { was: 'opened', at: NOW - DAY_MS, channel: 'email', topic: 'news' } as const;
    const machine = { ...fact, at: NOW - 2, machine: true } as const;
    const { profile } = filled(known(), past({ messages: [fact, machine, { ...fact, channel: 'sms' }] }));
    expect(profile.seen[opened!.id]).toMatchObject({ total: 1, times: [{ at: fact.at }] });
  });

  const since = NOW - 10 * DAY_MS;
  it.each<
    [what: string, before: Occurrences | undefined, events: Past['events'], isNew: boolean, after: object | undefined]
  >([
    ['nothing anywhere: says since when, if the clause is new', undefined, [], true, { total: 0, since }],
    ['nothing anywhere: leaves it alone, if the clause is old', undefined, [], false, undefined],
    ['only in the journal', undefined, [bought(3, 60)], true, { total: 1, sum: 60, since }],
    [
      'the journal knows more',
      seen([3, 60]),
      [bought(3, 60), bought(2, 80)],
      true,
      { total: 2, sum: 140, since: NOW - 20 * DAY_MS },
    ],
    [
      'what was counted knows more: the journal is right of its own time, and the totals stay',
      seen([15, 55], [3, 60], [1, 99]),
      [bought(3, 60), bought(2, 80)],
      true,
      { total: 3, sum: 214, since: NOW - 20 * DAY_MS, times: [{ sum: 55 }, { sum: 60 }, { sum: 80 }] },
    ],
  ])('of a profile that is older than the journal, %s', (_what, before, events, isNew, after) => {
    const { profile } = filled(known(before && { [clause.id]: before }), past({ events, since }), isNew);
    if (after === undefined) expect(profile.seen[clause.id]).toBeUndefined();
    else expect(profile.seen[clause.id]).toMatchObject(after);
  });

  it('goes on to whoever has absorbed the profile', () => {
    const target = profileKey('user', 'bob');
    const { forwarded, effects } = filled({ ...known(), movedTo: target }, past());
    expect([forwarded, effects]).toEqual([true, [expect.objectContaining({ e: 'mail', to: target })]]);
  });

  it('finds members of live segments, and lets nobody in: the customer did nothing', () => {
    const onEntering = journey({
      id: 'on-entering',
      entry: [{ on: 'segment', segment: 'buyers', change: 'entered', existing: 'ignore' }],
      steps: { m: message() },
    });
    const { catalog: living } = new World({
      segments: { buyers: { where: 'did "Bought" in last 30 days', live: true } },
      journeys: [onEntering],
    });
    const [{ id }] = [...living.clausesByEvent.values()].flat() as [DidClause];
    const record = { t: 'fill', id: 'f', epoch: 1, clauses: [id], isNew: true } as const;
    const events = [bought(3, 60)];
    const decision = decide(known(), key, record, living, NOW, undefined, [], past({ events }));
    expect(Object.keys(decision.profile.memberships!.in)).toEqual(['buyers']);
    expect(decision.reasons.map(({ code }) => code)).toEqual(['history.filled', 'segment.found']);
    expect(decision.profile.runs).toEqual({});
  });

  describe('of what feeds computed traits', () => {
    const { catalog: computing } = new World({
      computed: [{ id: 'spent', function: 'sum', of: { event: 'Bought', property: 'total' }, within: 'ever' }],
    });
    const [feed] = [...computing.computed.feeds.values()];
    const record = { t: 'fill', id: 'f', epoch: 1, clauses: [feed!.id] } as const;
    const computed = (what: Past, before?: Accumulator) => {
      const profile = before === undefined ? known() : { ...known(), computed: { [feed!.id]: before } };
      return decide(profile, key, record, computing, NOW, undefined, [], what);
    };
    const events = [bought(3, 60), bought(2, 40)];
    const minute = (daysAgo: number) => Math.ceil((NOW - daysAgo * DAY_MS) / MINUTE_MS);

    it('asks for those events, and replaces what was there', () => {
      expect(askOfFill(known(), record, computing)).toEqual({ events: new Set(['Bought']), messages: false });
      const once = computed(past({ events }), ['t', minute(1), 1, 99, 99, 99]);
      expect(once.profile.computed).toEqual({ [feed!.id]: ['t', 0, 2, 100, 40, 60] });
      expect(once.reasons).toEqual([{ code: 'history.filled', saw: { clauses: 0, computed: 1, since: 0 } }]);
      expect(decide(once.profile, key, record, computing, NOW, undefined, [], past({ events })).changed).toBe(false);
    });

    it('leaves what reaches further back than the journal', () => {
      const older: Accumulator = ['t', minute(30), 9, 900, 10, 200];
      expect(computed(past({ events, since }), older).changed).toBe(false);
      expect(computed(past({ events, since }), ['t', minute(1), 1, 99, 99, 99]).profile.computed).toEqual({
        [feed!.id]: ['t', minute(10), 2, 100, 40, 60],
      });
    });
  });

  it('asks profile.* of the profile as it is now', () => {
    const { catalog: asking } = new World({ segments: { pro: WHERE } });
    const [{ id }] = [...asking.clausesByEvent.values()].flat() as [DidClause];
    const count = (plan: string) => {
      const profile = { ...known(), traits: { plan: { value: plan, at: NOW, source: 'api' as const } } };
      const record = { t: 'fill', id: 'f', epoch: 1, clauses: [id] } as const;
      return decide(profile, key, record, asking, NOW, undefined, [], past({ events: [bought(3, 60)] })).profile.seen[
        id
      ]?.total;
    };
    expect([count('pro'), count('free')]).toEqual([1, undefined]);
  });
});

it('counting all at once is counting one by one, in whatever order they came', () => {
  const [{ keepMs }] = didClauses(parsePredicate('did "X" in last 30 days')) as [DidClause];
  const times = fc.array(fc.integer({ min: 0, max: 60 * 24 * 4 }), { maxLength: 250 });
  fc.assert(
    fc.property(times, fc.boolean(), (quarters, isSorted) => {
      const ordered = isSorted ? quarters.toSorted((a, b) => a - b) : quarters;
      const all = ordered.map((n) => ({ at: 20_000 * DAY_MS + n * 15 * MINUTE_MS + 1, count: 1, sum: 1 }));
      const one = all.reduce<Occurrences>((sum, { at }) => recordOccurrence(sum, at, 1, keepMs), noOccurrences(0));
      const at = occurrencesOf(all, keepMs, 0);
      const within = (found: Occurrences, from: number) =>
        found.times.filter((entry) => entry.at > from).reduce((sum, { count }) => sum + count, 0);
      expect([at.total, at.sum]).toEqual([one.total, one.sum]);
      const newest = Math.max(0, ...all.map((entry) => entry.at));
      for (let hours = 0; hours <= 30 * 24; hours += 24) {
        expect(within(at, newest - hours * HOUR_MS)).toBe(within(one, newest - hours * HOUR_MS));
      }
    }),
  );
});
