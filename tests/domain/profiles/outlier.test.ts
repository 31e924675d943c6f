import { expect, it } from 'vitest';
import type { TraitStatistics } from '../../../shared/domain/statistics/statistics.ts';
import { World } from '../engine/world.ts';

const usual = (more: Partial<TraitStatistics> = {}): TraitStatistics => ({
  ...{ n: 1_000, mean: 100, sd: 20, quintiles: [80, 95, 105, 120] },
  ...more,
});

function world(traits: { readonly [name: string]: TraitStatistics } = { spent: usual() }) {
  const outlier = { z: 3 };
  const schemas = {
    spent: { type: 'number', outlier },
    'cart.total': { type: 'number', outlier },
    free: { type: 'number' },
  };
  const statistics = { schemaVersion: 1 as const, at: 0, profiles: 1_000, traits };
  return new World({ policy: { traits: schemas as never }, statistics });
}
const flagOf = (w: World, name: string) => w.profile('ann').traits[name]!.flag;

it.each<[string, number, number | undefined]>([
  ['usual', 110, undefined],
  ['nearly', 159, undefined],
  ['at the limit', 160, 3],
  ['beyond it', 200, 5],
  ['below', 20, -4],
  ['so far that its z would tell the value', 1e9, 1_000],
])('%s: %d has z %s', (_title, spent, z) => {
  const w = world();
  const { reasons } = w.identify('ann', { spent });
  expect(w.trait('ann', 'spent')).toBe(spent);
  expect(flagOf(w, 'spent')).toBe(z === undefined ? undefined : 'outlier');
  expect(reasons.filter(({ code }) => code === 'trait.outlier')).toEqual(
    z === undefined ? [] : [{ code: 'trait.outlier', saw: { trait: 'spent', z, limit: 3 } }],
  );
});

it.each<[string, { readonly [name: string]: TraitStatistics }]>([
  ['nothing is known', {}],
  ['all are the same', { spent: usual({ sd: 0 }) }],
  ['few are known', { spent: usual({ n: 29 }) }],
])('nothing is flagged where %s', (_title, traits) => {
  const w = world(traits);
  w.identify('ann', { spent: 1e9 });
  expect(flagOf(w, 'spent')).toBeUndefined();
});

it('only where a schema asks, of a part too; and a usual value has no flag again', () => {
  const w = world({ 'cart.total': usual(), free: usual(), spent: usual() });
  w.identify('ann', { free: 1e9, cart: { total: 1_000 }, spent: 1e9 });
  expect([flagOf(w, 'free'), flagOf(w, 'cart'), flagOf(w, 'spent')]).toEqual([undefined, 'outlier', 'outlier']);
  expect(w.reasons.filter(({ code }) => code === 'trait.outlier').map(({ saw }) => saw)).toContainEqual({
    trait: 'cart',
    z: 45,
    limit: 3,
    part: 'total',
  });
  w.pass('1m');
  w.identify('ann', { spent: 90 });
  expect(flagOf(w, 'spent')).toBeUndefined();
});
