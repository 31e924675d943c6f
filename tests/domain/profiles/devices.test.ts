import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressHash } from '../../../shared/domain/messaging/address.ts';
import { addressesIn } from '../../../shared/domain/messaging/policy/check-address.ts';
import { joinDevices } from '../../../shared/domain/profiles/join-devices.ts';
import { MAX_DEVICES } from '../../../shared/domain/profiles/limits.ts';
import type { Device, Profile } from '../../../shared/domain/profiles/profile.ts';
import { platformOf } from '../../../shared/domain/profiles/push-token.ts';
import { profileKey } from '../../../shared/kernel/ids.ts';
import { HOUR_MS } from '../../../shared/kernel/time.ts';
import { World } from '../engine/world.ts';

const iphone = 'ab'.repeat(32);
const android = 'eX4:APA91bF-x_1';
const on = (token: string) => ({ context: { device: { token } } });
const tokens = (w: World, user: string) => addressesIn(w.profile(user), 'push');
const codes = (w: World) => w.reasons.map(({ code }) => code).filter((code) => code.startsWith('device.'));
const atPhone = (w: World, user: string, token: string, more: object = {}) =>
  w.track(user, 'App Opened', {}, { ...on(token), ...more });

describe('a token that the app tells', () => {
  it('becomes a device, by its form one of Apple or of Firebase; the last used comes first', () => {
    const w = new World();
    atPhone(w, 'ann', iphone);
    w.pass('1m');
    atPhone(w, 'ann', android);
    expect(w.profile('ann').devices).toMatchObject({ [iphone]: { platform: 'apns' }, [android]: { platform: 'fcm' } });
    expect(tokens(w, 'ann')).toEqual([android, iphone]);
    expect(codes(w)).toEqual(['device.added', 'device.held', 'device.added', 'device.held']);
  });

  it('is written down once an hour, and costs nothing in between', () => {
    const w = new World();
    atPhone(w, 'ann', iphone);
    w.pass('59m');
    expect(atPhone(w, 'ann', iphone).changed).toBe(false);
    w.pass('2m');
    expect(atPhone(w, 'ann', iphone).changed).toBe(true);
    expect(codes(w)).toEqual(['device.added', 'device.held']);
  });

  it('makes room for itself: what has ended goes first, then what was not used for longest', () => {
    const w = new World();
    for (let n = 0; n <= MAX_DEVICES; n++) {
      atPhone(w, 'ann', `token-${n}`);
      if (n === 5) w.track('ann', 'Signed Out', {}, on('token-5'));
      w.pass('1m');
    }
    expect(tokens(w, 'ann').toReversed()).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9, 10].map((n) => `token-${n}`));
    atPhone(w, 'ann', 'token-11');
    expect(tokens(w, 'ann').at(-1)).toBe('token-1');
  });

  it.each([
    ['tokens of APNs', 'AB'.repeat(32), 'apns'],
    ['longer ones', 'ab'.repeat(80), 'apns'],
    ['half a byte is none of them', 'a'.repeat(65), 'fcm'],
    ['tokens of Firebase, whatever phone they are of', 'dGhpcw:APA91bHun4MxP5egoKMwt2KZFBaFUH-1RYqx', 'fcm'],
  ])('%s', (_what, token, platform) => expect(platformOf(token)).toBe(platform));
});

describe('a token is of one customer', () => {
  const lastPhone = (w: World, user: string) => tokens(w, user).includes(iphone);

  it('whoever logs in on the phone takes it from who was there', () => {
    const w = new World();
    atPhone(w, 'ann', iphone);
    w.pass('1m');
    atPhone(w, 'bob', iphone);
    expect([lastPhone(w, 'ann'), lastPhone(w, 'bob')]).toEqual([false, true]);
    expect(codes(w).slice(2)).toEqual(['device.added', 'device.held', 'device.moved']);
    w.pass('1m');
    atPhone(w, 'ann', iphone);
    expect([lastPhone(w, 'ann'), lastPhone(w, 'bob')]).toEqual([true, false]);
  });

  it('an event from before the other one logged in comes too late', () => {
    const w = new World();
    atPhone(w, 'bob', iphone);
    atPhone(w, 'ann', iphone, { at: w.now - HOUR_MS });
    expect([lastPhone(w, 'ann'), lastPhone(w, 'bob')]).toEqual([false, true]);
  });

  it('somebody who used it later than the token knows keeps it', () => {
    const w = new World();
    const from = w.now;
    atPhone(w, 'ann', iphone);
    w.pass('3h');
    atPhone(w, 'ann', iphone);
    atPhone(w, 'bob', iphone, { at: from + HOUR_MS });
    expect([lastPhone(w, 'ann'), lastPhone(w, 'bob')]).toEqual([true, false]);
  });

  it('logging out without anybody logging in: the visitor has it, and later whoever they turn out to be', () => {
    const w = new World();
    atPhone(w, 'ann', iphone);
    w.pass('1m');
    w.event({ kind: 'track', name: 'App Opened', anonymousId: 'visitor', ...on(iphone) });
    expect(lastPhone(w, 'ann')).toBe(false);
    w.pass('1m');
    w.identify('bob', {}, { anonymousId: 'visitor', ...on(iphone) });
    expect(lastPhone(w, 'bob')).toBe(true);
    w.pass('1m');
    atPhone(w, 'cat', iphone);
    expect([lastPhone(w, 'bob'), lastPhone(w, 'cat')]).toEqual([false, true]);
  });

  it('Signed Out ends it, and an event from before does not bring it back', () => {
    const w = new World();
    atPhone(w, 'ann', iphone);
    w.pass('1m');
    w.track('ann', 'Signed Out', {}, on(iphone));
    expect(tokens(w, 'ann')).toEqual([]);
    atPhone(w, 'ann', iphone, { at: w.now - 1 });
    expect(tokens(w, 'ann')).toEqual([]);
    w.pass('1m');
    atPhone(w, 'ann', iphone);
    expect(tokens(w, 'ann')).toEqual([iphone]);
  });

  it('in whatever order mail comes, one has it in the end: who told it last', () => {
    const users = ['ann', 'bob', 'cat'];
    const told = fc.record({ user: fc.constantFrom(...users), at: fc.nat({ max: 5 }) });
    fc.assert(
      fc.property(
        fc.array(told, { minLength: 1, maxLength: 8 }),
        fc.array(fc.nat(), { maxLength: 60 }),
        (all, order) => {
          const w = new World();
          const base = w.now - 10 * HOUR_MS;
          for (const [n, { user, at }] of all.entries()) {
            const event = {
              id: `m${n}`,
              sent: null,
              at: base + at * 2 * HOUR_MS,
              kind: 'track',
              name: 'Opened',
              userId: user,
              data: {},
            };
            w.mail.push({
              to: profileKey('user', user),
              record: { t: 'event', event: { ...event, ...on(iphone) } } as never,
            });
          }
          for (const choice of order) if (w.mail.length > 0) w.deliverOne(choice);
          while (w.mail.length > 0) w.deliverOne(0);
          const having = users.filter((user) => w.profiles.has(profileKey('user', user)) && lastPhone(w, user));
          const last = Math.max(...all.map(({ at }) => at));
          expect(having).toHaveLength(1);
          expect(all).toContainEqual({ user: having[0], at: last });
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('the API and the provider', () => {
  const tell = (w: World, user: string, change: 'add' | 'remove', more: object = {}) =>
    w.tell(user, { t: 'device', id: `${change}-${w.now}`, at: w.now, token: iphone, change, ...more });

  it('add and remove, with the platform that is said', () => {
    const w = new World();
    tell(w, 'ann', 'add', { platform: 'apns-sandbox' });
    w.pass('2h');
    atPhone(w, 'ann', iphone);
    expect(w.profile('ann').devices?.[iphone]).toMatchObject({ platform: 'apns-sandbox' });
    tell(w, 'ann', 'remove');
    expect(tokens(w, 'ann')).toEqual([]);
    expect(tell(w, 'ann', 'remove').changed).toBe(false);
  });

  it('what the provider knows no more is ended, by its hash alone, and the others stay', () => {
    const w = new World();
    for (const token of [iphone, android]) atPhone(w, 'ann', token);
    w.pass('1m');
    w.outcome(`${profileKey('user', 'ann')}-x`, 'sent', { channel: 'push', gone: [addressHash('push', iphone)] });
    expect(tokens(w, 'ann')).toEqual([android]);
    expect(codes(w)).toContain('device.gone');
  });

  it('a token of the trait of old is written to, and no more once it is gone', () => {
    const w = new World();
    w.identify('ann', { pushToken: android });
    expect(tokens(w, 'ann')).toEqual([android]);
    w.outcome(`${profileKey('user', 'ann')}-x`, 'failed', { channel: 'push', gone: [addressHash('push', android)] });
    expect(w.profile('ann').deadAddresses).toEqual({ [addressHash('push', android)]: 'bounce' });
    w.pass('1m');
    w.track('ann', 'Signed Out', {}, on(android));
    atPhone(w, 'ann', iphone);
    expect(tokens(w, 'ann')).toEqual([iphone, android]);
  });
});

it('devices of merged profiles: every order gives the same, the newest word of each token counts', () => {
  const device = fc.record(
    { platform: fc.constantFrom('apns', 'fcm'), at: fc.nat({ max: 3 }) },
    { requiredKeys: ['platform', 'at'] },
  );
  const maybeOff = fc
    .tuple(device, fc.boolean())
    .map(([one, off]) => (off ? { ...one, off: true as const } : one) as Device);
  const devices = fc.option(
    fc.dictionary(fc.constantFrom(...Array.from({ length: 14 }, (_, n) => `t${n}`)), maybeOff),
    { nil: undefined },
  );
  const join = (a: Profile['devices'], b: Profile['devices']) => joinDevices(a, b).devices;
  fc.assert(
    fc.property(devices, devices, devices, (a, b, c) => {
      expect(join(a, b)).toEqual(join(b, a));
      expect(join(join(a, b), c)).toEqual(join(a, join(b, c)));
      for (const [token, { at }] of Object.entries(join(a, b) ?? {})) {
        expect(at).toBe(Math.max(a?.[token]?.at ?? 0, b?.[token]?.at ?? 0));
      }
    }),
  );
});
