import { describe, expect, it } from 'vitest';
import { jsonBytes } from '../../../shared/domain/profiles/limits.ts';
import { journey, message, World } from './world.ts';

const wait = (next = 'end') => ({ type: 'wait', for: 'P1D', next }) as const;
const steps = {
  tier: { type: 'branch', cases: [{ if: 'profile.plan = "gold"', next: 'gold' }], else: 'offer' },
  gold: message('rest'),
  offer: {
    type: 'split',
    arms: [
      { id: 'a', weight: 100, next: 'rest' },
      { id: 'b', weight: 0, next: 'end' },
    ],
  },
  rest: wait(),
} as const;
const goal = { event: 'Bought', within: 'P7D', value: 'event.total' };
const paths = (w: World) => w.pathCounts.map((count) => count.slice('welcome '.length));
const entered = (traits: object, more: object = {}) => {
  const w = new World({ journeys: [journey({ steps, goal, ...more })] });
  w.identify('ann', { email: 'ann@example.com', ...traits });
  w.track('ann', 'Signed Up');
  return w;
};

describe('paths are counted', () => {
  it('as they are taken, ended, and lead to the goal', () => {
    const w = entered({ plan: 'gold' });
    expect(paths(w)).toEqual(['path/1/entered']);
    w.track('ann', 'Bought', { total: 20 });
    w.pass('1d');
    expect(paths(w)).toEqual(['path/1/entered', 'path/1/goal', 'path/1/goal-value', 'path/1/ended']);
    const amounts = w.decisions.flatMap(({ decision }) => decision.counts.filter(({ amount }) => amount !== undefined));
    expect(amounts).toEqual([
      { journey: 'welcome', version: 1, what: 'goal-value', amount: 20 },
      { journey: 'welcome', version: 1, what: 'path/1/goal-value', amount: 20 },
    ]);
  });

  it('choice by choice', () => {
    expect(paths(entered({}))).toEqual(['path/2/entered', 'path/3/entered']);
  });

  it('also where the goal is reached after the end', () => {
    const w = entered({});
    w.pass('2d');
    expect(w.runs('ann')).toEqual([]);
    w.track('ann', 'Bought');
    expect(paths(w).slice(2)).toEqual(['path/3/ended', 'path/3/goal']);
  });

  it('also of who leaves before there was anything to choose', () => {
    const first = { w: wait('tier'), ...steps };
    const w = entered({}, { start: 'w', steps: first });
    w.tell('ann', { t: 'unenroll', id: 'u', at: w.now, journey: 'welcome' });
    expect(paths(w)).toEqual(['path/0/ended']);
  });

  it.each([Number.MAX_VALUE, '20', null])('a value of %j is no value', (total) => {
    const w = entered({ plan: 'gold' });
    w.track('ann', 'Bought', { total });
    expect(paths(w)).toEqual(['path/1/entered', 'path/1/goal']);
  });

  it('not where there is nothing to choose', () => {
    const w = entered({}, { start: 'rest', steps: { rest: wait() } });
    w.pass('1d');
    expect(paths(w)).toEqual([]);
    expect(w.counts).toContain('welcome exited/finished');
  });

  it('and cost a waiting run a few bytes', () => {
    const reentry = { key: 'event.cart', again: 'P30D', whileInside: 'ignore' };
    const w = new World({ journeys: [journey({ id: 'abandoned-cart-autumn', reentry, steps })] });
    w.track('ann', 'Signed Up', { cart: '6f1c2b1e-5a0d-4b4e' });
    const { path: _path, ...without } = w.run('ann');
    expect(jsonBytes(w.run('ann')) - jsonBytes(without)).toBeLessThanOrEqual(12);
    expect(jsonBytes(w.profile('ann').runs)).toBeLessThanOrEqual(250);
  });
});
