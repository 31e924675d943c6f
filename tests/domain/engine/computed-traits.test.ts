import { describe, expect, it } from 'vitest';
import { resolveRef } from '../../../shared/domain/journeys/engine/facts.ts';
import { jsonBytes, MAX_COMPUTED_BYTES } from '../../../shared/domain/profiles/limits.ts';
import { profileKey } from '../../../shared/kernel/ids.ts';
import { DAY_MS, formatInstant } from '../../../shared/kernel/time.ts';
import { instant, journey, message, type Setting, World } from './world.ts';

const email = 'ann@example.com';
const order = { event: 'Order Completed' };
const shop = [
  { id: 'orders-90d', function: 'count', of: order, within: 'P90D' },
  { id: 'interest', function: 'count', of: { event: 'Viewed' }, within: 'ever', decay: { halfLife: 'P7D' } },
];
const read = (w: World, name: string, user = 'ann') =>
  resolveRef({ profile: w.profile(user), now: w.now, catalog: w.catalog }, `profile.${name}`, {
    entry: {},
    fields: {},
  });

describe('a computed trait', () => {
  it('is read like any other, and forgets by itself', () => {
    const w = new World({ computed: shop });
    w.track('ann', 'Order Completed');
    w.track('ann', 'Order Completed');
    const version = w.profile('ann');
    expect(read(w, 'orders-90d')).toBe(2);
    w.pass('89d');
    expect(read(w, 'orders-90d')).toBe(2);
    w.pass('1d');
    expect(read(w, 'orders-90d')).toBe(0);
    expect(w.profile('ann'), 'without a write').toBe(version);
  });

  it('costs an event that feeds none of a thousand nothing', () => {
    const computed = Array.from({ length: 1_000 }, (_, i) => ({ ...shop[0]!, id: `t-${i}`, of: { event: `E${i}` } }));
    const w = new World({ computed });
    w.track('ann', 'E1');
    expect(w.track('ann', 'Something Else').changed).toBe(false);
    expect(Object.keys(w.profile('ann').computed!)).toHaveLength(1);
  });

  it.each([
    ['a window that moves on', 'profile.orders-90d = 0', '2027-02-20T10:00:00.000Z'],
    // Half of 4 after one half-life, to a millionth of it; due times are whole minutes.
    ['a threshold that is crossed', 'profile.interest < 2', '2026-11-29T10:00:00.000Z'],
  ])('moves a run on at the instant itself: %s', (_case, condition, due) => {
    const wait = {
      type: 'wait-for',
      any: [{ on: 'becomes-true', if: condition, next: 'hello' }],
      within: 'P200D',
      timeout: 'end',
    };
    const w = new World({ computed: shop, journeys: [journey({ steps: { wait, hello: message() } })] });
    w.identify('ann', { email });
    w.track('ann', 'Order Completed');
    for (let i = 0; i < 4; i += 1) w.track('ann', 'Viewed');
    w.track('ann', 'Signed Up');
    const [run] = Object.values(w.profile('ann').runs);
    expect(formatInstant(run!.due!)).toBe(due);
    w.until(instant(due) - 1);
    expect(w.messages).toHaveLength(0);
    w.until(due);
    expect(w.messages).toHaveLength(1);
  });

  it.each([
    ['a window', 'profile.orders-90d >= 2', 90],
    ['a score that decays', 'profile.interest >= 0.5', 14],
  ])('lets a customer into a live segment, and out at the instant itself: %s', (_case, where, days) => {
    const w = new World({ computed: shop, segments: { it: { where, live: true } } });
    w.identify('ann', { email });
    const isInside = () => w.profile('ann').memberships?.in['it'] !== undefined;
    for (let i = 0; i < 2; i += 1) w.track('ann', 'Order Completed');
    for (let i = 0; i < 2; i += 1) w.track('ann', 'Viewed');
    expect(isInside()).toBe(true);
    w.pass(days * DAY_MS - 60_000);
    expect(isInside()).toBe(true);
    w.pass(16 * DAY_MS);
    expect(isInside()).toBe(false);
    expect(w.track('ann', 'Something Else').changed).toBe(false);
  });

  it('cannot be set from outside', () => {
    const w = new World({ computed: shop });
    w.track('ann', 'Order Completed');
    w.identify('ann', { 'orders-90d': 700, plan: 'gold' });
    expect(w.reasons).toContainEqual({ code: 'trait.computed', saw: { trait: 'orders-90d' } });
    expect(Object.keys(w.profile('ann').traits)).toEqual(['plan']);
    expect(read(w, 'orders-90d')).toBe(1);
  });

  it('hides a trait of its name that was there before', () => {
    const before = new World();
    before.identify('ann', { 'orders-90d': 700 });
    const w = new World({ computed: shop });
    w.profiles.set(profileKey('user', 'ann'), before.profile('ann'));
    expect(read(w, 'orders-90d')).toBe(0);
  });

  it('counts what both of two people did who are one', () => {
    const w = new World({ computed: shop });
    w.event({ kind: 'track', name: 'Order Completed', anonymousId: 'device' });
    w.track('ann', 'Order Completed');
    w.identify('ann', {}, { anonymousId: 'device' });
    expect(read(w, 'orders-90d')).toBe(2);
  });

  it('forgets what no trait asks for any more', () => {
    const w = new World({ computed: shop });
    w.track('ann', 'Viewed');
    w.track('ann', 'Order Completed');
    const next = new World({ computed: [shop[0]!] });
    next.profiles.set(profileKey('user', 'ann'), w.profile('ann'));
    expect(next.track('ann', 'Viewed').changed).toBe(false);
    next.track('ann', 'Order Completed');
    expect(Object.keys(next.profile('ann').computed!)).toHaveLength(1);
    expect(read(next, 'orders-90d')).toBe(2);
  });

  it('says what it has no room for, and decides the rest', () => {
    const computed = Array.from({ length: 20 }, (_, i) => ({
      id: `list-${i}`,
      function: 'list',
      last: 20,
      of: { event: 'Seen', property: `p${i}` },
      within: 'ever',
    }));
    const w = new World({ computed, journeys: [journey({ steps: { hello: message() } })] });
    w.identify('ann', { email });
    const data = Object.fromEntries(computed.map((_, i) => [`p${i}`, 'x'.repeat(62)]));
    for (let i = 0; i < 20; i += 1) w.track('ann', 'Seen', data);
    expect(w.reasons.at(-1)).toMatchObject({ code: 'computed.too-large', saw: { event: 'Seen' } });
    expect(jsonBytes(w.profile('ann').computed)).toBeLessThanOrEqual(MAX_COMPUTED_BYTES);
    w.track('ann', 'Signed Up');
    expect(w.messages).toHaveLength(1);
  });

  it('passes over values that are too long, and says so', () => {
    const w = new World({
      computed: [{ id: 'skus', function: 'unique', of: { event: 'Seen', property: 'all[].sku' }, within: 'ever' }],
    });
    w.track('ann', 'Seen', { all: [{ sku: 'a' }, { sku: 'x'.repeat(63) }, { sku: null }, { sku: 'b' }, { sku: 'a' }] });
    expect(read(w, 'skus')).toBe(2);
    expect(w.reasons).toContainEqual({
      code: 'computed.value-too-long',
      saw: { limitBytes: 64, values: 1, event: 'Seen' },
    });
  });
});

describe('the preset for commerce', () => {
  const borders = { n: 1_000, mean: 0, sd: 0 };
  const statistics: Setting['statistics'] = {
    schemaVersion: 1,
    at: 0,
    profiles: 1_000,
    traits: {
      orders: { ...borders, quintiles: [1, 2, 3, 5] },
      revenue: { ...borders, quintiles: [20, 60, 120, 300] },
      'days-since-last-order': { ...borders, quintiles: [10, 30, 60, 120] },
    },
  };
  const given = (more: Setting = {}) => new World({ computed: [{ id: 'shop', preset: 'commerce' }], ...more });

  function buy(w: World): void {
    w.track('ann', 'Product Viewed', { category: 'tea' });
    w.track('ann', 'Product Viewed', { category: 'cups' });
    w.track('ann', 'Product Viewed', { category: 'tea' });
    w.track('ann', 'Order Completed', { total: 40, discount: 5 });
    w.pass('20d');
    w.track('ann', 'Order Completed', { total: 20, discount: 0 });
    w.pass('20d');
    w.track('ann', 'Order Completed', { total: 60 });
    w.pass(36 * 3_600_000);
  }

  it('is switched on by one line', () => {
    const w = given({ statistics });
    buy(w);
    const names = [...w.catalog.computed.byName.keys()];
    expect(Object.fromEntries(names.map((name) => [name, read(w, name)]))).toEqual({
      orders: 3,
      revenue: 120,
      'average-order-value': 40,
      'first-order': '2026-11-22T10:00:00.000Z',
      'last-order': '2027-01-01T10:00:00.000Z',
      'discounted-orders': 1,
      'category-interests': ['tea', 'cups'],
      'discount-share': 1 / 3,
      'days-since-last-order': 1,
      'rfm-recency': 5,
      'rfm-frequency': 3,
      'rfm-monetary': 3,
      rfm: '533',
      'lifecycle-stage': 'active',
    });
  });

  it('has no scores before the statistics of a night', () => {
    const w = given();
    buy(w);
    expect([read(w, 'rfm'), read(w, 'rfm-recency'), read(w, 'orders')]).toEqual([undefined, undefined, 3]);
  });

  it('goes by the rhythm of each customer', () => {
    const w = given();
    buy(w);
    const last = instant('2027-01-01T10:00:00Z');
    const stageAfter = (days: number) => {
      w.now = last + days * 86_400_000;
      return read(w, 'lifecycle-stage');
    };
    expect([10, 30, 31, 60, 61, 120, 121].map(stageAfter)).toEqual([
      'active',
      'active',
      'at-risk',
      'at-risk',
      'lapsed',
      'lapsed',
      'lost',
    ]);
  });

  it('takes other names, and stands beside a second one', () => {
    const second = {
      id: 'b2b',
      preset: 'commerce',
      prefix: 'b2b-',
      events: { order: 'Invoice Paid' },
      properties: { total: 'sum.net' },
    };
    const w = given({ computed: [{ id: 'shop', preset: 'commerce' }, second] });
    w.track('ann', 'Invoice Paid', { sum: { net: 900 } });
    expect([read(w, 'orders'), read(w, 'b2b-orders'), read(w, 'b2b-revenue')]).toEqual([0, 1, 900]);
  });

  it('wakes a run when the stage changes', () => {
    const wait = {
      type: 'wait-for',
      any: [{ on: 'becomes-true', if: 'profile.lifecycle-stage = "at-risk"', next: 'hello' }],
      within: 'P1Y',
      timeout: 'end',
    };
    const w = given({ journeys: [journey({ steps: { wait, hello: message() } })] });
    w.identify('ann', { email });
    w.track('ann', 'Order Completed', { total: 40 });
    w.track('ann', 'Signed Up');
    w.pass('90d');
    expect(w.messages).toHaveLength(0);
    w.pass('1h');
    expect(w.messages).toHaveLength(1);
  });
});

describe('the preset for engagement', () => {
  it('counts what people do with messages, and not what machines do', () => {
    const w = new World({
      computed: [{ id: 'mail', preset: 'engagement' }],
      journeys: [journey({ steps: { hello: message() } })],
      policy: { zone: 'Europe/Berlin' },
    });
    w.identify('ann', { email: 'ann@example.com' });
    w.track('ann', 'Signed Up');
    const { id } = w.messages[0]!;
    w.receipt(id, 'opened');
    w.receipt(id, 'opened', { machine: true });
    w.receipt(id, 'clicked');
    expect(read(w, 'engagement-score')).toBeCloseTo(4, 4);
    expect([read(w, 'preferred-hour'), read(w, 'preferred-channel')]).toEqual([11, 'email']);
    w.pass('30d');
    expect(read(w, 'engagement-score')).toBeCloseTo(2, 4);
  });
});
