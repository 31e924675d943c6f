import { describe, expect, it } from 'vitest';
import { journey, message, World } from './world.ts';

const stay = { type: 'wait', for: 'P1D', next: 'end' } as const;
const mail = { email: 'ann@example.com' };

describe('leaving', () => {
  const cart = journey({
    entry: [{ on: 'event', event: 'Cart Updated' }],
    reentry: { key: 'event.cart', again: 'after-exit', whileInside: 'ignore' },
    exitWhen: [{ on: 'event', event: 'Order Completed', where: 'event.cart = entry.cart', reason: 'bought' }],
    goal: { event: 'Order Completed', where: 'event.cart = entry.cart', within: 'P7D', value: 'event.total' },
    steps: {
      w: { type: 'wait', for: 'P1D', next: 'm' },
      m: message('x'),
      x: { type: 'wait', for: 'P1D', next: 'end' },
    },
  });

  it('exitWhen ends the run it is about, and the goal is counted first', () => {
    const w = new World({ journeys: [cart] });
    w.track('ann', 'Cart Updated', { cart: 'a' });
    w.track('ann', 'Cart Updated', { cart: 'b' });
    w.track('ann', 'Order Completed', { cart: 'b', total: 12 });
    expect(w.runs('ann').map((run) => run.runKey)).toEqual(['a']);
    expect(w.counts.slice(-4)).toEqual([
      'welcome goal',
      'welcome goal-value',
      'welcome step/w/left',
      'welcome exited/bought',
    ]);
    expect(w.reasons.find((one) => one.code === 'goal.reached')!.saw).toEqual({ value: 12 });
  });

  it.each<[string, object, string, boolean]>([
    ['within seven days of the entry, after the run has ended', { within: 'P7D' }, '6d', true],
    ['later', { within: 'P7D' }, '8d', false],
    ['within five days of the last message', { within: 'P5D', from: 'message' }, '6d', true],
    ['more than five days after it', { within: 'P5D', from: 'message' }, '7d', false],
  ])('the goal is reached %s', (_title, goal, after, reached) => {
    const steps = { w: { type: 'wait', for: 'P1D', next: 'm' }, m: message() } as const;
    const w = new World({ journeys: [journey({ steps, goal: { event: 'Order Completed', ...goal } as never })] });
    w.identify('ann', mail);
    w.track('ann', 'Signed Up');
    w.pass(after);
    expect(w.runs('ann')).toEqual([]);
    w.track('ann', 'Order Completed');
    w.track('ann', 'Order Completed');
    expect(w.counts.filter((one) => one === 'welcome goal')).toHaveLength(reached ? 1 : 0);
  });

  it('the goal counts once, and with `exit` it ends the run', () => {
    for (const exits of [true, false]) {
      const w = new World({
        journeys: [journey({ steps: { w: stay }, goal: { event: 'Order Completed', within: 'P7D', exit: exits } })],
      });
      w.track('ann', 'Signed Up');
      w.track('ann', 'Order Completed');
      const again = w.track('ann', 'Order Completed');
      expect(w.counts.filter((one) => one === 'welcome goal')).toHaveLength(1);
      expect(again.changed).toBe(false);
      expect(w.runs('ann')).toHaveLength(exits ? 0 : 1);
    }
  });

  it('an event that ends a run may begin the next one', () => {
    const steps = { w: stay };
    const w = new World({
      journeys: [
        journey({
          steps,
          reentry: { again: 'after-exit', whileInside: 'ignore' },
          exitWhen: [{ on: 'event', event: 'Signed Up', reason: 'again' }],
        }),
      ],
    });
    w.track('ann', 'Signed Up');
    w.track('ann', 'Signed Up');
    expect(w.counts.filter((one) => !one.includes('step/'))).toEqual([
      'welcome entered',
      'welcome exited/again',
      'welcome entered',
    ]);
  });
});
