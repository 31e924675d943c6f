import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CapturedMessage } from '../../local/cloud.ts';
import { bootEnvironment, type Environment, HOUR, journeyOf } from './environment.ts';

/** Push notifications end to end: to every device, once; dead ones are forgotten; what apps tell moves journeys on. */
let env: Environment;
const iphoneOf = (user: string) => Buffer.from(user.padEnd(32, '.')).toString('hex');
const androidOf = (user: string) => `fcm:${user}`;
const authorsPhone = 'fcm:author';
const policy = {
  ...{ schemaVersion: 1, zone: 'UTC', locale: 'en', quietHours: [], caps: [] },
  testRecipients: [`push:${authorsPhone}`],
};
const again = { reentry: { again: 'after-exit', whileInside: 'ignore' } };
const push = (next: string, template = 'cart') => ({ type: 'message', template, channels: ['push'], next });

beforeAll(async () => {
  env = await bootEnvironment({ overrides: { maxWorkers: 1 } });
  const fresh = { 'if-none-match': '*' };
  await call('PUT', 'policy', policy, fresh);
  await call('PUT', 'topics/offers', { id: 'offers', kind: 'marketing', consent: { push: 'opt-out' } }, fresh);
  const content = {
    title: 'Hi {{ profile.name }}',
    body: 'Your cart waits',
    link: '/cart',
    badge: '1',
    expiresAfter: 'PT2H',
  };
  const variables = { 'profile.name': { type: 'string', example: 'Ada' } };
  const variants = [{ channel: 'push', content }];
  await call('PUT', 'templates/cart', { schemaVersion: 1, id: 'cart', variables, variants }, fresh);
  const of = (event: string) => ({ ...again, entry: [{ on: 'event', event }], topic: 'offers' });
  await env.publish(journeyOf('cart', { only: push('end') }, of('Cart Left')));
  const opened = {
    type: 'wait-for',
    any: [{ on: 'message', step: 'first', was: 'opened', next: 'second' }],
    within: 'P1D',
    timeout: 'end',
  };
  await env.publish(journeyOf('twice', { first: push('opened'), opened, second: push('end') }, of('Twice')));
});
afterAll(() => env?.stop());

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await env.call(method, `/v1/${path}`, body, headers);
  expect(answer.status, `${method} ${path}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  return answer;
}
async function at(token: string, userId: string, ...events: string[]): Promise<void> {
  const context = { device: { token } };
  await env.post(
    { type: 'identify', userId, traits: { name: userId }, context },
    ...events.map((event) => ({ event, userId, context })),
  );
  await env.cloud.settle();
}
async function appTells(event: string, userId: string, message: CapturedMessage | undefined, more = {}): Promise<void> {
  await env.post({ event, userId, properties: { godwit_message: message!.messageId, ...more } });
  await env.cloud.settle();
}
const pushesTo = (token: string) => env.cloud.messages({ to: token, channel: 'push' });
const messagesOf = async (user: string) => (await call('GET', `profiles/${user}/messages`)).body.data;
const devicesOf = async (user: string) =>
  (await call('GET', `profiles/${user}/devices`)).body.data.map(({ token }: { token: string }) => token);

it('goes to every device once, in the words of its service', async () => {
  await at(iphoneOf('ann'), 'ann');
  await at(androidOf('ann'), 'ann', 'Cart Left');
  const [apple, ...more] = pushesTo(iphoneOf('ann'));
  const [google, ...others] = pushesTo(androidOf('ann'));
  expect([...more, ...others]).toEqual([]);
  expect(apple).toMatchObject({ from: 'APNS', subject: 'Hi ann', text: 'Your cart waits' });
  expect(apple!.tags).toMatchObject({ badge: '1', link: '/cart', TimeToLive: '7200', APNSPushType: 'alert' });
  expect(google).toMatchObject({ from: 'GCM', subject: 'Hi ann', tags: { link: '/cart', ttl: '7200s' } });
  expect(await messagesOf('ann')).toMatchObject([
    { channel: 'push', state: 'sent', detail: { template: 'cart@1', devices: 2, results: { taken: 2 } } },
  ]);
});

it('forgets a device that the app was taken off, and goes to the other one', async () => {
  env.cloud.provider('push').play(pushesTo(iphoneOf('ann'))[0]!, { type: 'uninstall' });
  await at(androidOf('ann'), 'ann', 'Cart Left');
  expect(await devicesOf('ann')).toEqual([androidOf('ann')]);
  expect(pushesTo(androidOf('ann'))).toHaveLength(2);
  expect((await env.reasons('ann')).map(({ code }) => code)).toContain('device.gone');
  const results = (all: { detail?: { results: object } }[]) => all.map(({ detail }) => detail?.results);
  expect(results(await messagesOf('ann'))).toContainEqual({ gone: 1, taken: 1 });
  env.cloud.provider('push').play(pushesTo(androidOf('ann'))[0]!, { type: 'uninstall' });
  await at(androidOf('ann'), 'ann', 'Cart Left');
  expect(await messagesOf('ann')).toContainEqual(
    expect.objectContaining({ state: 'failed', reason: 'push.no-device' }),
  );
  expect(await devicesOf('ann')).toEqual([]);
  await env.post({ event: 'Cart Left', userId: 'ann' });
  await env.cloud.settle();
  expect(await env.reasons('ann')).toContainEqual(expect.objectContaining({ code: 'address.missing' }));
});

it('what the app tells of it lets the journey go on, however often it is told', async () => {
  await at(androidOf('bob'), 'bob', 'Twice');
  const [first] = pushesTo(androidOf('bob'));
  await appTells('Push Notification Received', 'bob', first);
  expect(pushesTo(androidOf('bob'))).toHaveLength(1);
  for (let n = 0; n < 2; n++) await appTells('Push Notification Opened', 'bob', first, { link: '/cart' });
  expect(pushesTo(androidOf('bob'))).toHaveLength(2);
  const shown = (await call('GET', `messages/${first!.messageId}`)).body;
  expect(Object.keys(shown.receipts).sort()).toEqual(['clicked', 'delivered', 'opened']);
  const codes = (await env.reasons('bob')).map(({ code }) => code).filter((code) => code.startsWith('receipt.'));
  expect(codes.sort()).toEqual(['receipt.clicked', 'receipt.delivered', 'receipt.opened']);
});

it('a phone that changes hands takes its messages along', async () => {
  const phone = androidOf('shared');
  await at(phone, 'cat');
  await env.cloud.advance(HOUR);
  await at(phone, 'dan');
  expect([await devicesOf('cat'), await devicesOf('dan')]).toEqual([[], [phone]]);
  await env.post({ event: 'Cart Left', userId: 'cat' });
  await env.cloud.settle();
  expect(pushesTo(phone)).toEqual([]);
  await env.post({ event: 'Signed Out', userId: 'dan', context: { device: { token: phone } } });
  await env.cloud.settle();
  expect(await devicesOf('dan')).toEqual([]);
});

it('the API adds and removes a device', async () => {
  await at(androidOf('eve'), 'eve');
  const path = `profiles/eve/devices/${iphoneOf('eve')}`;
  await call('PUT', path, { platform: 'apns-sandbox' });
  await env.cloud.settle();
  await env.post({ event: 'Cart Left', userId: 'eve' });
  await env.cloud.settle();
  expect(pushesTo(iphoneOf('eve'))).toMatchObject([{ from: 'APNS_SANDBOX' }]);
  await call('DELETE', path);
  await env.cloud.settle();
  expect(await devicesOf('eve')).toEqual([androidOf('eve')]);
});

it('G3 too busy: later; taken with the answer lost: counted as unknown, not sent twice, and found out by the app', async () => {
  env.cloud.provider('push').behave('throttle', 1);
  await at(androidOf('fay'), 'fay', 'Cart Left');
  expect(await messagesOf('fay')).toMatchObject([{ state: 'retry', reason: 'push.throttled' }]);
  await env.cloud.advance(HOUR);
  expect(await messagesOf('fay')).toMatchObject([{ state: 'sent' }]);
  const code = 'push.no-answer';
  env.cloud.onCall(({ action }) => (action === 'mobiletargeting:SendMessages' ? 'lose-answer' : 'pass'));
  await at(androidOf('fay'), 'fay', 'Cart Left');
  env.cloud.onCall(undefined);
  expect(await messagesOf('fay')).toContainEqual(expect.objectContaining({ state: 'unknown', reason: code }));
  await env.cloud.advance(HOUR);
  expect(pushesTo(androidOf('fay'))).toHaveLength(2);
  await appTells('Push Notification Received', 'fay', pushesTo(androidOf('fay'))[1]);
  expect((await messagesOf('fay')).map(({ state }: { state: string }) => state)).toEqual(['sent', 'sent']);
});

it('keys that are refused keep messages waiting', async () => {
  env.cloud.provider('push').behave('reject', 1);
  await at(androidOf('gil'), 'gil', 'Cart Left');
  expect(await messagesOf('gil')).toMatchObject([{ state: 'retry', reason: 'push.credentials' }]);
  await env.cloud.advance(HOUR);
  expect(pushesTo(androidOf('gil'))).toHaveLength(1);
});

it('a test run and a test send go to their author’s phone, and nowhere else', async () => {
  await at(androidOf('kim'), 'kim');
  const run = {
    profile: 'kim',
    sendTo: `push:${authorsPhone}`,
    speed: 1,
    version: 'live',
    event: { event: 'Cart Left' },
  };
  await call('POST', 'journeys/cart/test-runs', run, { 'idempotency-key': 'run-1' });
  const send = { to: `push:${authorsPhone}`, channel: 'push', profile: { id: 'kim' } };
  const { id } = (await call('POST', 'templates/cart/test-sends', send, { 'idempotency-key': 'send-1' })).body;
  await env.cloud.settle();
  expect((await call('GET', `messages/${id}`)).body).toMatchObject({ channel: 'push', state: 'sent' });
  expect(pushesTo(authorsPhone).map(({ subject }) => subject)).toEqual(['[test] Hi kim', '[test] Hi kim']);
  expect(pushesTo(androidOf('kim'))).toEqual([]);
});
