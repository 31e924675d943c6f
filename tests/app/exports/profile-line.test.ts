import { expect, it } from 'vitest';
import { profileLine } from '../../../shared/app/exports/profile-line.ts';
import { profileKey } from '../../../shared/kernel/ids.ts';
import { World } from '../../domain/engine/world.ts';

const key = profileKey('user', 'ann');
const line = (w: World, more: object = {}) =>
  profileLine(key, {
    profile: { ...w.profile('ann'), ...more },
    catalog: w.catalog,
    now: w.now,
  }) as { readonly [field: string]: unknown };

it('has what is computed, refused and belonged to, with its times', () => {
  const w = new World({
    computed: [
      { id: 'orders', function: 'count', of: { event: 'Order Completed' }, within: 'ever' },
      { id: 'last-order', function: 'last', of: { event: 'Order Completed' }, within: 'ever' },
      { id: 'spent', function: 'average', of: { event: 'Order Completed', property: 'total' }, within: 'ever' },
    ],
    segments: {
      buyers: { where: 'profile.orders > 0', live: true },
      vips: { list: true },
      known: 'profile.email exists',
      others: 'profile.orders > 5',
    },
    policy: { traits: { age: { type: 'integer' } } },
  });
  w.identify('ann', { email: 'ann@mail.example', age: 'unknown' });
  w.pass('1h');
  w.track('ann', 'Order Completed');
  w.tell('ann', { t: 'list', id: 'l', identity: { user: 'ann' }, at: w.now, segment: 'vips', change: 'join' });
  w.pass('1d');
  const at = '2026-11-22T10:00:00.000Z';
  const later = '2026-11-22T11:00:00.000Z';
  expect(line(w)).toMatchObject({
    ...{ key, userId: 'ann', createdAt: at },
    traits: { email: { value: 'ann@mail.example', at, source: 'identify' } },
    aside: { age: { value: 'unknown', at, source: 'identify', why: { code: 'format' } } },
    computed: { orders: 1, 'last-order': later },
    segments: [
      { segment: 'buyers', since: later },
      { segment: 'known', since: null },
      { segment: 'vips', since: later },
    ],
    messages: [],
  });
  expect(line(w)['computed']).not.toHaveProperty('spent');
});

it('has what is held, compared and merged, and leaves out what is not there', () => {
  const w = new World();
  w.identify('ann', {});
  expect(Object.keys(line(w)).sort()).toEqual(
    [
      'aliases',
      'computed',
      'consents',
      'createdAt',
      'entered',
      'ids',
      'key',
      'messages',
      'runs',
      'segments',
      'traits',
      'userId',
    ].sort(),
  );
  const run = { journey: 'j', version: 2, step: 's', since: w.now, enteredAt: w.now, until: null, stand: 'held' };
  const more = {
    runs: { r: run },
    held: { m1: { run: 'r', at: { ...run, due: w.now } } },
    holdouts: { all: 'out' },
    compared: { j: { side: 'out', from: w.now, until: w.now + 1 } },
    dates: { saw: 'x', next: { p: { on: '2026-12-24', due: w.now } } },
    deadAddresses: { digest: 'bounce' },
    merged: [{ from: profileKey('user', 'bob'), at: w.now, origin: 'alias' }],
  };
  const at = '2026-11-22T10:00:00.000Z';
  expect(line(w, more)).toMatchObject({
    runs: { r: { since: at, enteredAt: at, until: null } },
    held: [{ id: 'm1', run: 'r', journey: 'j', version: 2, step: 's', due: at }],
    holdouts: { all: 'out' },
    compared: { j: { side: 'out', from: at, until: '2026-11-22T10:00:00.001Z' } },
    dates: { p: { on: '2026-12-24', due: at } },
    deadAddresses: { digest: 'bounce' },
    merged: [{ from: profileKey('user', 'bob'), at, origin: 'alias' }],
  });
});
