import { expect, it } from 'vitest';
import { journey, World } from './world.ts';

const wait = { type: 'wait', for: 'P1D', next: 'end' } as const;

/** A journey that is asked about, by cart, and one that asks: it lets in who fits. */
function asked(where: string) {
  const carts = journey({
    id: 'carts',
    entry: [{ on: 'event', event: 'Cart Updated' }],
    reentry: { key: 'event.cart', again: 'after-exit', whileInside: 'ignore' },
    exitWhen: [{ on: 'event', event: 'Bought', where: 'event.cart = entry.cart', reason: 'bought' }],
    steps: { wait },
  });
  const asking = journey({
    where,
    reentry: { again: 'after-exit', whileInside: 'ignore' },
    steps: { e: { type: 'exit', reason: 'r' } },
  });
  const w = new World({ journeys: [carts, asking] });
  return { w, holds: () => w.track('ann', 'Signed Up').reasons.some(({ code }) => code === 'entry.entered') };
}

type Act = (w: World) => unknown;
const cart =
  (id: string): Act =>
  (w) =>
    w.track('ann', 'Cart Updated', { cart: id });
const bought =
  (id: string): Act =>
  (w) =>
    w.track('ann', 'Bought', { cart: id });
const day: Act = (w) => w.pass('1d');

it.each<[string, string, Act[], boolean]>([
  ['nothing yet', 'never entered journey carts', [], true],
  ['nothing yet', 'inside journey carts', [], false],
  ['nothing yet', 'exited journey carts', [], false],
  ['inside', 'inside journey carts', [cart('a')], true],
  ['inside', 'never entered journey carts', [cart('a')], false],
  ['inside', 'finished journey carts', [cart('a')], false],
  ['finished', 'finished journey carts', [cart('a'), day], true],
  ['finished', 'exited journey carts', [cart('a'), day], false],
  ['finished', 'inside journey carts', [cart('a'), day], false],
  ['finished', 'never entered journey carts', [cart('a'), day], false],
  ['bought', 'exited journey carts', [cart('a'), bought('a')], true],
  ['bought', 'exited journey carts reason bought', [cart('a'), bought('a')], true],
  ['bought', 'exited journey carts reason gone', [cart('a'), bought('a')], false],
  ['bought', 'finished journey carts', [cart('a'), bought('a')], false],
  ['one cart bought, another finished', 'finished journey carts', [cart('a'), cart('b'), bought('a'), day], true],
  ['one cart bought, another open', 'inside journey carts', [cart('a'), cart('b'), bought('a')], true],
  ['bought, and inside again', 'exited journey carts', [cart('a'), bought('a'), cart('a')], false],
  ['bought, and inside again', 'never entered journey carts', [cart('a'), bought('a'), cart('a')], false],
  [
    'bought on a device, before it was known whose it is',
    'exited journey carts reason bought',
    [
      (w) => w.event({ kind: 'track', name: 'Cart Updated', anonymousId: 'phone', data: { cart: 'a' } }),
      (w) => w.event({ kind: 'track', name: 'Bought', anonymousId: 'phone', data: { cart: 'a' } }),
      (w) => w.identify('ann', {}, { anonymousId: 'phone' }),
    ],
    true,
  ],
  ['a journey that begins with the same letters', 'inside journey cart', [cart('a')], false],
])('%s: %s', (_title, where, acts, expected) => {
  const { w, holds } = asked(where);
  for (const act of acts) act(w);
  expect(holds()).toBe(expected);
});

it('G7: says what was seen', () => {
  const { w, holds } = asked('never entered journey carts');
  cart('a')(w);
  bought('a')(w);
  cart('b')(w);
  holds();
  expect(w.reasons.at(-1)).toMatchObject({ code: 'entry.filtered', saw: [{ saw: 'inside, bought' }] });
});

it('a run may wait until another journey is over', () => {
  const other = journey({ id: 'other', steps: { wait } });
  const waiting = journey({
    steps: {
      wf: {
        type: 'wait-for',
        any: [{ on: 'becomes-true', if: 'finished journey other', next: 'done' }],
        within: 'P9D',
        timeout: 'end',
      },
      done: { type: 'exit', reason: 'done' },
    },
  });
  const w = new World({ journeys: [other, waiting] });
  w.track('ann', 'Signed Up');
  w.pass('1d');
  expect(w.counts).toContain('welcome exited/done');
});
