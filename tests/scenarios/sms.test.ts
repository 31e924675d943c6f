import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CapturedMessage } from '../../local/cloud.ts';
import { bootEnvironment, type Environment, HOUR, journeyOf } from './environment.ts';

/** Text messages end to end: sent, reported on in any order, answered, refused, tried out. */
let env: Environment;
const policy = {
  schemaVersion: 1,
  zone: 'UTC',
  locale: 'en',
  quietHours: [],
  caps: [],
  identities: { phone: { merge: 'never' } },
  testRecipients: ['+4915100000099'],
};
const again = { reentry: { again: 'after-exit', whileInside: 'ignore' } };
const text = (template: string, channels: string[]) => ({ type: 'message', template, channels, next: 'end' });

beforeAll(async () => {
  env = await bootEnvironment({ overrides: { maxWorkers: 1 } });
  const fresh = { 'if-none-match': '*' };
  await call('PUT', 'policy', policy, fresh);
  await call(
    'PUT',
    'topics/offers',
    { id: 'offers', kind: 'marketing', consent: { sms: 'opt-out', email: 'opt-out' } },
    fresh,
  );
  await call('PUT', 'topics/partners', { id: 'partners', kind: 'marketing', consent: { sms: 'opt-in' } }, fresh);
  await call('PUT', 'topics/codes', { id: 'codes', kind: 'transactional', consent: {} }, fresh);
  const variants = [
    { channel: 'sms', content: { text: 'Grüße, {{ profile.name }}' } },
    { channel: 'email', content: { subject: 'Hello', text: '{{ unsubscribe_url }} {{ postal_address }}' } },
  ];
  const variables = { 'profile.name': { type: 'string', example: 'Ada' } };
  await call('PUT', 'templates/hello', { schemaVersion: 1, id: 'hello', variables, variants }, fresh);
  const on = (event: string) => ({ ...again, entry: [{ on: 'event', event }] });
  await env.publish(journeyOf('offer', { only: text('hello', ['sms', 'email']) }, { ...on('Offer'), topic: 'offers' }));
  await env.publish(journeyOf('code', { only: text('hello', ['sms']) }, { ...on('Code'), topic: 'codes' }));
});
afterAll(() => env?.stop());

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await env.call(method, `/v1/${path}`, body, headers);
  expect(answer.status, `${method} ${path}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  return answer;
}
async function start(user: string, traits: object, ...events: string[]): Promise<void> {
  await env.post(
    { type: 'identify', userId: user, traits: { name: user, ...traits } },
    ...events.map((event) => ({ event, userId: user })),
  );
  await env.cloud.settle();
}
async function play(message: CapturedMessage | undefined, type: string, more: object = {}): Promise<void> {
  env.cloud.provider('sms').play(message!, { type, ...more });
  await env.cloud.settle();
}
const textsTo = (to: string) => env.cloud.messages({ to, channel: 'sms' });
const recorded = async (user: string) =>
  (await call('GET', `profiles/${user}/messages`)).body.data
    .toReversed()
    .map(({ journey, channel, state, reason }: Record<string, string | null>) =>
      [journey, channel, state, reason].filter(Boolean).join(' '),
    );
const suppressed = async (phone: string) =>
  (await call('GET', `suppressions/sms/${encodeURIComponent(phone)}`)).body.data.map(
    ({ topic, reason }: Record<string, string | null>) => `${topic ?? 'all'} ${reason}`,
  );

it('goes to the number from the sender of its country, and says how long it was', async () => {
  await start('ann', { phone: '+49 151 00000001' }, 'Offer');
  await start('bob', { phone: '+1 415 555 0100' }, 'Code');
  const [german] = textsTo('+4915100000001');
  const [other] = textsTo('+14155550100');
  expect(german).toMatchObject({ from: 'WADER', text: 'Grüße, ann', tags: { MessageType: 'PROMOTIONAL' } });
  expect(other).toMatchObject({ from: expect.stringMatching(/^pool-/), tags: { MessageType: 'TRANSACTIONAL' } });
  const [message] = (await call('GET', 'profiles/ann/messages')).body.data;
  expect(message).toMatchObject({
    channel: 'sms',
    state: 'sent',
    providerId: german!.providerMessageId,
    detail: { template: 'hello@1', encoding: 'GSM-7', units: 10, parts: 1 },
  });
  expect(Object.keys(message.receipts)).toEqual(['delivered']);
});

it('without a number, or one of no use, the next channel takes it', async () => {
  await start('eve', { email: 'eve@mail.example' }, 'Offer');
  expect(await recorded('eve')).toEqual(['offer email sent']);
  await start('fay', { phone: '+4915100000006', email: 'fay@mail.example' }, 'Offer');
  await play(textsTo('+4915100000006')[0], 'invalid');
  expect(await suppressed('+4915100000006')).toEqual(['all bounce']);
  await start('fay', {}, 'Offer');
  expect((await recorded('fay')).sort()).toEqual(['offer email sent', 'offer sms sent']);
});

it('receipts come in any order and more than once, and what passes stops nothing', async () => {
  await start('gil', { phone: '+4915100000007' }, 'Offer');
  const [message] = textsTo('+4915100000007');
  for (const type of ['unreachable', 'successful', 'pending', 'ttlExpired', 'unknown', 'successful']) {
    await play(message, type);
  }
  await env.cloud.advance(72 * HOUR);
  await play(message, 'unknown');
  const [shown] = (await call('GET', 'profiles/gil/messages')).body.data;
  expect(Object.keys(shown.receipts).sort()).toEqual(['bounced', 'delivered']);
  await start('gil', {}, 'Offer');
  expect(textsTo('+4915100000007')).toHaveLength(2);
});

it('STOP is heard by everybody who holds the number; what they asked for still comes; START undoes no more than STOP did', async () => {
  const phone = '+4915100000003';
  await start('cat', { phone });
  await start('dan', { phone });
  const granted = { consents: [{ channel: 'sms', topic: 'offers', state: 'granted', source: 'form' }] };
  await call('PUT', 'profiles/cat/consents', granted);
  await start('cat', {}, 'Offer');
  await play(textsTo(phone)[0], 'reply', { text: 'Please do not stop!' });
  expect(await suppressed(phone)).toEqual([]);
  await play(textsTo(phone)[0], 'reply', { text: ' Stopp. ' });
  expect(await suppressed(phone)).toEqual(['all unsubscribe']);

  for (const user of ['cat', 'dan']) await start(user, {}, 'Offer', 'Code');
  expect((await recorded('cat')).sort()).toEqual(['code sms sent', 'offer sms sent']);
  expect(await recorded('dan')).toEqual(['code sms sent']);
  for (const user of ['cat', 'dan']) {
    const codes = (await env.reasons(user)).map(({ code }) => code);
    expect(codes).toEqual(expect.arrayContaining(['keyword.stop', 'consent.withdrawn']));
  }

  await env.cloud.advance(HOUR);
  await play(textsTo(phone)[0], 'start');
  expect(await suppressed(phone)).toEqual([]);
  const { consents } = (await env.profile('cat')).body;
  expect(consents).toContainEqual(expect.objectContaining({ topic: 'offers', state: 'granted', source: 'keyword' }));
  // It needs a yes that nobody had given.
  expect(consents).toContainEqual(expect.objectContaining({ topic: 'partners', state: 'withdrawn' }));
  await start('cat', {}, 'Offer');
  expect(await recorded('cat')).toContain('offer sms sent');
  expect(textsTo(phone)).toHaveLength(4);
});

it('a number on the provider’s own list: refused once, and then known', async () => {
  const phone = '+4915100000008';
  await start('hal', { phone }, 'Offer');
  await play(textsTo(phone)[0], 'optOut');
  await start('hal', {}, 'Offer');
  expect((await recorded('hal')).sort()).toEqual(['offer sms failed sms.opted-out', 'offer sms sent']);
  expect(await suppressed(phone)).toEqual(['all unsubscribe']);
  await start('hal', {}, 'Offer');
  expect(await env.reasons('hal')).toContainEqual(
    expect.objectContaining({ code: 'consent.withdrawn', channel: 'sms', journey: 'offer' }),
  );
  expect(await recorded('hal')).toHaveLength(2);
});

it('G3 too busy: later; no answer: counted as unknown, and not sent twice', async () => {
  env.cloud.provider('sms').behave('throttle', 1);
  await start('ida', { phone: '+4915100000009' }, 'Code');
  expect(await recorded('ida')).toEqual(['code sms retry sms.throttled']);
  await env.cloud.advance(HOUR);
  expect(await recorded('ida')).toEqual(['code sms sent']);
  env.cloud.provider('sms').behave('error-500', 1);
  await start('ida', {}, 'Code');
  expect(await recorded('ida')).toContain('code sms unknown sms.server-error');
  await env.cloud.advance(HOUR);
  expect(textsTo('+4915100000009')).toHaveLength(1);
});

it('one message to a number that nobody is known by, with the time it is good for', async () => {
  const expiresAt = new Date(env.cloud.now() + HOUR).toISOString();
  const body = { template: 'hello', to: '+49 151 00000010', channels: ['sms'], topic: 'codes', expiresAt };
  const { id } = (await call('POST', 'messages', body, { 'idempotency-key': 'code-1' })).body;
  await env.cloud.settle();
  expect((await call('GET', `messages/${id}`)).body).toMatchObject({ channel: 'sms', state: 'sent' });
  expect(Number(textsTo('+4915100000010')[0]!.tags['TimeToLive'])).toBeGreaterThan(3_500);
  const bad = await env.call('POST', '/v1/messages', { ...body, to: 'nowhere' }, { 'idempotency-key': 'code-2' });
  expect(bad).toMatchObject({ status: 422, body: { code: 'message.address' } });
});

it('a test run and a test send go to their author’s phone, and nowhere else', async () => {
  await start('kim', { phone: '+4915100000011', email: 'kim@mail.example' });
  const run = { profile: 'kim', sendTo: '+4915100000099', speed: 1, version: 'live', event: { event: 'Offer' } };
  await call('POST', 'journeys/offer/test-runs', run, { 'idempotency-key': 'run-1' });
  const send = { to: '+4915100000099', channel: 'sms', profile: { id: 'kim' }, topic: 'offers' };
  const { id } = (await call('POST', 'templates/hello/test-sends', send, { 'idempotency-key': 'send-1' })).body;
  await env.cloud.settle();
  expect((await call('GET', `messages/${id}`)).body).toMatchObject({ channel: 'sms', state: 'sent' });
  expect(textsTo('+4915100000099').map((one) => one.text)).toEqual(['[test] Grüße, kim', '[test] Grüße, kim']);
  expect(textsTo('+4915100000011')).toEqual([]);
});
