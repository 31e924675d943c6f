import { gunzipSync } from 'node:zlib';
import { DynamoDBClient, ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tables } from '../../shared/resources.ts';
import { bootEnvironment, DAY, type Environment, HOUR, journeyOf, MINUTE, message, wait } from './environment.ts';

/** G12 on the synthesised stacks: a word that stands wherever a customer can put one, and is nowhere afterwards. */
const WORD = 'zq7word';
const PHONE = '+4915123456789';
const EMAIL = `${WORD}@mail.example`;
const TOKEN = `${WORD}-token-of-a-device`;
const user = `${WORD}-user`;
const path = `/v1/profiles/${user}`;
const fresh = { 'if-none-match': '*' };
const lines: string[] = [];

let env: Environment;
beforeAll(async () => {
  env = await bootEnvironment({ log: (line) => lines.push(line), overrides: { maxWorkers: 2 } });
  await must('PUT', '/v1/topics/app', { id: 'app', kind: 'marketing', consent: { 'in-app': 'opt-out' } }, fresh);
  await must('PUT', '/v1/policy', policy, fresh);
  await must('PUT', '/v1/templates/note', note, fresh);
  await must('PUT', '/v1/segments/vip', { schemaVersion: 1, id: 'vip', name: 'VIP', list: true }, fresh);
  const told = { type: 'message', template: 'note', channels: ['in-app'], topic: 'app', next: 'soon' };
  const steps = {
    told,
    soon: wait('PT10M', 'mail'),
    mail: message('first', 'later'),
    later: wait('P3D', 'late'),
    late: message('second'),
  };
  await env.publish(journeyOf('all', steps, { reentry: { again: 'after-exit', whileInside: 'restart' } }));
});
afterAll(() => env?.stop());

const policy = {
  ...{ schemaVersion: 1, zone: 'UTC', locale: 'en', quietHours: [], caps: [] },
  erasure: { keepSuppressions: 'salted-hash' },
};

const note = {
  schemaVersion: 1,
  id: 'note',
  variables: { 'event.word': { type: 'string', example: 'x' } },
  variants: [{ channel: 'in-app', content: { title: '{{ event.word }}', body: '<p>{{ event.word }}</p>' } }],
};

async function must(method: string, at: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await env.call(method, at, body, headers);
  expect(answer.status, `${method} ${at}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  return answer;
}

/** All that is anywhere, as text, by where it lies. */
async function everything(): Promise<ReadonlyMap<string, string>> {
  const client = new DynamoDBClient(env.cloud.operator);
  const found = new Map<string, string>();
  try {
    const { TableNames = [] } = await client.send(new ListTablesCommand({}));
    expect(TableNames.length).toBeGreaterThanOrEqual(Object.keys(tables).length);
    for (const TableName of TableNames) {
      let from: Record<string, never> | undefined;
      do {
        const page = await client.send(new ScanCommand({ TableName, ExclusiveStartKey: from }));
        for (const item of page.Items ?? []) found.set(`${TableName} ${found.size}`, JSON.stringify(item));
        from = page.LastEvaluatedKey as typeof from;
      } while (from !== undefined);
    }
  } finally {
    client.destroy();
  }
  for (const { key, body } of env.cloud.objects()) {
    found.set(`files ${key}`, (key.endsWith('.gz') ? gunzipSync(body) : body).toString());
  }
  for (const name of queueNames()) found.set(`queue ${name}`, JSON.stringify(env.cloud.queue(name).save()));
  found.set('executions', JSON.stringify(env.cloud.executions()));
  return found;
}

const queueNames = () => env.cloud.assembly.ofType('AWS::SQS::Queue').map(({ logicalId }) => logicalId);

const sought = [WORD, PHONE, PHONE.slice(1), EMAIL];
async function whereItIs(): Promise<string[]> {
  const all = await everything();
  return [...all]
    .filter(([, text]) => sought.some((word) => text.includes(word)))
    .map(([place]) => place.split(' ')[0]!);
}
/** Files of many customers, until their stated end: docs/erasure.md. */
const besideFiles = async () => (await whereItIs()).filter((place) => place !== 'files');

/** An import that names the customer, also in a row that is left out, and two exports. */
async function exchangeFiles(): Promise<void> {
  const { id, url } = (await must('POST', '/v1/uploads')).body;
  const rows = ['userId,traits.city', `${user},${WORD}`, `,${EMAIL}`];
  expect((await fetch(url, { method: 'PUT', body: rows.join('\n') })).status).toBe(200);
  const imported = await must('POST', '/v1/imports', { kind: 'profiles', upload: id });
  await env.cloud.advance(MINUTE);
  const { body } = await must('GET', `/v1/jobs/${imported.body.id}`);
  expect(body).toMatchObject({ state: 'done', result: { accepted: 1 } });
  await must('POST', '/v1/exports', { kind: 'profiles' });
  await must('POST', `${path}/exports`);
  await env.cloud.advance(MINUTE);
}

/** A device that was somebody's before: it has been erased, has come back, and is merged into the customer. */
async function eraseVisitor(): Promise<void> {
  const visitor = `/v1/profiles/${WORD}-anonymous`;
  const query = '?idType=anonymousId';
  await env.post({ type: 'track', event: 'Seen', anonymousId: `${WORD}-anonymous`, properties: { word: WORD } });
  await env.cloud.settle();
  expect((await erase(visitor + query)).state).toBe('done');
  expect(await whereItIs()).toEqual([]);
  const consents = [{ channel: 'email', topic: 'news', state: 'granted', source: 'form' }];
  await must('PUT', `${visitor}/consents${query}`, { consents });
  await env.cloud.settle();
  await must('GET', visitor + query);
}

async function erase(path: string) {
  const asked = await env.call('DELETE', path);
  expect(asked.status, JSON.stringify(asked.body)).toBe(202);
  const at = asked.headers.get('location')!;
  expect((await env.call('DELETE', path)).headers.get('location')).toBe(at);
  for (let minutes = 0; minutes < 30; minutes += 5) {
    await env.cloud.advance(5 * MINUTE);
    const job = await must('GET', at);
    if (job.body.state !== 'running' && job.body.state !== 'queued') return job.body;
  }
  throw new Error('not erased within half an hour');
}

it('G12: what stood everywhere of a customer stands nowhere, nothing is sent any more, and only a consent lets them in', async () => {
  await eraseVisitor();
  const data = { word: WORD };
  const context = { device: { token: TOKEN, id: `${WORD}-device` } };
  await env.post(
    { type: 'track', event: 'Seen', anonymousId: `${WORD}-anonymous`, properties: data },
    {
      type: 'identify',
      userId: user,
      anonymousId: `${WORD}-anonymous`,
      traits: { email: EMAIL, phone: PHONE, ...data },
      context,
    },
    { type: 'track', event: 'Started', userId: user, properties: data, context },
    { type: 'identify', userId: 'other', traits: { email: 'other@mail.example', name: 'Other' } },
    { type: 'track', event: 'Started', userId: 'other', properties: { word: 'fine' } },
  );
  await env.cloud.settle();
  const consents = [{ channel: 'email', topic: 'news', state: 'granted', source: WORD, evidence: WORD }];
  await must('PUT', `${path}/consents`, { consents });
  await must('PATCH', path, { traits: { nickname: WORD } });
  await must('POST', '/v1/segments/vip/members', { add: [{ id: user }] }, { 'idempotency-key': 'add-one' });
  await env.cloud.advance(11 * MINUTE);
  expect(env.cloud.messages({ to: EMAIL }).length).toBeGreaterThan(0);
  expect((await must('GET', path)).body.aliases).toHaveLength(1);
  await must(
    'POST',
    '/v1/messages',
    { template: 'first', topic: 'account', to: EMAIL },
    { 'idempotency-key': 'alone' },
  );
  await exchangeFiles();
  await must('PUT', `/v1/suppressions/email/${encodeURIComponent(EMAIL)}`, {});
  const before = await whereItIs();
  expect(before.filter((place) => place !== 'files').length).toBeGreaterThan(5);
  expect(before.filter((place) => place === 'files').length).toBeGreaterThanOrEqual(4);

  const { state, result } = await erase(path);
  expect(state).toBe('done');
  const [erased] = result.erased;
  expect(JSON.stringify(result)).not.toContain(WORD);
  expect(erased.kinds.map(({ kind }: { kind: string }) => kind)).toEqual(
    expect.arrayContaining(['consent-statement', 'inbox-message', 'journal-entry', 'message', 'suppression']),
  );
  expect(
    erased.kinds.every(({ items, sha256 }: { items: number; sha256: string }) => items > 0 && sha256.length === 64),
  ).toBe(true);
  expect(result.notShortened.backups.days).toBeGreaterThan(0);
  expect(result.notShortened.files.days).toBe(7);
  expect(erased.addresses).toBe(2);

  expect(await besideFiles()).toEqual([]);
  // What the captured providers say is theirs.
  const logged = lines.filter((line) => !line.startsWith('inbox:') && sought.some((word) => line.includes(word)));
  expect(logged).toEqual([]);
  expect((await env.call('GET', path)).status).toBe(404);
  expect((await env.profile('other')).body.traits.name.value).toBe('Other');

  const sent = env.cloud.messages({ to: EMAIL }).length;
  // Late events of before, and new ones: the policy lets in who gives a consent.
  await env.post(
    {
      type: 'track',
      event: 'Started',
      userId: user,
      properties: data,
      timestamp: new Date(env.cloud.now() - DAY).toISOString(),
    },
    { type: 'track', event: 'Started', userId: user, properties: data },
  );
  await env.cloud.advance(4 * DAY + HOUR);
  expect(await besideFiles()).toEqual([]);
  expect((await env.call('GET', path)).status).toBe(404);
  expect(env.cloud.messages({ to: EMAIL })).toHaveLength(sent);

  // S3 deletes at the midnight after the days ("Expiring objects").
  expect(await whereItIs()).toContain('files');
  await env.cloud.advance(4 * DAY);
  expect(await whereItIs()).toEqual([]);

  const again = [{ channel: 'email', topic: 'news', state: 'granted', source: 'form' }];
  await must('PUT', `${path}/consents`, { consents: again });
  await env.cloud.settle();
  expect((await must('GET', path)).body).toMatchObject({ traits: {}, runs: [], aliases: [] });

  await env.post({ type: 'identify', userId: 'other', traits: { name: 'Other still' } });
  await env.cloud.settle();
  expect((await env.profile('other')).body.traits.name.value).toBe('Other still');

  // Whoever comes in with the address: it is as suppressed as before.
  await env.post(
    { type: 'identify', userId: 'newcomer', traits: { email: EMAIL } },
    { type: 'track', event: 'Started', userId: 'newcomer', properties: { word: 'fine' } },
  );
  await env.cloud.advance(11 * MINUTE);
  expect((await env.reasons('newcomer')).map(({ code }) => code)).toContain('message.decided');
  const { body: messages } = await must('GET', '/v1/profiles/newcomer/messages');
  const mail = messages.data.filter(({ channel }: { channel: string }) => channel === 'email');
  expect(mail).toMatchObject([{ state: 'not-sent', reason: 'suppressed.manual' }]);
  expect(env.cloud.messages({ to: EMAIL })).toHaveLength(sent);
});
