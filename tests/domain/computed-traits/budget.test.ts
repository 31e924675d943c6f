import { describe, expect, it } from 'vitest';
import { jsonBytes } from '../../../shared/domain/profiles/limits.ts';
import { packProfile } from '../../../shared/domain/profiles/pack-stored.ts';
import { HOUR_MS } from '../../../shared/kernel/time.ts';
import { World } from '../engine/world.ts';

const order = { event: 'Order Completed' };
const total = { ...order, property: 'total' };
const category = { ...order, property: 'products[].category' };
/** Ten that one event feeds, and fifty segments that ask for them and for the past. */
const computed = [
  { id: 'orders', function: 'count', of: order, within: 'ever' },
  { id: 'revenue', function: 'sum', of: total, within: 'ever' },
  { id: 'average-order-value', function: 'average', of: total, within: 'ever' },
  { id: 'largest-order', function: 'max', of: total, within: 'ever' },
  { id: 'first-order', function: 'first', of: order, within: 'ever' },
  { id: 'last-order', function: 'last', of: order, within: 'ever' },
  { id: 'revenue-90d', function: 'sum', of: total, within: 'P90D' },
  { id: 'orders-30d', function: 'count', of: { ...order, property: undefined }, within: 'P30D' },
  { id: 'interests', function: 'most-frequent', of: category, within: 'ever', decay: {}, top: 3 },
  { id: 'categories', function: 'unique', of: category, within: 'ever' },
].map((one) => JSON.parse(JSON.stringify(one)));
const segments = Object.fromEntries(
  Array.from({ length: 50 }, (_, i) => [
    `s-${i}`,
    i % 2 === 0 ? `profile.${computed[(i / 2) % 6].id} exists` : `profile.revenue-90d >= ${i * 10}`,
  ]),
);

function bytesAfter(orders: number, everyMs: number, traits: typeof computed = computed) {
  const w = new World({ computed: traits, segments });
  w.identify('ann', { email: 'ann@example.com', firstName: 'Ann', plan: 'gold', createdAt: '2026-01-01T10:00:00Z' });
  for (let i = 0; i < orders; i += 1) {
    const products = [{ category: `category-${i % 7}` }, { category: `category-${i % 12}` }];
    w.track('ann', 'Order Completed', { total: 20 + ((i * 37) % 80) + 0.95, products });
    w.pass(everyMs + i * 1_234);
  }
  return jsonBytes(packProfile(w.profile('ann')));
}

describe('ten traits that one event feeds take so many bytes of the item', () => {
  it.each([
    ['one order', 1, 24 * HOUR_MS, 330],
    ['ten in ten days', 10, 24 * HOUR_MS, 780],
    ['a hundred in a hundred days', 100, 24 * HOUR_MS, 1_400],
    ['a hundred in three years', 100, 11 * 24 * HOUR_MS, 820],
    ['a hundred in four days', 100, HOUR_MS, 1_120],
  ])('%s', (_case, orders, everyMs, bytes) => {
    const [all, none] = [bytesAfter(orders, everyMs), bytesAfter(orders, everyMs, [])];
    expect(all - none).toBeLessThanOrEqual(bytes);
    // Two write units, with the 200 bytes of keys and of what is pending.
    expect(all).toBeLessThanOrEqual(2_048 - 200);
  });
});
