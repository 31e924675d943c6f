import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { bootEnvironment, DAY, type Environment, journeyOf, MINUTE, message, NOON } from './environment.ts';

/** Rates, outages and warm-ups on the synthesised stacks, with a mail provider that can be made to fail. */
const PER_SECOND = 5;
const settings = {
  sending: { email: { perSecond: PER_SECOND, containers: 20 } },
  warmUp: { from: '2026-11-24', perDay: [8] },
};
let env: Environment;
let assembly: string;

/** The assembly of all scenarios, with settings that no other one has. */
function withSettings(): string {
  const directory = mkdtempSync(join(tmpdir(), 'godwit-sending-'));
  cpSync(inject('assembly'), directory, { recursive: true });
  const text = (value: object) => JSON.stringify(JSON.stringify(value)).slice(2, -2);
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => name.endsWith('.template.json'))) {
    const path = join(directory, file);
    const written = readFileSync(path, 'utf8')
      .replaceAll('{\\"id\\":\\"shop\\",', () => `{\\"id\\":\\"shop\\",${text({ warmUp: settings.warmUp })},`)
      .replaceAll('\\"inbox\\":{', () => `${text({ sending: settings.sending })},\\"inbox\\":{`);
    writeFileSync(path, written);
  }
  return directory;
}

beforeAll(async () => {
  assembly = withSettings();
  env = await bootEnvironment({ assembly, startTime: NOON + DAY, overrides: { maxWorkers: 1 } });
  const again = { reentry: { again: 'after-exit', whileInside: 'ignore' } };
  const on = (event: string) => ({ ...again, entry: [{ on: 'event', event }] });
  await env.publish(journeyOf('news', { only: message('first') }, on('News')));
  await env.publish(journeyOf('service', { only: message('second') }, { ...on('Service'), topic: 'account' }));
});
afterAll(async () => {
  await env?.stop();
  rmSync(assembly, { recursive: true, force: true });
});

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
  const [plan] = await shown();
  expect(await shown()).toContainEqual(
    expect.objectContaining({ sender: 'shop', warmUp: { day: '2026-11-24', places: 8, taken: 8 } }),
  );
  expect(plan).toMatchObject({ channel: 'email', sender: null, perSecond: PER_SECOND });
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
    expect(within).toBeLessThanOrEqual(PER_SECOND * (4 + 2) + 1);
  }
  expect(await shown()).toEqual([{ channel: 'email', sender: null, perSecond: 5, outage: null, warmUp: null }]);
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
