import { afterAll, beforeAll, expect, it } from 'vitest';
import { mischief } from '../chaos/mix.ts';
import { bootEnvironment, DAY, type Environment, HOUR, journeyOf, message } from './environment.ts';

/**
 * Providers misbehave in a mix drawn from a seed. Counted apart, and compared: what was done to calls (chaos/mix.ts), what
 * providers have taken (the capture server), what the messages' rows say, and what the actors were told (their journals).
 * `npm run chaos` is the same with more customers and another seed.
 */
const customers = Number(process.env['GODWIT_CHAOS_CUSTOMERS'] ?? 45);
const mischiefs = mischief(process.env['GODWIT_CHAOS_SEED'] ?? 'eleven');
const channels = ['email', 'push', 'sms', 'webhook'] as const;
type Channel = (typeof channels)[number];

interface Row {
  readonly id: string;
  readonly channel: Channel;
  readonly state: string;
  readonly reason: string | null;
  readonly journey: string;
  readonly times: Readonly<Record<string, string>>;
}

let env: Environment;
const users = Array.from({ length: customers }, (_, n) => `c${n}`);
/** Every fifth address bounces: an answer that is lost may also be one of those. */
const emailOf = (n: number) => (n % 5 === 0 ? `bounce+${n}@simulator.amazonses.com` : `c${n}@mail.example`);
const fresh = { 'if-none-match': '*' };

beforeAll(async () => {
  env = await bootEnvironment({ nightly: true, overrides: { maxWorkers: 1 } });
  const put = async (path: string, document: object) =>
    expect((await env.call('PUT', `/v1/${path}`, document, fresh)).status, path).toBeLessThan(300);
  await put('policy', { schemaVersion: 1, zone: 'UTC', locale: 'en', quietHours: [], caps: [{ max: 9, per: 'P1D' }] });
  await put('topics/offers', {
    id: 'offers',
    kind: 'marketing',
    consent: { sms: 'opt-out', email: 'opt-out', push: 'opt-out' },
  });
  await put('endpoints/crm', { id: 'crm', url: 'https://crm.example.com/hook' });
  const variants = [
    { channel: 'sms', content: { text: 'Hello' } },
    { channel: 'push', content: { title: 'Hello', body: 'Hello' } },
  ];
  await put('templates/short', { schemaVersion: 1, id: 'short', variables: {}, variants });
  await env.publish(journeyOf('by-email', { only: message('first') }, { topic: 'offers' }));
  for (const channel of ['sms', 'push']) {
    const only = { type: 'message', template: 'short', channels: [channel], next: 'end' };
    await env.publish(journeyOf(`by-${channel}`, { only }, { topic: 'offers' }));
  }
  const hook = { type: 'webhook', endpoint: 'crm', body: {}, timeout: 'PT2S', next: 'end', failed: 'end' };
  await env.publish(journeyOf('by-webhook', { only: hook }));
});
afterAll(() => {
  env?.cloud.onCall(undefined);
  return env?.stop();
});

async function send(): Promise<void> {
  const people = users.map((userId, n) => {
    const traits = { email: emailOf(n), phone: `+49151${String(10_000_000 + n)}` };
    return [
      { type: 'identify', userId, traits, context: { device: { token: `fcm:${userId}` } } },
      { userId, event: 'Started' },
    ];
  });
  for (let from = 0; from < people.length; from += 30) await env.post(...people.slice(from, from + 30).flat());
  await env.cloud.settle();
}

/** Of push notifications nobody reports but the app that shows them. */
async function appsTell(): Promise<void> {
  const told = env.cloud.messages({ channel: 'push' }).map(({ to, messageId }) => ({
    ...{ event: 'Push Notification Received', userId: to.slice('fcm:'.length) },
    properties: { godwit_message: messageId },
  }));
  for (let from = 0; from < told.length; from += 60) await env.post(...told.slice(from, from + 60));
  await env.cloud.settle();
}

async function rows(): Promise<Row[]> {
  const all: Row[] = [];
  for (const user of users) all.push(...(await env.call('GET', `/v1/profiles/${user}/messages`)).body.data);
  return all;
}

const by = <T>(all: readonly T[], of: (one: T) => string) =>
  Object.fromEntries([...Map.groupBy(all, of)].map(([name, some]) => [name, some.length]));

it('nothing is lost, nothing doubled, and what nobody can tell is counted, found out or listed', async () => {
  env.cloud.onCall(mischiefs.onCall);
  env.cloud.webhooks.onCall = mischiefs.onWebhook;
  await send();
  await env.cloud.advance(8 * HOUR);
  env.cloud.onCall(undefined);
  env.cloud.webhooks.onCall = undefined;
  await appsTell();
  await env.cloud.advance(2 * HOUR);
  const night = new Date(env.cloud.now() + DAY).toISOString().slice(0, 10);
  await env.cloud.advance(DAY);

  const found = await rows();
  const taken = new Map<string, number>();
  for (const { messageId } of env.cloud.messages()) taken.set(messageId!, (taken.get(messageId!) ?? 0) + 1);
  const isTaken = ({ id }: Row) => taken.has(id);
  const wasUnknown = ({ times }: Row) => times['unknown'] !== undefined;
  const of = (channel: Channel) => found.filter((row) => row.channel === channel);

  // Nothing is lost: each customer has one message by each journey, and each of them has ended.
  expect(by(found, ({ journey }) => journey)).toEqual({
    'by-email': customers,
    'by-push': customers,
    'by-sms': customers,
    'by-webhook': customers,
  });
  expect(new Set(found.map(({ id }) => id)).size).toBe(4 * customers);
  expect(Object.keys(by(found, ({ state }) => state)).sort()).toEqual(['failed', 'sent', 'unknown']);

  // Nothing is doubled, and nobody was sent what is in no row.
  const ids = new Set(found.map(({ id }) => id));
  expect([...taken].filter(([id, times]) => times > 1 || !ids.has(id))).toEqual([]);

  // What the rows say is what the providers have.
  for (const row of found) {
    const { channel, state, reason } = row;
    const where = `${row.id} ${channel} ${state} ${reason}`;
    if (state === 'sent') expect(isTaken(row), where).toBe(true);
    if (state === 'failed') expect(isTaken(row), where).toBe(reason === 'settled.not-delivered');
    // Of what was taken by who reports, a receipt has come.
    if (state === 'unknown' && channel !== 'webhook') expect(isTaken(row), where).toBe(false);
  }

  // What nobody could tell is what was ambiguous, no more and no less; what was found out of it is what was taken.
  for (const channel of channels) {
    const { [channel]: done } = mischiefs;
    const ambiguous = of(channel).filter(wasUnknown);
    expect(ambiguous.length, channel).toBe(done.count(({ isAmbiguous }) => isAmbiguous));
    const takenAll = done.count(({ isAmbiguous, took }) => isAmbiguous && took);
    expect(ambiguous.filter(isTaken).length, channel).toBe(takenAll);
    const settled = ambiguous.filter(({ state }) => state !== 'unknown');
    expect(settled.length, channel).toBe(channel === 'webhook' ? 0 : takenAll);
    expect(done.done.size, `${channel}: the mix is one`).toBeGreaterThanOrEqual(7);
  }
  const { webhook } = mischiefs;
  const refused = of('webhook').filter(({ state }) => state === 'failed');
  expect(by(refused, ({ reason }) => reason!)).toEqual({ 'webhook.status-401': webhook.done.get('wrong credentials') });

  // The actors were told of it.
  const told = (await Promise.all(users.map((user) => env.reasons(user)))).flat();
  const codes = by(told, ({ code }) => code);
  expect(codes['message.decided']).toBe(found.length);
  expect(codes['message.unknown']).toBe(found.filter(wasUnknown).length);
  expect(codes['message.failed']).toBe(found.filter(({ state }) => state === 'failed').length);

  // And so are those who look: the night's count, and the list of the day.
  const { body: job } = await env.call('GET', `/v1/jobs/reconcile-${night}`);
  const open = found.filter(({ state }) => state === 'unknown');
  expect(job).toMatchObject({
    state: 'done',
    result: { scanned: found.filter(wasUnknown).length, unknown: open.length },
  });
  const listed: string[] = [];
  for (const day of new Set(open.map(({ times }) => times['unknown']!.slice(0, 10)))) {
    let cursor: string | null = '';
    while (cursor !== null) {
      const more = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body } = await env.call('GET', `/v1/messages?state=unknown&limit=20&day=${day}${more}`);
      listed.push(...body.data.map(({ id }: Row) => id));
      cursor = body.nextCursor;
    }
  }
  expect(listed.sort()).toEqual(open.map(({ id }) => id).sort());

  if (process.env['GODWIT_CHAOS_CUSTOMERS'] === undefined) return;
  for (const channel of channels) {
    const states = by(of(channel), ({ state, reason }) => [state, reason].filter(Boolean).join(' '));
    console.log(channel, { done: Object.fromEntries(mischiefs[channel].done), states });
  }
});
