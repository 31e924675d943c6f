import { BatchWriteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requestSession } from '../../cli/remote/request-session.ts';
import type { RoleStatement } from '../../local/cloud.ts';
import { ResourcePolicies } from '../../local/iam/resource-policies.ts';
import { Roles } from '../../local/iam/roles.ts';
import { messageReceipts } from '../../shared/data/message-receipts.ts';
import { messageStore } from '../../shared/data/message-store.ts';
import { maxHops } from '../../shared/domain/mail-record.ts';
import { profileKey } from '../../shared/kernel/ids.ts';
import { timing } from '../../shared/resources.ts';
import { bootEnvironment, DAY, type Environment, HOUR, journeyOf, MINUTE, message, wait } from './environment.ts';
import { eventRecord, mailOf, sendMail, userKey } from './mailbox.ts';

/**
 * Guarantee G11 for every function: a long day of everything that the product does, on the synthesised stacks, under
 * the roles that they would have. No call is refused, and no statement is there that nothing has needed.
 */
let env: Environment;
beforeAll(async () => {
  env = await bootEnvironment({ nightly: true, overrides: { maxWorkers: 1 } });
});
afterAll(() => env?.stop());

const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
  const answer = await env.call(method, `/v1/${path}`, body, headers);
  expect(answer.status, `${method} ${path}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  return answer;
};
const onEvent = (event: string) => ({ entry: [{ on: 'event', event }] });

const phoneOf = (user: string) => `+4915100000${String(user.charCodeAt(0))}`;

async function introduce(user: string, ...events: string[]): Promise<void> {
  await env.post(
    {
      type: 'identify',
      userId: user,
      anonymousId: `device-${user}`,
      traits: { email: `${user}@mail.example`, phone: phoneOf(user) },
      context: { device: { token: `token-${user}` } },
    },
    ...events.map((event) => ({ event, userId: user })),
  );
  await env.cloud.settle();
}

const shortMessage = (next: string) => ({
  ...{ type: 'message', template: 'short', topic: 'account', channels: ['sms'] },
  next,
});

const nudge = (next: string) => ({ ...shortMessage(next), template: 'nudge', channels: ['push'] });
const good = { collection: 'goods', key: 'one', onMissing: 'empty' };
const withGood = { schemaVersion: 1, variables: {}, lookups: { good } };

/** What the shop saves, and what messages look up in it. */
async function sell(fresh: Record<string, string>): Promise<void> {
  const goods = (id: string) => ({ schemaVersion: 1, id, name: id, fields: { name: { type: 'string' } } });
  await call('PUT', 'collections/goods', goods('goods'), fresh);
  await call('PUT', 'collections/goods/items/one', { values: { name: 'One' } });
  await call('GET', 'collections/goods/items/one');
  await call('GET', 'collections/goods/items');
  await call('PUT', 'collections/goods/items/two', { values: { name: 'Two' } });
  await call('DELETE', 'collections/goods/items/two');
  const variants = [{ channel: 'email', content: { subject: 'Good', text: '{{ lookups.good.name }}' } }];
  await call('PUT', 'templates/good', { ...withGood, id: 'good', variants }, fresh);
  await call('PUT', 'collections/spare', goods('spare'), fresh);
  await call('PUT', 'collections/spare/items/one', { values: { name: 'One' } });
  await call('DELETE', 'collections/spare');
}

/** What people of a team do. */
async function manage(): Promise<void> {
  const fresh = { 'if-none-match': '*' };
  await call('PUT', 'endpoints/crm', { id: 'crm', url: 'https://crm.example.com/hook' }, fresh);
  await call(
    'PUT',
    'policy',
    {
      schemaVersion: 1,
      zone: 'UTC',
      locale: 'en',
      quietHours: [],
      caps: [],
      erasure: { keepSuppressions: 'salted-hash' },
    },
    fresh,
  );
  await sell(fresh);
  const short = [{ channel: 'sms', content: { text: 'Short {{ lookups.good.name }}' } }];
  const shown = [{ channel: 'push', content: { body: 'Nudge {{ lookups.good.name }}' } }];
  await call('PUT', 'templates/nudge', { ...withGood, id: 'nudge', variants: shown }, fresh);
  await call('PUT', 'templates/short', { ...withGood, id: 'short', variants: short }, fresh);
  await env.publish(
    journeyOf(
      'all',
      {
        soon: wait('PT2M', 'mail'),
        mail: message('first', 'text'),
        text: shortMessage('nudge'),
        nudge: nudge('hook'),
        hook: { type: 'webhook', endpoint: 'crm', next: 'later', failed: 'end' },
        later: wait('PT2H', 'again'),
        again: message('second', 'repeat'),
        repeat: shortMessage('nudged'),
        nudged: nudge('told'),
        told: { type: 'webhook', endpoint: 'crm', next: 'end', failed: 'end' },
      },
      onEvent('Everything'),
    ),
  );
  await env.publish(
    journeyOf('api', { mail: message('third') }, { entry: [{ on: 'api' }], limits: { entriesPerDay: 9 } }),
  );
  await call('PUT', 'journeys/idea', journeyOf('idea', { mail: message('first') }), fresh);
  await call('DELETE', 'journeys/idea/draft');
  for (const path of [
    'journeys',
    'journeys/all',
    'journeys/all/versions',
    'topics',
    'templates',
    'endpoints',
    'segments',
    'policy',
    'audit',
    'sending',
    'kill-switches',
  ]) {
    await call('GET', path);
  }
  const spare = {
    schemaVersion: 1,
    id: 'spare',
    variables: {},
    variants: [{ channel: 'webhook', content: { body: '{}' } }],
  };
  await call('PUT', 'templates/spare', spare, fresh);
  await call('DELETE', 'templates/spare');
  await call('PUT', 'segments/spare', { schemaVersion: 1, id: 'spare', name: 'Spare', where: 'profile.a = 1' }, fresh);
  await call('DELETE', 'segments/spare');
  await call('PUT', 'segments/kept', { schemaVersion: 1, id: 'kept', name: 'Kept', where: 'profile.a = 1' }, fresh);
  const key = await call('POST', 'keys', { name: 'temporary', kind: 'ingest' });
  await call('GET', 'keys');
  await call('DELETE', `keys/${key.body.id}`);
  await call('PUT', 'suppressions/email/nobody%40mail.example', {});
  await call('DELETE', 'suppressions/email/nobody%40mail.example');
  await signIn();
  await limit();
}

/** Two keys with a limit: below a twentieth of it nobody is asked. */
async function limit(): Promise<void> {
  const make = (more: object) => call('POST', 'keys', { name: 'few', perMinute: 20, ...more });
  const { body: api } = await make({ kind: 'api', scopes: ['journeys:read'] });
  const { body: ingest } = await make({ kind: 'ingest' });
  for (let n = 0; n < 2; n += 1) {
    await call('GET', 'journeys', undefined, { authorization: `Bearer ${api.secret}` });
    const batch = [{ type: 'track', event: 'Counted', userId: 'ada', messageId: `lim-${n}` }];
    await call('POST', 'batch', { batch }, { authorization: `Basic ${btoa(`${ingest.secret}:`)}` });
  }
}

/** Somebody whom the configuration names, and somebody whom it does not. */
async function signIn(): Promise<void> {
  const { api, operator, principal } = env.cloud;
  const { token, roles } = await requestSession(api, operator.region, operator.credentials);
  expect(roles).toEqual(['operator']);
  const bearer = { authorization: `Bearer ${token}` };
  await call('GET', 'keys', undefined, bearer);
  // The same path as the signed one, by another method: the gateway leads it to another function.
  const { body } = await call('GET', 'sessions', undefined, bearer);
  const own = body.data.find(({ current }: { current: boolean }) => current);
  await call('DELETE', `sessions/${own.id}`, undefined, bearer);
  const stranger = principal('arn:aws:sts::000000000000:assumed-role/Sales/bob');
  const asking = requestSession(api, operator.region, stranger);
  await expect(asking).rejects.toMatchObject({ status: 403, code: 'session.no-role' });
  const forged = requestSession(api, operator.region, { ...stranger, secretAccessKey: 'guessed' });
  await expect(forged).rejects.toMatchObject({ status: 403, code: 'session.refused' });
}

/** What customers do, and what comes back of it. */
async function live(): Promise<void> {
  await introduce('ada', 'Everything');
  await env.post({ event: 'Refused', userId: '' }, { event: 'Fine', userId: 'ada' });
  // The other side of the webhook is not there at first.
  env.cloud.webhooks.answerWith('crm.example.com', 503);
  await env.cloud.advance(5 * MINUTE);
  env.cloud.webhooks.answerWith('crm.example.com', 200);
  await env.cloud.advance(25 * MINUTE);
  // Another version goes live: who waits needs the old one, which a container that is new has to read.
  await env.publish(journeyOf('all', { soon: wait('PT5M', 'mail'), mail: message('third') }, onEvent('Everything')));
  renewContainers('evaluate', 'send-email', 'send-push', 'send-sms', 'send-webhook');
  env.cloud.ses.behave('throttle', 2);
  env.cloud.provider('sms').behave('throttle', 2);
  env.cloud.provider('push').behave('throttle', 2);
  await env.cloud.advance(3 * HOUR);
  await env.post({ type: 'identify', userId: 'bob', traits: { email: 'bounce@simulator.amazonses.com' } });
  await call('POST', 'journeys/api/enrollments', { customers: [{ id: 'bob' }] }, { 'idempotency-key': 'one' });
  await env.cloud.advance(HOUR);
  env.cloud.onCall(undefined);
  // Of an address that is suppressed only the sender knows, and tells the actor.
  await call('PUT', 'suppressions/email/cas%40mail.example', {});
  await introduce('cas');
  await call('POST', 'journeys/api/enrollments', { customers: [{ id: 'cas' }] }, { 'idempotency-key': 'cas' });
  const [pushed] = env.cloud.messages({ to: 'token-ada', channel: 'push' });
  const opened = { event: 'Push Notification Opened', properties: { godwit_message: pushed!.messageId } };
  await env.post({ ...opened, userId: 'ada' });
  // They change their mind.
  const [text] = env.cloud.messages({ to: phoneOf('ada') });
  for (const word of ['stop', 'start']) {
    env.cloud.provider('sms').play(text!, { type: word });
    await env.cloud.advance(MINUTE);
  }
  const [mail] = env.cloud.messages({ to: 'ada@mail.example' });
  const link = /<(http[^>]+)>/.exec(mail!.headers['List-Unsubscribe']!)![1]!;
  expect((await fetch(link)).status).toBe(200);
  expect((await fetch(link, { method: 'POST', body: 'List-Unsubscribe=One-Click' })).status).toBe(200);
  // Refused for good, which the actor is told.
  env.cloud.provider('sms').behave('reject', 1);
  const refused = { template: 'short', topic: 'account', profile: { id: 'ada' } };
  await call('POST', 'messages', refused, { 'idempotency-key': 'three' });
  env.cloud.provider('push').play(pushed!, { type: 'uninstall' });
  const gone = { template: 'nudge', topic: 'account', profile: { id: 'ada' } };
  await call('POST', 'messages', gone, { 'idempotency-key': 'four' });
  const direct = { template: 'good', topic: 'account', profile: { id: 'ada' } };
  await call('POST', 'messages', direct, { 'idempotency-key': 'two' });
  await env.cloud.advance(MINUTE);
}

/** Each of these dies once, before its next call is done; what takes its place knows nothing. */
function renewContainers(...names: string[]): void {
  const living = new Set(names);
  env.cloud.onCall(({ functionName }) => {
    const name = names.find((one) => functionName.endsWith(`-${one}`));
    return name !== undefined && living.delete(name) ? 'crash-before' : 'pass';
  });
}

/** What an app does for a customer who has had a lot of messages. */
async function fetchInbox(): Promise<void> {
  const fresh = { 'if-none-match': '*' };
  const variants = [{ channel: 'in-app', content: { body: '<p>Hi {{ lookups.good.name }}</p>' } }];
  await call('PUT', 'templates/note', { ...withGood, id: 'note', variants }, fresh);
  const mail = { type: 'message', template: 'note', channels: ['in-app'], next: 'end' };
  const topic = { id: 'app', kind: 'marketing', consent: { 'in-app': 'opt-out' } };
  await call('PUT', 'topics/app', topic, fresh);
  const again = { reentry: { again: 'after-exit', whileInside: 'ignore' } };
  const more = { ...onEvent('Noted'), ...again, topic: 'app' };
  await env.publish(journeyOf('noted', { soon: wait('PT2M', 'mail'), mail }, more));
  await env.post({ event: 'Noted', userId: 'ada' });
  // Another version goes live: who waits needs the old one, which the first container has to read.
  await env.publish(journeyOf('noted', { mail }, more));
  let throttled = 0;
  env.cloud.onCall(({ functionName, action, resource }) => {
    const isIt = functionName.endsWith('send-in-app') && action === 'dynamodb:PutItem' && /inbox/i.test(resource);
    return isIt && throttled++ === 0 ? 'throttle' : 'pass';
  });
  await env.cloud.advance(10 * MINUTE);
  env.cloud.onCall(undefined);
  const { body: token } = await call('POST', 'profiles/ada/inbox-tokens', {});
  const own = { authorization: `Bearer ${token.token}` };
  const list = async () => (await env.call('GET', '/inbox', undefined, own)).body;
  const [{ id }] = (await list()).data;
  await hoard(id);
  expect((await list()).unread).toBe(100);
  for (const what of ['read', 'clicked', 'dismissed']) {
    expect((await env.call('POST', `/inbox/${id}/${what}`, undefined, own)).status).toBe(204);
  }
  const { body: secret } = await call('POST', 'endpoints/crm/secrets', {});
  await call('GET', 'endpoints/crm/secrets');
  const [, old] = secret.keys;
  await call('DELETE', `endpoints/crm/secrets/${old.id}`);
}

/** More messages than an inbox keeps, all older than this one. */
async function hoard(id: string): Promise<void> {
  const tables = new DynamoDBClient(env.cloud.operator);
  const isInbox = ({ logicalId }: { logicalId: string }) => logicalId.startsWith('TableInbox');
  const { name } = env.cloud.assembly.ofType('AWS::DynamoDB::Table').find(isInbox)!;
  const key = id.slice(0, 23);
  const itemOf = (n: number) => ({
    pk: { S: key },
    id: { S: `${key}-${String(n).padStart(22, '0')}` },
    topic: { S: 'app' },
    content: { S: '{"body":"Hi"}' },
    storedAt: { N: String(n) },
    expiresAt: { N: String(env.cloud.now() + DAY) },
  });
  for (let from = 0; from < 125; from += 25) {
    const puts = Array.from({ length: 25 }, (_, n) => ({ PutRequest: { Item: itemOf(from + n) } }));
    await tables.send(new BatchWriteItemCommand({ RequestItems: { [name]: puts } }));
  }
  tables.destroy();
}

/** What people of support ask. */
async function ask(): Promise<void> {
  const [one] = (await call('GET', 'profiles/ada/messages')).body.data;
  for (const path of [
    'profiles/ada',
    'profiles/by?idType=userId&id=ada',
    'profiles/ada/timeline',
    'profiles/ada/runs',
    'profiles/ada/consents',
    'profiles/ada/consents/history',
    'journeys/all/why?profile=ada',
    'journeys/all/counts',
    `messages/${one.id}`,
    'events/m1?userId=ada',
    'rejected-events',
    'event-types',
    'segments/kept/count',
    'suppressions/email/ada%40mail.example',
    'suppressions',
    'health',
  ]) {
    await call('GET', path);
  }
  await call('PATCH', 'profiles/ada', { traits: { plan: 'gold' } });
  await call('PUT', 'kill-switches/channel:webhook', { on: false });
}

/** What must be mended: a journey that had paused, a cohort that nobody woke, letters that nobody could deliver. */
async function repair(): Promise<void> {
  await env.publish(journeyOf('rest', { hold: wait('PT1H', 'mail'), mail: message('first') }, onEvent('Rested')));
  await introduce('cleo', 'Rested');
  await call('POST', 'journeys/rest/pause', {});
  await env.cloud.advance(2 * HOUR);
  await call('POST', 'journeys/rest/resume', {});
  await env.cloud.advance(MINUTE);
  const [resumed] = (await call('GET', 'jobs')).body.data;
  expect((await call('GET', `jobs/${resumed.id}`)).body).toMatchObject({ state: 'done', progress: { woken: 1 } });
  expect((await env.call('DELETE', `/v1/jobs/${resumed.id}`)).status).toBe(409);
  await call('GET', 'journeys/rest/runs');
  const { body: simulation } = await call(
    'POST',
    'journeys/all/simulations',
    { days: 2 },
    { 'idempotency-key': 'all' },
  );
  // Everybody counts what nobody has counted yet.
  const counts = {
    schemaVersion: 1,
    id: 'everything',
    name: 'Everything',
    where: 'did "Everything" ever or sent topic account in last 60 days or delivered email ever',
  };
  await call('PUT', 'segments/everything', counts, { 'if-none-match': '*' });
  await env.cloud.advance(5 * MINUTE);
  const everybody = { journey: 'api', where: 'profile.plan = "gold"' };
  await call('POST', 'broadcasts', everybody, { 'idempotency-key': 'where' });
  await call('POST', 'broadcasts', { journey: 'api', list: [{ id: 'ada' }] }, { 'idempotency-key': 'list' });
  await env.cloud.advance(MINUTE);
  for (const { id } of (await call('GET', 'broadcasts')).body.data) {
    expect((await call('GET', `broadcasts/${id}`)).body).toMatchObject({ state: 'done', progress: { told: 1 } });
  }

  const [backfill] = (await call('GET', 'jobs')).body.data.filter((job: { kind: string }) => job.kind === 'backfill');
  expect((await call('GET', `jobs/${backfill.id}`)).body).toMatchObject({ state: 'done', progress: { told: 4 } });
  const simulated = (await call('GET', `jobs/${simulation.id}`)).body;
  expect(simulated).toMatchObject({ state: 'done', progress: { endless: 0 }, result: { journey: 'all', version: 2 } });
  expect(simulated.result.customers).toBeGreaterThan(2);

  const { body: to } = await call('POST', 'uploads');
  expect((await fetch(to.url, { method: 'PUT', body: 'address\nnobody@mail.example\n' })).status).toBe(200);
  const imported = await call('POST', 'imports', { kind: 'suppressions', upload: to.id });
  const { body: past } = await call('POST', 'uploads');
  const bought = 'userId,event,timestamp\ncleo,Imported,2026-01-01T00:00:00Z\n';
  expect((await fetch(past.url, { method: 'PUT', body: bought })).status).toBe(200);
  expect((await call('POST', 'imports', { kind: 'events', upload: past.id })).status).toBe(202);
  const { body: stock } = await call('POST', 'uploads');
  expect(
    (await fetch(stock.url, { method: 'PUT', body: 'collection,id,values.name\ngoods,three,Three\n' })).status,
  ).toBe(200);
  expect((await call('POST', 'imports', { kind: 'items', upload: stock.id })).status).toBe(202);
  const exported = await call('POST', 'exports', { kind: 'profiles' });
  const asked = await call('POST', 'profiles/cleo/exports');
  await env.cloud.advance(MINUTE);
  expect((await call('GET', `jobs/${imported.body.id}`)).body).toMatchObject({
    state: 'done',
    result: { accepted: 1 },
  });
  expect((await call('GET', 'event-types')).body.data).toContainEqual(expect.objectContaining({ name: 'Imported' }));
  const [file] = (await call('GET', `exports/${exported.body.id}/files`)).body.data;
  expect((await fetch(file.url)).status).toBe(200);
  const hers = (await call('GET', `exports/${asked.body.id}/files`)).body.data;
  expect(hers.map(({ name }: { name: string }) => name)).toEqual(['1.ndjson', '1.html']);
  expect(await (await fetch(hers[0].url)).text()).toContain('"name":"Imported"');

  await introduce('dan', 'Rested');
  env.cloud.onCall(({ functionName, action }) =>
    functionName.includes('wake-cohort') && action === 'sqs:SendMessage' ? { code: 'Broken', status: 400 } : 'pass',
  );
  await env.cloud.advance(DAY);
  env.cloud.onCall(undefined);
  await env.cloud.advance(DAY);

  env.cloud.ses.behave('throttle');
  const waiting: string[] = [];
  const queue = env.cloud.queue('MessagesEmailQueue');
  const { send } = queue;
  queue.send = (sent) => {
    waiting.push(sent.body);
    return send.call(queue, sent);
  };
  await introduce('eve', 'Rested');
  await env.cloud.advance(2 * HOUR);
  // As if its receives were used up.
  env.cloud.queue('MessagesEmailDead').send({ body: waiting.at(-1)! });
  await env.cloud.settle();
  env.cloud.ses.behave('accept');
}

/** Its schedule is off here. */
async function flyCanary(): Promise<void> {
  expect(await env.cloud.invoke('canary', {})).toEqual({ seen: null, status: 200 });
  await env.cloud.advance(5 * MINUTE);
  expect(await env.cloud.invoke('canary', {})).toEqual({ seen: true, status: 200 });
}

/** Letters that nobody could read, and a record that had gone round too often: looked at, and sent back. */
async function giveBack(): Promise<void> {
  const wakes = env.cloud.queue('WakesQueue');
  wakes.send({ body: '{"half' });
  // As if its receives were used up.
  for (const message of wakes.messages()) message.receiveCount = timing.wakesMaxReceives;
  await env.cloud.advance(2 * MINUTE);
  const records = [eventRecord(env, { id: 'round', userId: 'ada', name: 'Rested' })];
  await sendMail(env, { ...mailOf(env, userKey('ada'), ...records), hop: maxHops });
  await env.cloud.settle();
  const { body: all } = await call('GET', 'dead-letters');
  const lying = all.data.flatMap(({ queue, waiting }: { queue: string; waiting: number }) => (waiting ? [queue] : []));
  // The cohort that nobody woke was repaired by the night, and its letter stays.
  expect(lying).toEqual(['wakes', 'cohorts', 'parked']);
  const [dead] = (await call('GET', 'dead-letters/wakes')).body.data;
  expect(dead).toMatchObject({ reasons: [{ code: 'letter.unreadable' }] });
  expect((await call('POST', 'dead-letters/redrives', { queue: 'wakes' })).body).toEqual({ queue: 'wakes', moving: 1 });
  expect(wakes.messages()).toHaveLength(1);
  wakes.purge();
  const [parked] = (await call('GET', 'dead-letters/parked')).body.data;
  expect(parked).toMatchObject({ reasons: [{ code: 'record.too-many-hops' }] });
  const retried = await call('POST', 'dead-letters/redrives', { queue: 'parked', id: parked.id });
  expect(retried.body).toMatchObject({ sent: 1 });
  await env.cloud.settle();
  expect((await call('GET', 'events/round?userId=ada')).body.state).not.toBe('parked');
}

/** A message whose sender gave up after its receipt had come: only the night looks at it again. */
async function findOut(): Promise<void> {
  const client = new DynamoDBClient(env.cloud.operator);
  const isMessages = ({ logicalId }: { logicalId: string }) => logicalId.startsWith('TableMessages');
  const { name: table } = env.cloud.assembly.ofType('AWS::DynamoDB::Table').find(isMessages)!;
  const messages = messageStore(client, table, 60);
  const at = env.cloud.now();
  const key = profileKey('user', 'ann');
  const id = `${key}-AbCdEfGhIjKlMnOpQrStUv`;
  const gaveUp = { key, id, st: 'unknown', by: 'one/0', copy: 'c', decidedAt: at, at, channel: 'email' } as const;
  await messages.put({ ...gaveUp, why: 'email.no-answer' }, 'absent');
  await messages.noteUnknown(gaveUp);
  await messageReceipts(client, table).mark(key, id, 'delivered', at);
  client.destroy();
  const day = new Date(at).toISOString().slice(0, 10);
  expect((await call('GET', `messages?state=unknown&day=${day}`)).body.data).toMatchObject([{ id }]);
  await env.cloud.advance(2 * DAY);
  expect((await call('GET', `messages/${id}`)).body).toMatchObject({ state: 'sent', reason: 'settled.delivered' });
  const night = new Date(at + DAY).toISOString().slice(0, 10);
  expect((await call('GET', `jobs/reconcile-${night}`)).body).toMatchObject({ state: 'done', result: { sent: 1 } });
}

/** What the nights have counted meanwhile. */
async function count(): Promise<void> {
  expect((await call('GET', 'statistics')).body.profiles).toBeGreaterThan(2);
  expect((await call('GET', 'segments/kept/sizes?from=2026-11-23&to=2026-11-30')).body.data.length).toBeGreaterThan(1);
  await call('POST', 'statistics', {});
  await env.cloud.advance(MINUTE);
  const [asked] = (await call('GET', 'jobs')).body.data;
  expect(asked).toMatchObject({ kind: 'statistics', state: 'done' });
}

/** All providers are down. What comes back has waited forty times, as if it had been long: it is put into its queue anew. */
async function outage(): Promise<void> {
  const steps = {
    email: message('first'),
    push: nudge('end'),
    sms: shortMessage('end'),
    webhook: { type: 'webhook', endpoint: 'crm', next: 'end', failed: 'end' },
  };
  const channels = Object.keys(steps) as (keyof typeof steps)[];
  for (const channel of channels) await env.publish(journeyOf(channel, { only: steps[channel] }, onEvent('Down')));
  for (const channel of ['Email', 'Push', 'Sms', 'Webhook']) {
    const queue = env.cloud.queue(`Messages${channel}Queue`);
    const { receive } = queue;
    queue.receive = (...given) => {
      const received = receive.apply(queue, given);
      for (const one of received) if (one.receiveCount === 2) one.receiveCount = timing.messageFreshFromReceives;
      return received;
    };
  }
  for (const channel of ['email', 'push', 'sms']) env.cloud.provider(channel).behave('paused');
  env.cloud.webhooks.answerWith('crm.example.com', 503);
  // Five failures each, and three that are parked.
  for (const user of ['fay', 'gil', 'hal', 'ivy', 'jon', 'kim', 'leo', 'mia']) await introduce(user, 'Down');
  const down = async () =>
    (await call('GET', 'sending')).body.data.flatMap((one: { channel: string; outage: object | null }) =>
      one.outage === null ? [] : [one.channel],
    );
  expect(await down()).toEqual(channels);
  await env.cloud.advance(2 * MINUTE);
  for (const channel of ['email', 'push', 'sms']) env.cloud.provider(channel).behave('accept');
  env.cloud.webhooks.answerWith('crm.example.com', 200);
  await env.cloud.advance(20 * MINUTE);
  expect(await down()).toEqual([]);
}

/** A configuration with rates or warm-ups gives one right more, which sending.test.ts needs. */
/** Everything that there is of somebody goes; of suppressions a salted hash stays, for which senders look from then on. */
async function erase(): Promise<void> {
  await call('PUT', 'suppressions/email/ada%40mail.example', {});
  await call('PUT', `suppressions/sms/${encodeURIComponent(phoneOf('ada'))}`, {});
  await call('PUT', 'suppressions/push/token-ada', {});
  const consents = [{ channel: 'email', topic: 'news', state: 'granted', source: 'shop' }];
  await call('PUT', 'profiles/ada/consents', { consents });
  await env.cloud.settle();
  const { headers } = await call('DELETE', 'profiles/ada');
  await env.cloud.advance(10 * MINUTE);
  const { body: job } = await env.call('GET', headers.get('location')!);
  expect(job.state).toBe('done');
  const kinds = job.result.erased[0].kinds.map(({ kind }: { kind: string }) => kind);
  expect(kinds).toEqual(expect.arrayContaining(['consent-statement', 'inbox-message', 'journal-entry', 'suppression']));
  const { data: kept } = (await call('GET', 'suppressions/email/ada%40mail.example')).body;
  expect(kept).toContainEqual(expect.objectContaining({ topic: null, reason: 'manual' }));
  await introduce('zoe', 'Down');
}

it('G11: every call is allowed by the role of its function, and every statement of every role is needed', async () => {
  await manage();
  await live();
  await fetchInbox();
  await ask();
  await repair();
  await giveBack();
  await flyCanary();
  await findOut();
  await count();
  await outage();
  await erase();
  expect(env.cloud.denied).toEqual([]);
  const statements = env.cloud.statements();
  expect(statements.length).toBeGreaterThan(40);
  const unused = statements.flatMap(({ role, sid, unusedActions }: RoleStatement) =>
    unusedActions.map((action) => `${role.replace(/[0-9A-F]{8}.*$/, '')} ${sid}: ${action}`),
  );
  expect(unused).toEqual([]);
});

it('whoever runs code under the role of the API cannot change or delete what stands in the audit log', () => {
  const { assembly } = env.cloud;
  const named = (type: string, logicalId: RegExp) =>
    assembly.ofType(type).find((one) => logicalId.test(one.logicalId))!;
  const roles = new Roles(assembly, new ResourcePolicies(assembly), () => 0);
  const { name } = named('AWS::IAM::Role', /^ManagementRole/);
  const { arn } = named('AWS::DynamoDB::Table', /^TableAudit/);
  const may = (action: string) => () =>
    roles.require(name, 'api', [{ action: `dynamodb:${action}`, resource: arn!, context: {} }]);
  for (const action of ['PutItem', 'Query']) expect(may(action)).not.toThrow();
  for (const action of [
    'UpdateItem',
    'DeleteItem',
    'BatchWriteItem',
    'PartiQLUpdate',
    'DeleteTable',
    'UpdateTimeToLive',
  ]) {
    expect(may(action)).toThrow(expect.objectContaining({ code: 'AccessDeniedException' }));
  }
});
