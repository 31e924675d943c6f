import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { bootEnvironment, DAY, type Environment, journeyOf, MINUTE, message, NOON } from './environment.ts';
import { pace } from './pace.ts';

/** Rates, outages and warm-ups on the synthesised stacks, with a mail provider that can be made to fail. */
const { perSecond } = pace.channels.email;
let env: Environment;

beforeAll(async () => {
  env = await bootEnvironment({
    assembly: inject('pacedAssembly'),
    startTime: NOON + DAY,
    overrides: { maxWorkers: 1 },
  });
  const again = { reentry: { again: 'after-exit', whileInside: 'ignore' } };
  const on = (event: string) => ({ ...again, entry: [{ on: 'event', event }] });
  await env.publish(journeyOf('news', { only: message('first') }, on('News')));
  await env.publish(journeyOf('service', { only: message('second') }, { ...on('Service'), topic: 'account' }));
});
afterAll(() => env?.stop());

async function start(users: readonly string[], event: string): Promise<void> {
  const known = users.map((userId) => ({ type: 'identify', userId, traits: { email: `${userId}@mail.example` } }));
  await env.post(...known, ...users.map((userId) => ({ event, userId })));
  await env.cloud.settle();
}
const named = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}${index}`);
const mailsTo = (name: string) => env.cloud.messages({ channel: 'email' }).filter(({ to }) => to.startsWith(name));
const shown = async () => (await env.call('GET', '/v1/sending')).body.data;

it('a new sender sends no more marketing than its day has places, and the rest the next day', async () => {
  await start(['receipt'], 'Service');
  await start(named('new', 20), 'News');
  await env.cloud.advance(60 * MINUTE);
  expect(mailsTo('receipt')).toHaveLength(1);
  expect(mailsTo('new'), 'one of the eight places went to a transactional message').toHaveLength(7);
  const channel = (await shown()).find((one: { sender: string | null }) => one.sender === null);
  expect(await shown()).toContainEqual(
    expect.objectContaining({ sender: 'shop', warmUp: { day: '2026-11-24', places: 8, taken: 8 } }),
  );
  expect(channel).toMatchObject({ channel: 'email', sender: null, perSecond });
  const held = named('new', 20).find((user) => mailsTo(`${user}@`).length === 0)!;
  const saw = { reason: 'held.sender.warm-up', notBefore: expect.any(Number) };
  expect(await env.reasons(held)).toContainEqual(expect.objectContaining({ code: 'message.not-sent', saw }));
  await start(['later'], 'Service');
  expect(mailsTo('later'), 'transactional messages go always').toHaveLength(1);
  await env.cloud.advance(DAY);
  expect(new Set(mailsTo('new').map(({ to }) => to)).size).toBe(20);
  expect(mailsTo('new')).toHaveLength(20);
});

it('a rate is not passed, all of a crowd get their message, and a transactional one overtakes', async () => {
  await start(named('crowd', 60), 'News');
  expect(mailsTo('crowd').length).toBeLessThan(60);
  await start(['code'], 'Service');
  await env.cloud.advance(2_000);
  expect(mailsTo('code')).toHaveLength(1);
  await env.cloud.advance(2 * MINUTE);
  expect(new Set(mailsTo('crowd').map(({ to }) => to)).size).toBe(60);
  expect(mailsTo('crowd')).toHaveLength(60);
  const times = env.cloud.messages({ channel: 'email' }).map(({ at }) => Date.parse(at));
  for (const from of times) {
    const within = times.filter((at) => at >= from && at < from + 4_000).length;
    expect(within).toBeLessThanOrEqual(perSecond * (4 + 2) + 1);
  }
  const rest = { sender: null, perSecond, outage: null, warmUp: null };
  expect(await shown()).toEqual(['email', 'push', 'sms', 'webhook'].map((channel) => ({ channel, ...rest })));
});

it('an outage parks: the provider is left alone, nothing is lost or doubled, and it is over by itself', async () => {
  env.cloud.provider('email').behave('paused');
  await start(named('parked', 12), 'News');
  await env.cloud.advance(20 * MINUTE);
  expect(mailsTo('parked')).toHaveLength(0);
  const outage = (await shown()).find((one: { outage: object | null }) => one.outage !== null);
  expect(outage).toMatchObject({ channel: 'email', sender: 'shop', outage: { why: 'email.sending-paused' } });
  env.cloud.provider('email').behave('accept');
  await env.cloud.advance(40 * MINUTE);
  expect(
    mailsTo('parked')
      .map(({ to }) => to)
      .sort(),
  ).toEqual(
    named('parked', 12)
      .map((user) => `${user}@mail.example`)
      .sort(),
  );
  expect((await shown()).filter((one: { outage: object | null }) => one.outage !== null)).toEqual([]);
});

it('another message takes over where the first one failed, and only there', async () => {
  const delivered = { on: 'message', step: 'code', was: 'delivered', next: 'end' };
  const steps = {
    code: { ...message('first', 'arrived'), failed: 'instead', skipped: 'instead' },
    arrived: { type: 'wait-for', any: [delivered], within: 'PT1H', timeout: 'instead' },
    instead: message('third'),
  };
  await env.publish(journeyOf('fallback', steps, { entry: [{ on: 'event', event: 'Code' }], topic: 'account' }));
  await start(['fine'], 'Code');
  env.cloud.provider('email').behave('reject', 1);
  await start(['refused'], 'Code');
  await env.cloud.advance(2 * 60 * MINUTE);
  expect(mailsTo('fine').map(({ subject }) => subject)).toEqual(['The first message']);
  expect(mailsTo('refused').map(({ subject }) => subject)).toEqual(['The third message']);
});

it('G11: where a channel has a rate its function counts, may do so, and is refused nothing', async () => {
  const fresh = { 'if-none-match': '*' };
  const content = { sms: { text: 'Hi' }, push: { body: 'Hi' } };
  const variants = Object.entries(content).map(([channel, one]) => ({ channel, content: one }));
  const put = async (path: string, document: object) =>
    expect((await env.call('PUT', `/v1/${path}`, document, fresh)).status).toBe(201);
  await put('templates/hi', { schemaVersion: 1, id: 'hi', variables: {}, variants });
  await put('endpoints/crm', { id: 'crm', url: 'https://crm.example.com/hook' });
  const steps = {
    sms: { ...message('hi', 'push'), channels: ['sms'] },
    push: { ...message('hi', 'webhook'), channels: ['push'] },
    webhook: { type: 'webhook', endpoint: 'crm', next: 'end', failed: 'end' },
  };
  await env.publish(journeyOf('all', steps, { entry: [{ on: 'event', event: 'All' }], topic: 'account' }));
  const users = named('all', 3);
  const known = users.map((userId, index) => ({
    ...{ type: 'identify', userId, traits: { phone: `+491510000010${index}` } },
    context: { device: { token: `fcm:${userId}` } },
  }));
  await env.post(...known, ...users.map((userId) => ({ event: 'All', userId })));
  await env.cloud.advance(MINUTE);
  for (const channel of Object.keys(steps)) expect(env.cloud.messages({ channel }), channel).toHaveLength(3);
  const rights = env.cloud.statements().filter(({ role, sid }) => /Send(?!InApp)/.test(role) && sid === 'TableLimits');
  expect(rights).toHaveLength(Object.keys(pace.channels).length);
  const unused = rights.filter(({ unusedActions }) => unusedActions.includes('dynamodb:UpdateItem'));
  expect(unused.map(({ role }) => role)).toEqual([]);
  expect(env.cloud.denied).toEqual([]);
});
