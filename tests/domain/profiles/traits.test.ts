import { describe, expect, it } from 'vitest';
import { jsonBytes, MAX_PROFILE_BYTES } from '../../../shared/domain/profiles/limits.ts';
import { World } from '../engine/world.ts';

describe('traits', () => {
  it.each<[string, object, string, unknown, string | undefined]>([
    ['e-mail: trimmed, lower case', { email: ' Ann.Lee@Example.COM ' }, 'email', 'ann.lee@example.com', undefined],
    ['e-mail that is none is kept', { email: 'ann at home' }, 'email', 'ann at home', 'trait.not-email'],
    ['e-mail of another type is kept', { email: 7 }, 'email', 7, 'trait.not-email'],
    ['names in any case are one trait', { EMAIL: 'a@example.com' }, 'email', 'a@example.com', undefined],
    ['created_at is createdAt', { created_at: 1_700_000_000 }, 'createdAt', '2023-11-14T22:13:20.000Z', undefined],
    ['milliseconds too', { createdAt: 1_700_000_000_000 }, 'createdAt', '2023-11-14T22:13:20.000Z', undefined],
    ['a text of digits is seconds', { createdAt: '1700000000' }, 'createdAt', '2023-11-14T22:13:20.000Z', undefined],
    ['ISO 8601', { createdAt: '2023-11-14T23:13:20+01:00' }, 'createdAt', '2023-11-14T22:13:20.000Z', undefined],
    ['no time at all', { createdAt: 'last week' }, 'createdAt', 'last week', 'trait.not-instant'],
    ['a phone number with its country', { phone: '+49 (151) 1234-5678' }, 'phone', '+4915112345678', undefined],
    [
      'a phone number of the address’s country',
      { phone: '0151 12345678', address: { country: 'de' } },
      'phone',
      '+4915112345678',
      undefined,
    ],
    ['international by 00', { phone: '004915112345678' }, 'phone', '+4915112345678', undefined],
    ['a number', { phone: 4915112345678 }, 'phone', '+4915112345678', undefined],
    ['a phone number of nowhere is kept', { phone: '0151 12345678' }, 'phone', '0151 12345678', 'trait.not-phone'],
    [
      'a country that is a name says nothing',
      { phone: '0151 12345678', address: { country: 'Germany' } },
      'phone',
      '0151 12345678',
      'trait.not-phone',
    ],
    ['names are trimmed', { firstName: ' Ann ' }, 'firstName', 'Ann', undefined],
    ['first_name is firstName', { first_name: 'Ann' }, 'firstName', 'Ann', undefined],
    ['a birthday is a day', { birthday: '1990-05-01T00:00:00.000Z' }, 'birthday', '1990-05-01', undefined],
    ['a birthday that is none', { birthday: '01.05.1990' }, 'birthday', '01.05.1990', 'trait.not-birthday'],
    ['a birthday without a year', { birthday: '--02-29' }, 'birthday', '--02-29', undefined],
    ['30 February without a year', { birthday: '--02-30' }, 'birthday', '--02-30', 'trait.not-birthday'],
    ['30 February', { birthday: '1990-02-30' }, 'birthday', '1990-02-30', 'trait.not-birthday'],
    ['age', { age: '42' }, 'age', 42, undefined],
    ['no age', { age: 'old' }, 'age', 'old', 'trait.not-age'],
    [
      'an address',
      { address: { City: ' Bonn ', postal_code: '53111', country: 'de' } },
      'address',
      { city: 'Bonn', postalCode: '53111', country: 'DE' },
      undefined,
    ],
    ['any other trait is kept as it came', { Plan: ' Pro ' }, 'Plan', ' Pro ', undefined],
  ])('%s', (_title, traits, name, expected, code) => {
    const w = new World();
    w.identify('ann', traits as never);
    expect(w.trait('ann', name)).toEqual(expected);
    expect(w.codes().filter((one) => one.startsWith('trait.'))).toEqual(code === undefined ? [] : [code]);
  });

  it.each<[string, number, string, string]>([
    ['a newer value replaces', 2, 'b', 'b'],
    ['an older value does not', -2, 'b', 'a'],
    ['of the same instant the later in the mailbox', 0, 'b', 'b'],
  ])('G4: %s', (_title, shift, value, expected) => {
    const w = new World();
    const at = w.now - 10_000;
    w.identify('ann', { plan: 'a' }, { at });
    w.identify('ann', { plan: value }, { at: at + shift });
    expect(w.trait('ann', 'plan')).toBe(expected);
  });

  it('null takes a value away, and an older value does not bring it back', () => {
    const w = new World();
    w.identify('ann', { plan: 'a' }, { at: w.now - 10 });
    w.tell('ann', { t: 'patch', id: 'p', at: w.now - 5, traits: { plan: null } });
    w.identify('ann', { plan: 'old' }, { at: w.now - 7 });
    expect(w.trait('ann', 'plan')).toBeNull();
    w.identify('ann', { plan: 'new' });
    expect(w.trait('ann', 'plan')).toBe('new');
    expect(w.identify('bob', { plan: null }).profile.traits).toEqual({});
  });

  it('the same again is no change: the same object', () => {
    const w = new World();
    const traits = { email: 'Ann@Example.com', plan: 'pro', nested: { b: 1, a: [2] } };
    const { profile } = w.identify('ann', traits, { context: { timezone: 'Europe/Berlin', locale: 'de-DE' } });
    w.pass('1d');
    const again = w.identify(
      'ann',
      { ...traits, nested: { a: [2], b: 1 } },
      { context: { timezone: 'Europe/Berlin', locale: 'de-DE' } },
    );
    expect(again.profile).toBe(profile);
    expect(w.track('ann', 'Something', { x: 1 }, { context: { timezone: 'Europe/Berlin' } }).profile).toBe(profile);
  });

  it('the device’s zone gives way to the customer’s own', () => {
    const w = new World();
    w.track('ann', 'X', {}, { context: { timezone: 'Europe/Berlin' } });
    expect(w.trait('ann', 'timezone')).toBe('Europe/Berlin');
    w.pass('1m');
    w.track('ann', 'X', {}, { context: { timezone: 'Asia/Tokyo' } });
    expect(w.trait('ann', 'timezone')).toBe('Asia/Tokyo');
    w.track('ann', 'X', {}, { context: { timezone: 'Africa/Cairo' }, at: w.now - 30_000 });
    expect(w.trait('ann', 'timezone')).toBe('Asia/Tokyo');
    w.identify('ann', { timezone: 'America/New_York' });
    w.pass('1m');
    w.track('ann', 'X', {}, { context: { timezone: 'Asia/Tokyo' } });
    expect(w.trait('ann', 'timezone')).toBe('America/New_York');
  });

  it('groups: the company with the group’s traits, and the list of all', () => {
    const w = new World();
    const group = (groupId: string, data: object) =>
      w.event({ kind: 'group', name: 'Group Joined', userId: 'ann', groupId, data: data as never });
    group('g1', { name: 'Acme', plan: 'pro' });
    w.pass('1m');
    group('g1', { plan: 'free' });
    expect(w.trait('ann', 'company')).toEqual({ id: 'g1', name: 'Acme', plan: 'free' });
    group('g2', { name: 'Other' });
    expect(w.trait('ann', 'company')).toEqual({ id: 'g2', name: 'Other' });
    expect(w.trait('ann', 'groups')).toEqual(['g1', 'g2']);
  });
});

describe('G13: limits are reasons, with limit and size, and the rest still counts', () => {
  it.each<[string, object, string, object]>([
    [
      'a trait of more than 8 KB',
      { big: 'x'.repeat(8_191), plan: 'pro' },
      'trait.too-large',
      { trait: 'big', limitBytes: 8_192, actualBytes: 8_193 },
    ],
    [
      'bytes, not characters',
      { big: 'é'.repeat(4_096), plan: 'pro' },
      'trait.too-large',
      { trait: 'big', limitBytes: 8_192, actualBytes: 8_194 },
    ],
    [
      'a name of more than 200 characters',
      { ['n'.repeat(201)]: 1, plan: 'pro' },
      'trait.name',
      { limit: 200, actual: 201 },
    ],
    ['a name that reaches the prototype', { constructor: 1, plan: 'pro' }, 'trait.name', { limit: 200, actual: 11 }],
  ])('%s', (_title, traits, code, saw) => {
    const w = new World();
    w.identify('ann', traits as never);
    expect(w.reasons).toMatchObject([{ code, saw }]);
    expect(w.trait('ann', 'plan')).toBe('pro');
    expect(Object.keys(w.profile('ann').traits)).toEqual(['plan']);
  });

  it('a trait called __proto__ is refused', () => {
    const w = new World();
    w.identify('ann', JSON.parse('{"__proto__": {"admin": true}, "plan": "pro"}'));
    expect(w.codes()).toEqual(['trait.name']);
    expect(w.trait('ann', 'plan')).toBe('pro');
  });

  it('more than 200 traits', () => {
    const w = new World();
    w.identify('ann', Object.fromEntries(Array.from({ length: 202 }, (_, i) => [`t${i}`, i])));
    expect(Object.keys(w.profile('ann').traits)).toHaveLength(200);
    expect(w.codes()).toEqual(['traits.too-many', 'traits.too-many']);
    w.identify('ann', { t0: 'changed' });
    expect(w.trait('ann', 't0')).toBe('changed');
  });

  it('a profile of more than 32 KB: the traits of this record are refused, and taking away still works', () => {
    const w = new World();
    const big = (i: number) => ({ [`big${i}`]: 'x'.repeat(7_900) });
    for (let i = 0; i < 4; i += 1) w.identify('ann', big(i));
    const before = w.profile('ann');
    const refused = w.identify('ann', big(4));
    expect(refused.profile).toBe(before);
    expect(refused.reasons).toMatchObject([{ code: 'profile.too-large', saw: { limitBytes: MAX_PROFILE_BYTES } }]);
    w.identify('ann', { big0: null });
    w.identify('ann', big(4));
    expect(Object.keys(w.profile('ann').traits)).toContain('big4');
    expect(jsonBytes(w.profile('ann'))).toBeLessThanOrEqual(MAX_PROFILE_BYTES);
  });
});

describe('ids', () => {
  it('are remembered with the first event, and cost nothing after', () => {
    const w = new World();
    expect(w.track('ann', 'X').profile).toMatchObject({ ids: { user: 'ann' }, createdAt: w.now });
    expect(w.event({ kind: 'page', name: 'Page Viewed', anonymousId: 'a-1' }).profile.ids).toEqual({
      anonymous: ['a-1'],
    });
    expect(w.track('ann', 'X').changed).toBe(false);
    expect(w.track('ann', 'X', {}, { anonymousId: 'a-1' }).changed).toBe(false);
  });
});

describe('what the API tells of somebody new', () => {
  it.each([
    ['patch', { traits: { plan: 'pro' } }],
    ['enroll', { journey: 'none' }],
    ['consent', { consents: [{ channel: 'email', topic: 'news', state: 'granted', at: 0, source: 'api' }] }],
  ])('%s: the profile knows the id under which it was named', (t, more) => {
    const w = new World();
    w.tell('new', { t, id: 'r1', at: w.now, identity: { user: 'new' }, ...more } as never);
    expect(w.profile('new').ids).toEqual({ user: 'new' });
    w.tell('new', { t, id: 'r2', at: w.now, identity: { user: 'somebody-else' }, ...more } as never);
    expect(w.profile('new').ids).toEqual({ user: 'new' });
  });
});
