import { describe, expect, it } from 'vitest';
import type { Journey } from '../../../shared/domain/journeys/journey.ts';
import { journey, World } from './world.ts';

const reentry = { again: 'after-exit', whileInside: 'ignore' } as const;
const steps = { a: { type: 'exit', reason: 'done' } } as const;
const held = (percent: number, more: object = {}): Journey =>
  journey({ holdout: { percent }, reentry, steps, ...more } as never);
const isIn = (w: World, user: string, event = 'Signed Up') =>
  w.track(user, event).reasons.some(({ code }) => code === 'entry.entered');
const onDevice = (w: World, anonymousId: string) =>
  w.event({ kind: 'track', name: 'Signed Up', anonymousId }).reasons.some(({ code }) => code === 'entry.entered');

const names = Array.from({ length: 60 }, (_, i) => `p${i}`);
/** Names that a half keeps out, or lets in, when first seen under this kind of id. */
function drawn(which: boolean, on: (w: World, name: string) => boolean): string {
  return names.find((name) => on(new World({ journeys: [held(50)] }), name) === which)!;
}

describe('a holdout', () => {
  it('G7: says which group it was, and what would let the customer in', () => {
    const w = new World({ journeys: [held(100, { holdout: { percent: 100, group: 'global' } })] });
    w.track('ann', 'Signed Up');
    expect(w.reasons).toEqual([
      expect.objectContaining({
        code: 'entry.holdout',
        saw: { percent: 100, group: 'global' },
        fix: expect.stringMatching(/./),
      }),
    ]);
    expect(w.counts).toEqual(['welcome holdout/out/people', 'welcome not-entered/entry.holdout']);
  });

  describe('is compared', () => {
    const goal = { event: 'Bought', within: 'P7D', value: 'event.total' };
    const sides = (w: World) => w.counts.flatMap((count) => /^welcome (holdout\/.+)$/.exec(count)?.[1] ?? []);
    const world = (percent: number, more: object = {}) => new World({ journeys: [held(percent, { goal, ...more })] });

    it.each([
      ['in', 0],
      ['out', 100],
    ])('%s: people, not entries, and the goal of each, once, within the same time', (side, percent) => {
      const w = world(percent);
      for (const user of ['ann', 'ann', 'bob', 'cat']) isIn(w, user);
      w.pass('6d');
      w.track('ann', 'Bought', { total: 30 });
      w.track('ann', 'Bought', { total: 30 });
      w.pass('2d');
      w.track('bob', 'Bought');
      for (const user of ['ann', 'bob']) isIn(w, user);
      w.track('ann', 'Bought');
      const people = Array(3).fill(`holdout/${side}/people`);
      expect(sides(w)).toEqual([...people, `holdout/${side}/goal`, `holdout/${side}/goal-value`]);
      expect(w.reasons).toContainEqual(expect.objectContaining({ code: 'holdout.goal', saw: { side } }));
    });

    it('what happened before is no goal of theirs, and who was in before is none of them', () => {
      const w = world(100);
      w.track('ann', 'Bought');
      isIn(w, 'ann');
      w.track('ann', 'Bought', {}, { at: w.now - 7_200_000 });
      expect(sides(w)).toEqual(['holdout/out/people']);
      const { holdout: _none, ...without } = held(0, { goal });
      const before = new World({ journeys: [without as Journey] });
      isIn(before, 'ann');
      before.publish(held(50, { goal }));
      isIn(before, 'ann');
      expect(sides(before)).toEqual([]);
    });

    it('without a goal only people are counted, and nothing is remembered of those who are in', () => {
      const w = new World({ journeys: [held(0)] });
      for (const user of ['ann', 'ann']) isIn(w, user);
      expect([sides(w), w.profile('ann').compared]).toEqual([['holdout/in/people'], undefined]);
    });

    it('two profiles that are one person are in, if one of them is; in either order', () => {
      const mine = drawn(true, (w, name) => isIn(w, name));
      const device = drawn(false, (w, name) => onDevice(w, name));
      const w = world(50);
      isIn(w, mine);
      onDevice(w, device);
      w.identify(mine, {}, { anonymousId: device });
      expect(w.profile(mine).compared).toMatchObject({ welcome: { side: 'in' } });
      w.track(mine, 'Bought');
      expect(sides(w).slice(2)).toEqual(['holdout/in/goal']);
    });
  });

  it.each([
    ['more', 10, 90],
    ['less', 90, 10],
  ])('another percentage, %s, changes nothing for who was assigned', (_how, before, after) => {
    const w = new World({ journeys: [held(before)] });
    const first = names.map((name) => isIn(w, name));
    w.publish(held(after));
    expect(names.map((name) => isIn(w, name))).toEqual(first);
    const others = names.map((name) => isIn(w, `new-${name}`));
    expect(others.filter(Boolean).length < others.length / 2).toBe(after > 50);
  });

  it('who was in before there was a holdout stays in', () => {
    const { holdout: _none, ...without } = held(0);
    const w = new World({ journeys: [without as Journey] });
    isIn(w, 'ann');
    w.publish(held(100));
    expect([isIn(w, 'ann'), isIn(w, 'bob')]).toEqual([true, false]);
  });

  it('journeys of one group keep the same customers out, whatever share the later one asks for', () => {
    const w = new World({
      journeys: [
        held(50, { holdout: { percent: 50, group: 'g' } }),
        held(20, {
          id: 'other',
          entry: [{ on: 'event', event: 'Bought' }],
          holdout: { percent: 20, group: 'g' },
        }),
      ],
    });
    const first = names.map((name) => isIn(w, name));
    expect(names.map((name) => isIn(w, name, 'Bought'))).toEqual(first);
  });

  it.each([true, false])('a merge does not flip who was assigned as a visitor (in: %s)', (which) => {
    const device = drawn(which, onDevice);
    const user = drawn(!which, isIn);
    const w = new World({ journeys: [held(50)] });
    expect(onDevice(w, device)).toBe(which);
    w.identify(user, {}, { anonymousId: device });
    expect(isIn(w, user)).toBe(which);
  });

  it('of two that were assigned differently, who was let in counts', () => {
    const w = new World({ journeys: [held(50)] });
    const user = drawn(false, isIn);
    const device = drawn(true, onDevice);
    expect([isIn(w, user), onDevice(w, device)]).toEqual([false, true]);
    w.identify(user, {}, { anonymousId: device });
    expect(isIn(w, user)).toBe(true);
  });

  it('an entry that is refused otherwise assigns nobody to "in"', () => {
    const w = new World({ journeys: [held(0, { where: 'profile.plan = "pro"' })] });
    w.track('ann', 'Signed Up');
    expect(w.profile('ann').holdouts).toBeUndefined();
  });
});
