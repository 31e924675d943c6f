import { expect, it } from 'vitest';
import { ComputedTrait } from '../../../shared/domain/computed-traits/computed-trait.ts';
import {
  compileComputedTraits,
  computedValue,
  feedsOf,
} from '../../../shared/domain/computed-traits/computed-traits.ts';
import { recomputeFrom } from '../../../shared/domain/computed-traits/recompute.ts';
import type { CustomerEvent } from '../../../shared/domain/customer-event.ts';
import { profileKey } from '../../../shared/kernel/ids.ts';
import { World } from '../engine/world.ts';

it('makes of the journal what would be there had the trait been declared from the beginning', () => {
  const computed = [
    { id: 'shop', preset: 'commerce' },
    { id: 'skus', function: 'unique', of: { event: 'Order Completed', property: 'products[].sku' }, within: 'P60D' },
  ];
  const w = new World({ computed });
  for (let day = 0; day < 40; day += 1) {
    w.track('ann', 'Product Viewed', { category: `c${day % 3}` });
    w.track('ann', 'Order Completed', { total: day, products: [{ sku: `s${day % 7}` }, { sku: 't' }] });
    w.pass('1d');
  }
  const events = w.decisions.flatMap(({ record }): CustomerEvent[] => (record.t === 'event' ? [record.event] : []));
  const traits = compileComputedTraits(
    computed.map((one) => ComputedTrait.parse({ schemaVersion: 1, name: one.id, ...one })),
  );
  const feeds = ['shop', 'skus'].flatMap((document) => feedsOf(traits, document));
  const past = { events: events.reverse().map((event) => ({ event, decidedAt: event.at })), messages: [], since: 0 };
  const filled = recomputeFrom(past, feeds, 'UTC');
  const withoutSince = (all: object = {}) =>
    Object.fromEntries(Object.entries(all).map(([id, [kind, , ...rest]]) => [id, [kind, ...rest]]));
  expect(withoutSince(filled)).toEqual(withoutSince(w.profile('ann').computed));

  w.profiles.set(profileKey('user', 'ann'), { ...w.profile('ann'), computed: filled });
  const { value, completeSince } = computedValue(w.catalog.computed, w.profile('ann'), 'orders', {
    now: w.now,
    zone: 'UTC',
  })!;
  expect([value, completeSince]).toEqual([40, undefined]);
});
