import { describe, expect, it } from 'vitest';
import { checkTemplate } from '../../shared/app/compile-template.ts';
import type { OutgoingPush } from '../../shared/app/delivery.ts';
import type { Material } from '../../shared/app/outgoing/making.ts';
import { push as making, payloadsOf } from '../../shared/app/outgoing/push.ts';
import { Template } from '../../shared/domain/messaging/template.ts';
import { emptyProfile, type Profile } from '../../shared/domain/profiles/profile.ts';
import type { PushSettings } from '../../shared/settings.ts';

const key = 'uAAAAAAAAAAAAAAAAAAAAAA';
const id = `${key}-CCCCCCCCCCCCCCCCCCCCCC`;
const now = Date.parse('2026-11-26T10:00:00Z');
const iphone = 'ab'.repeat(32);
const android = 'eX4:APA91bF';
const variables = { 'profile.name': { type: 'string', example: 'Ada' } };
const templateOf = (content: Record<string, string>) =>
  Template.parse({ schemaVersion: 1, id: 'offer', variables, variants: [{ channel: 'push', content }] });

function material(content: Record<string, string>, more: Partial<Material> = {}): Material {
  const never = { onUnknown: 'count', report: 'non-success', transactional: false, decidedAt: now } as const;
  const devices: Profile['devices'] = {
    [iphone]: { platform: 'apns', at: now },
    [android]: { platform: 'fcm', at: now },
  };
  const trait = { value: 'Ada', at: 0, source: 'api' } as const;
  return {
    request: { id, key, channel: 'push', topic: 'offers', values: {}, ...never },
    profile: { ...emptyProfile, ids: { user: 'ada' }, traits: { name: trait }, devices },
    topic: { id: 'offers', kind: 'marketing', consent: {} },
    address: iphone,
    addresses: [iphone, android],
    template: { document: templateOf(content), version: 3 },
    policy: { schemaVersion: 1, zone: 'UTC', locale: 'en', quietHours: [], caps: [] },
    endpoints: new Map(),
    now,
    zone: 'UTC',
    ...more,
  };
}
async function make(
  content: Record<string, string>,
  more: Partial<Material> = {},
  push: PushSettings | null = { apns: 'production' },
) {
  const settings = {
    senders: [],
    configurationSets: { marketing: '', transactional: '' },
    inbox: { origins: [], keptDays: 30 },
    retention: { logDays: 30, backupDays: 35 },
    ...(push && { push }),
  };
  const none = async () => '';
  const links = { unsubscribeUrl: none, preferencesUrl: none, confirmUrl: none, taskUrl: none };
  return making.make(material(content, more), { settings, links });
}
async function made(content: Record<string, string>, more: Partial<Material> = {}, push?: PushSettings) {
  const prepared = await make(content, more, push);
  if ('refused' in prepared) throw new Error(JSON.stringify(prepared));
  return prepared;
}
const payloads = (message: OutgoingPush) => {
  const { apns, fcm } = payloadsOf(message.id, message.content, message.ttlSeconds);
  return { apns: JSON.parse(apns.text), fcm: JSON.parse(fcm.text).fcmV1Message.message };
};

describe('what a device gets', () => {
  it('has all that the template says, in the words of each service', async () => {
    const { message, detail } = await made({
      title: 'Hi {{ profile.name }}',
      body: 'Your cart waits',
      link: 'shop://cart',
      image: 'https://shop.example/cart.png',
      badge: '{{ 3 }}',
      sound: 'default',
      data: '{"cart": {{ profile.name }}, "items": [1, 2]}',
      collapseKey: 'cart',
      expiresAfter: 'PT2H',
    });
    expect(payloads(message)).toEqual({
      apns: {
        aps: {
          alert: { title: 'Hi Ada', body: 'Your cart waits' },
          badge: 3,
          sound: 'default',
          'mutable-content': 1,
          'content-available': 0,
        },
        cart: 'Ada',
        items: [1, 2],
        link: 'shop://cart',
        image: 'https://shop.example/cart.png',
        godwit_message: id,
      },
      fcm: {
        notification: { title: 'Hi Ada', body: 'Your cart waits', image: 'https://shop.example/cart.png' },
        data: {
          cart: 'Ada',
          items: '[1,2]',
          link: 'shop://cart',
          image: 'https://shop.example/cart.png',
          godwit_message: id,
        },
        android: {
          priority: 'HIGH',
          collapse_key: 'cart',
          ttl: '7200s',
          notification: { sound: 'default', notification_count: 3 },
        },
      },
    });
    expect(detail).toMatchObject({ template: 'offer@3', devices: 2 });
    expect(message.ttlSeconds).toBe(7_200);
  });

  it('shows nothing when it is silent, whatever else the template has', async () => {
    const { message } = await made({ body: 'x', sound: 'default', badge: '1', silent: 'true', data: '{"sync": true}' });
    expect(payloads(message)).toEqual({
      apns: { aps: { 'content-available': 1 }, sync: true, godwit_message: id },
      fcm: { data: { sync: 'true', godwit_message: id }, android: { priority: 'NORMAL' } },
    });
  });

  it('holds no variable of Pinpoint’s, whatever a customer is called', async () => {
    const hostile = '{{User.UserId}} {{{';
    const profile = {
      ...material({ body: 'x' }).profile,
      traits: { name: { value: hostile, at: 0, source: 'api' as const } },
    };
    const { message } = await made(
      { body: '{{ profile.name }}', data: '{"n": {"a": {{ profile.name }}}}' },
      { profile },
    );
    const { apns, fcm } = payloadsOf(message.id, message.content, undefined);
    expect(apns.text + fcm.text).not.toContain('{{');
    expect(payloads(message)).toMatchObject({ apns: { aps: { alert: { body: hostile } }, n: { a: hostile } } });
  });

  it('goes to each device by its service, Apple’s as the environment says', async () => {
    const { message } = await made({ body: 'x' });
    expect(message.devices).toEqual([
      { token: iphone, service: 'APNS' },
      { token: android, service: 'GCM' },
    ]);
    const { message: built } = await made({ body: 'x' }, {}, { apns: 'sandbox', application: 'app' });
    expect(built).toMatchObject({ devices: [{ service: 'APNS_SANDBOX' }, { service: 'GCM' }], application: 'app' });
    const profile = { ...emptyProfile, devices: { [iphone]: { platform: 'apns-sandbox' as const, at: now } } };
    const { message: told } = await made({ body: 'x' }, { profile });
    // The other one is of the trait of old.
    expect(told.devices).toEqual([
      { token: iphone, service: 'APNS_SANDBOX' },
      { token: android, service: 'GCM' },
    ]);
  });

  it('expires by the earlier of what the request and the template say', async () => {
    const request = { ...material({ body: 'x' }).request, expiresAt: now + 90_500 };
    expect((await made({ body: 'x', expiresAfter: 'PT1H' }, { request })).message.ttlSeconds).toBe(90);
    expect((await made({ body: 'x', expiresAfter: 'PT1M' }, { request })).message.ttlSeconds).toBe(60);
    expect((await made({ body: 'x' })).message).not.toHaveProperty('ttlSeconds');
  });

  it.each([
    ['4,096 bytes are taken', { [iphone]: 0 }, [iphone], true],
    ['one more is not', { [iphone]: 1 }, [iphone], false],
    ['one more of Firebase’s', { [android]: 1 }, [android], false],
    ['what is too large for the other service only is taken', { [iphone]: 0 }, [iphone], true],
  ])('%s', async (_what, over, addresses, fits) => {
    const [[token, more] = ['', 0]] = Object.entries(over);
    const bare = (await made({ body: 'x', data: '{"d": ""}' })).message;
    const { apns, fcm } = payloadsOf(bare.id, bare.content, undefined);
    const room = 4_096 - (token === iphone ? apns : fcm).bytes + more;
    const result = await make({ body: 'x', data: JSON.stringify({ d: 'y'.repeat(room) }) }, { addresses });
    if (fits) expect(result).toHaveProperty('message');
    else expect(result).toMatchObject({ refused: 'push.too-large', detail: { limit: 4_096, bytes: 4_097 } });
  });

  it('is not made where push is not set up', async () => {
    expect(await make({ body: 'x' }, {}, null)).toEqual({ refused: 'push.not-set-up' });
  });

  it('says whose it is, and which devices, as lists of who may get something name them', async () => {
    const { message } = await made({ title: 'T', body: 'x' });
    expect(making.owner?.(message)).toBe('user:ada');
    expect(making.targets(message)).toEqual([`push:${iphone}`, `push:${android}`]);
    expect(making.forTest?.(message).content.title).toBe('[test] T');
    expect(making.show(message)).toMatchObject({
      rendered: { subject: 'T', text: 'x', headers: { APNs: expect.any(String) } },
    });
  });

  it.each([
    [{ body: '{{ "" }}' }, 'template.empty'],
    [{ body: 'x', link: 'javascript:alert(1)' }, 'template.part-unfit'],
    [{ body: 'x', image: 'http://x.example/a.png' }, 'template.part-unfit'],
    [{ body: 'x', badge: '-1' }, 'template.part-unfit'],
    [{ body: 'x', sound: '../x' }, 'template.part-unfit'],
    [{ body: 'x', collapseKey: 'ä'.repeat(33) }, 'template.part-unfit'],
    [{ body: 'x', expiresAfter: 'P29D' }, 'template.part-unfit'],
    [{ body: 'x', silent: 'yes' }, 'template.part-unfit'],
    [{ body: 'x', data: '[1]' }, 'template.not-json'],
    [{ body: 'x', data: '{"google.x": 1}' }, 'template.not-json'],
    [{ body: 'x', data: '{"aps": {}}' }, 'template.not-json'],
  ])('%j fails with %s', async (content, code) => {
    expect(await make(content as Record<string, string>)).toMatchObject({ refused: code });
  });

  it.each([
    [{ title: 'T' }, 'template.part-missing'],
    [{ data: '{"from": 1}' }, 'template.part-unfit'],
    [{ body: 'x', badge: 'many' }, 'template.part-unfit'],
    [{ body: 'x', subject: 'x' }, 'template.part-unknown'],
    [{ data: '{"a": {{ profile.name }}}', silent: 'true' }, undefined],
    [{ body: 'x' }, undefined],
  ])('the template %j is saved or refused: %s', async (content, code) => {
    const problems = await checkTemplate(templateOf(content as Record<string, string>), { blocks: new Map() });
    expect(problems.map((one) => one.code)).toEqual(code === undefined ? [] : [code]);
  });
});
