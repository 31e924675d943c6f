import { gzipSync } from 'node:zlib';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { issueKey } from '../../../shared/app/access/keys.ts';
import { rejectedEvents } from '../../../shared/app/intake.ts';
import { accessStore } from '../../../shared/data/access-store.ts';
import { intakeStore } from '../../../shared/data/intake-store.ts';
import { profileKey } from '../../../shared/kernel/ids.ts';
import type { SegmentAnswer } from '../../../shared/wire/segment-answer.ts';
import { createTable, type DynamoEmulator, startDynoxide } from '../../emulators/dynamo.ts';
import { type QueueEmulator, startQueues } from '../../emulators/queues.ts';
import { clients, recordedRequests } from '../../fixtures/recorded-requests.ts';

const success = { statusCode: 200, body: '{"success":true}' };
const operator = { id: 'ann', scopes: ['*' as const] };
let dynamo: DynamoEmulator;
let queues: QueueEmulator;
let key: { readonly secret: string; readonly id: string };
let handler: (event: APIGatewayProxyEventV2) => Promise<SegmentAnswer>;
let mailboxNames: string[];
let count = 0;

beforeAll(async () => {
  [dynamo, queues] = await Promise.all([startDynoxide(), startQueues()]);
});
afterAll(() => Promise.all([dynamo.stop(), queues.stop()]));

/** A fresh container with tables and two mailbox shards of its own. */
beforeEach(async () => {
  count++;
  const [access, intake, limits] = [`access-${count}`, `intake-${count}`, `limits-${count}`];
  const named = { access, intake, limits } as const;
  await Promise.all(
    Object.entries(named).map(([kind, name]) => createTable(dynamo.client, kind as keyof typeof named, name)),
  );
  const issue = { name: 'shop', kind: 'ingest', scopes: [] } as const;
  const issued = await issueKey(accessStore(dynamo.client, access), issue, operator, Date.now());
  key = { secret: issued.secret, id: issued.key.id };
  mailboxNames = [`mailbox-${count}-0.fifo`, `mailbox-${count}-1.fifo`];
  const environment = {
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
    AWS_ENDPOINT_URL_SQS: queues.endpoint,
    ACCESS_TABLE: access,
    INTAKE_TABLE: intake,
    LIMITS_TABLE: limits,
    GODWIT_ACCESS: '{}',
    MAILBOX_QUEUES: mailboxNames.map((name) => queues.createFifo(name)).join(','),
    RECEIPTS_QUEUE: queues.create(`receipts-${count}`),
    POWERTOOLS_METRICS_NAMESPACE: 'Godwit',
    POWERTOOLS_SERVICE_NAME: 'test',
    // Metrics and logs go through the console, where a test can see them.
    POWERTOOLS_DEV: 'true',
    POWERTOOLS_METRICS_DISABLED: 'false',
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  for (const method of ['log', 'info', 'warn'] as const) vi.spyOn(console, method).mockImplementation(() => {});
  // Node loads a module once for each query, and a handler makes its ports when it is loaded.
  ({ handler } = await import(`../../../functions/ingest/handler.ts?container=${count}`));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

interface Call {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}
const call = ({ method = 'POST', path = '/v1/batch', headers = {}, body, isBase64Encoded = false }: Call) =>
  handler({
    version: '2.0',
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString: '',
    headers,
    requestContext: { domainName: 'ingest.example.test', http: { method, path } },
    isBase64Encoded,
    ...(body !== undefined && { body }),
  } as unknown as APIGatewayProxyEventV2);
const sendBatch = (...batch: unknown[]) => call({ body: JSON.stringify({ writeKey: key.secret, batch }) });
const mails = () => mailboxNames.flatMap((name) => queues.mails(name));
const events = () =>
  mails().flatMap(({ mail }) => mail.records.map((record) => (record.t === 'event' ? record.event : undefined)!));
const track = (overrides: object = {}) => ({
  type: 'track',
  event: 'Product Viewed',
  messageId: 'm-1',
  timestamp: '2026-11-22T11:59:00Z',
  userId: 'user-1',
  ...overrides,
});
const intake = () => intakeStore(dynamo.client, `intake-${count}`, Date.now);
const rejected = async () => (await rejectedEvents(intake(), { limit: 200 }, Date.now())).data;
function counted(name: string): number {
  const lines = vi
    .mocked(console.log)
    .mock.calls.map(([line]) => JSON.parse(String(line)) as Record<string, number | number[]>);
  return lines.flatMap((line) => line[name] ?? []).reduce((sum, value) => sum + value, 0);
}

describe.each(clients)('requests recorded from %s', (client) => {
  it('are answered with exactly what the client takes for success, and lie in the mailboxes of their profiles (G1)', async () => {
    const expected = new Map<string, string>();
    for (const { method, path, headers, body } of recordedRequests(client)) {
      const authorization = `Basic ${Buffer.from(`${key.secret}:`).toString('base64')}`;
      const ours = {
        method,
        path,
        headers: { ...headers, ...(headers['authorization'] && { authorization }) },
        body: JSON.stringify(body).replaceAll('WRITE_KEY_1', key.secret),
      };
      expect(await call(ours)).toMatchObject(success);
      for (const one of body.batch ?? [body]) {
        expected.set(
          one.messageId,
          one.userId ? profileKey('user', one.userId) : profileKey('anonymous', one.anonymousId),
        );
      }
    }
    for (const { group, mail } of mails()) {
      expect(mail.key).toBe(group);
      for (const record of mail.records) expect(record.t === 'event' && expected.get(record.event.id)).toBe(group);
    }
    // The retries among them were the same bytes but for sentAt: the queue took each event once.
    expect(
      events()
        .map(({ id }) => id)
        .sort(),
    ).toEqual([...expected.keys()].sort());
    expect(await rejected()).toEqual([]);
    const names = (await intake().listEventTypes()).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['Identified', 'Page Viewed', 'Group Joined', 'Alias Created']));
  });
});

describe('a key with a limit', () => {
  it('is answered 429 beyond it, with nothing of the request taken; what was accepted before is there', async () => {
    const issue = { name: 'few', kind: 'ingest', scopes: [], perMinute: 20 } as const;
    const { secret } = await issueKey(accessStore(dynamo.client, `access-${count}`), issue, operator, Date.now());
    const send = (from: number, many: number) => {
      const batch = Array.from({ length: many }, (_, n) =>
        track({ messageId: `m-${from + n}`, userId: `u-${from + n}` }),
      );
      return call({ body: JSON.stringify({ writeKey: secret, batch }) });
    };
    expect(await send(0, 15)).toMatchObject(success);
    const refused = await send(100, 6);
    expect(refused.statusCode).toBe(429);
    expect(JSON.parse(refused.body)).toMatchObject({ code: 'key.rate', limit: 20, actual: 6 });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(
      events()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(Array.from({ length: 15 }, (_, n) => `m-${n}`).sort());
    expect(await sendBatch(track({ messageId: 'other-key' }))).toMatchObject(success);
  });
});

describe('what an app tells of a push message', () => {
  const message = `${profileKey('user', 'user-1')}-BBBBBBBBBBBBBBBBBBBBBB`;
  const receipts = () => queues.bodies(`receipts-${count}`).map((body) => JSON.parse(body));
  const at = Date.parse('2026-11-22T11:59:00Z');
  const told = { schema: 1, app: 'push', message, at };

  it.each([
    ['Push Notification Received', {}, [{ was: 'delivered' }]],
    ['Push Notification Opened', {}, [{ was: 'opened' }]],
    ['Push Notification Tapped', { link: '/cart' }, [{ was: 'opened' }, { was: 'clicked', link: '/cart' }]],
    ['Push Notification Bounced', { link: '/cart' }, [{ was: 'bounced' }]],
    ['Push Notification Opened', { godwit_message: 'somebody-elses' }, []],
    ['Product Viewed', {}, []],
  ])('%s %j goes to the receipts too', async (event, more, expected) => {
    const properties = { godwit_message: message, ...more };
    expect(await sendBatch(track({ event, properties }))).toMatchObject(success);
    expect(receipts()).toEqual(expected.map((one) => ({ ...told, ...one })));
    expect(events()).toMatchObject([{ name: event }]);
  });
});

describe('the ingest API', () => {
  it('takes gzip, however it is labelled', async () => {
    const zipped = gzipSync(JSON.stringify({ writeKey: key.secret, batch: [track()] })).toString('base64');
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await call({ headers, body: zipped, isBase64Encoded: true })).toMatchObject(success);
    expect(events()).toMatchObject([{ id: 'm-1', name: 'Product Viewed' }]);
  });

  it('answers the preflight of a browser', async () => {
    const answer = await call({ method: 'OPTIONS', path: '/v1/t', headers: { origin: 'http://shop.example' } });
    expect(answer).toMatchObject({ statusCode: 204, body: '' });
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'authorization,content-type,x-retry-count',
      'access-control-expose-headers': 'Retry-After',
    });
    expect(Number(answer.headers['access-control-max-age'])).toBeGreaterThanOrEqual(3600);
  });

  it.each([
    ['https', {}],
    ['http', { protocol: 'http' }],
  ])('tells analytics.js over %s to send its events here', async (proto, expected) => {
    const headers = { host: 'events.shop.example', 'x-forwarded-proto': proto };
    const answer = await call({ method: 'GET', path: `/v1/projects/${key.secret}/settings`, headers });
    expect(answer.statusCode).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({
      integrations: { 'Segment.io': { apiKey: key.secret, apiHost: 'events.shop.example/v1', ...expected } },
      metrics: { sampleRate: 0 },
    });
    expect(await call({ method: 'GET', path: '/v1/projects/WRONG/settings' })).toMatchObject({ statusCode: 400 });
  });

  it('swallows the metrics that clients report of themselves', async () => {
    expect(await call({ path: '/v1/m', body: '{"series":[]}' })).toMatchObject(success);
    expect(mails()).toEqual([]);
  });

  it.each([
    [
      'an unknown key',
      () => call({ body: JSON.stringify({ writeKey: 'WRITE_KEY_1', batch: [track()] }) }),
      'write-key.unknown',
    ],
    [
      'a key of the right form',
      () => call({ body: JSON.stringify({ writeKey: `gw_ingest_${'x'.repeat(43)}`, batch: [] }) }),
      'write-key.unknown',
    ],
    ['no key', () => call({ body: JSON.stringify({ batch: [track()] }) }), 'write-key.missing'],
    ['no JSON', () => call({ body: '{' }), 'body.json'],
    ['no body', () => call({}), 'body.empty'],
    ['no batch', () => call({ body: JSON.stringify({ writeKey: key.secret }) }), 'batch.type'],
    ['another path', () => call({ path: '/v1/import' }), 'route.unknown'],
    ['nothing but bad events', () => sendBatch(track({ userId: 'null' }), track({ event: '' })), 'id.placeholder'],
    [
      'one bad event',
      () => call({ path: '/v1/track', body: JSON.stringify({ writeKey: key.secret, ...track({ event: '' }) }) }),
      'event.name-missing',
    ],
  ])(
    'answers %s with 400, which no client sends again, and a code and message (G13)',
    async (_title, request, code) => {
      const answer = await request();
      expect(answer.statusCode).toBe(400);
      expect(JSON.parse(answer.body)).toMatchObject({ code, message: expect.stringMatching(/\w{3}/) });
      expect(mails()).toEqual([]);
    },
  );

  it('is not opened by a key of the management API', async () => {
    const issue = { name: 'ci', kind: 'api', scopes: ['*' as const] } as const;
    const { secret } = await issueKey(accessStore(dynamo.client, `access-${count}`), issue, operator, Date.now());
    const answer = await call({ body: JSON.stringify({ writeKey: secret, batch: [track()] }) });
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'write-key.unknown' });
  });

  it('takes the good of a mixed batch, keeps the reason of each bad one, and counts both (G13)', async () => {
    const bad = [
      track({ messageId: 'b-1', userId: 'guest' }),
      track({ messageId: 'b-2', properties: { text: 'x'.repeat(40_000) } }),
      7,
    ];
    expect(await sendBatch(track({ messageId: 'g-1' }), ...bad, track({ messageId: 'g-2' }))).toMatchObject(success);
    expect(events().map(({ id }) => id)).toEqual(['g-1', 'g-2']);
    const kept = await rejected();
    expect(kept.map(({ code, pointer }) => `${pointer} ${code}`).sort()).toEqual([
      '/batch/1/userId id.placeholder',
      '/batch/2 event.too-large',
      '/batch/3 event.type',
    ]);
    expect(kept.every((one) => one.writeKey === key.id)).toBe(true);
    expect(await intake().findRejected('b-2')).toMatchObject([
      { code: 'event.too-large', limit: 32768, kind: 'track' },
    ]);
    expect([counted('EventsAccepted'), counted('EventsRejected')]).toEqual([2, 3]);
  });

  it('keeps the events of a profile in their order, over several mails (G4)', async () => {
    const batch = Array.from({ length: 45 }, (_, n) => track({ messageId: `m-${n}` }));
    expect(await sendBatch(...batch)).toMatchObject(success);
    expect(mails().map(({ mail }) => mail.records.length)).toEqual([20, 20, 5]);
    expect(events().map(({ id }) => id)).toEqual(batch.map(({ messageId }) => messageId));
  });

  it('caps one profile and not its neighbours', async () => {
    vi.spyOn(Date, 'now').mockReturnValue(Date.now());
    const flood = Array.from({ length: 520 }, (_, n) => track({ messageId: `f-${n}`, userId: 'bot' }));
    expect(await sendBatch(...flood, track({ messageId: 'neighbour' }))).toMatchObject(success);
    expect(events().filter(({ userId }) => userId === 'bot')).toHaveLength(500);
    expect(events().some(({ id }) => id === 'neighbour')).toBe(true);
    expect(counted('EventsRejected')).toBe(20);
    const kept = await rejected();
    expect(kept.map(({ actual }) => actual).sort()).toEqual(Array.from({ length: 20 }, (_, n) => 501 + n));
    expect(
      kept.every(({ code, limit, writeKey }) => `${code} ${limit} ${writeKey}` === `profile.rate 500 ${key.id}`),
    ).toBe(true);
    const alone = await sendBatch(track({ messageId: 'f-520', userId: 'bot' }));
    expect(alone.statusCode).toBe(400);
    expect(JSON.parse(alone.body)).toEqual({
      code: 'profile.rate',
      message: '/batch/0: at most 500 events a minute of one profile; this is number 521 of its minute',
      limit: 500,
      actual: 521,
    });
  });

  it('says beside the counts whose write key it was, so that a flood can be laid at its door', async () => {
    const issue = { name: 'other', kind: 'ingest', scopes: [] } as const;
    const other = await issueKey(accessStore(dynamo.client, `access-${count}`), issue, operator, Date.now());
    await sendBatch(track({ messageId: 'm-1' }), track({ messageId: 'm-2' }), track({ userId: 'guest' }));
    await call({ body: JSON.stringify({ writeKey: other.secret, batch: [track({ userId: 'user-2' })] }) });
    await call({ body: JSON.stringify({ writeKey: 'gw_ingest_none', batch: [track()] }) });
    const lines = vi.mocked(console.log).mock.calls.map(([line]) => JSON.parse(String(line)));
    expect(
      lines.map(({ writeKey, EventsAccepted, EventsRejected }) => [writeKey, EventsAccepted, EventsRejected]),
    ).toEqual([
      [key.id, 2, 1],
      [other.key.id, 1, undefined],
      [undefined, undefined, 1],
    ]);
    expect(lines.flatMap((line) => line._aws.CloudWatchMetrics[0].Dimensions)).toEqual(lines.map(() => ['service']));
  });

  it('takes 2,500 profiles and two megabytes in one request', async () => {
    const batch = Array.from({ length: 2_500 }, (_, n) =>
      track({ messageId: `m-${n}`, userId: `user-${n}`, properties: { text: 'x'.repeat(700) } }),
    );
    expect(await sendBatch(...batch)).toMatchObject(success);
    expect(new Set(mails().map(({ group }) => group)).size).toBe(2_500);
  });

  it('knows a shape it has seen: the second event of a kind costs no write', async () => {
    await sendBatch(track({ properties: { price: 1 } }));
    const writes = vi.spyOn(DynamoDBClient.prototype, 'send');
    await sendBatch(track({ messageId: 'm-2', properties: { price: 2 } }));
    expect(writes).not.toHaveBeenCalled();
  });
});

describe('when something fails', () => {
  it.each([
    ['the queue cannot be reached', () => Promise.reject(Object.assign(new Error('reset'), { code: 'ECONNRESET' }))],
    [
      'the queue keeps failing one entry',
      () => Promise.resolve({ Failed: [{ Id: '0', Code: 'InternalError', SenderFault: false }] }),
    ],
  ])('(%s) the answer is 503 with Retry-After, never success (G1)', async (_title, fault) => {
    const mock = mockClient(SQSClient);
    try {
      mock.on(SendMessageBatchCommand).callsFake(fault);
      const answer = await sendBatch(track());
      expect(answer).toMatchObject({
        statusCode: 503,
        headers: { 'retry-after': '1', 'access-control-expose-headers': 'Retry-After' },
      });
      expect(counted('EventsAccepted')).toBe(0);
    } finally {
      mock.restore();
    }
    expect(await sendBatch(track())).toMatchObject(success);
    expect(events().map(({ id }) => id)).toEqual(['m-1']);
  });

  it('what is sent again and again meanwhile is not charged to the rate of its profile (G1)', async () => {
    const batch = Array.from({ length: 200 }, (_, n) => track({ messageId: `m-${n}` }));
    const mock = mockClient(SQSClient);
    try {
      mock.on(SendMessageBatchCommand).rejects(Object.assign(new Error('slow down'), { name: 'RequestThrottled' }));
      for (let tries = 0; tries < 4; tries++) expect((await sendBatch(...batch)).statusCode).toBe(503);
    } finally {
      mock.restore();
    }
    expect(await sendBatch(...batch)).toMatchObject(success);
    expect(events()).toHaveLength(200);
    expect(await rejected()).toEqual([]);
  });

  it('(the queue will never take an entry) its events are refused and the others accepted (G13)', async () => {
    const mock = mockClient(SQSClient);
    mock.on(SendMessageBatchCommand).callsFake(({ Entries }) => ({
      Failed: [{ Id: Entries[0].Id, Code: 'InvalidMessageContents', SenderFault: true }],
    }));
    const answer = await sendBatch(
      track({ messageId: 'm-1' }),
      track({ messageId: 'm-2', userId: 'user-2' }),
      track({ messageId: 'm-3', userId: 'user-3' }),
    );
    mock.restore();
    expect(answer).toMatchObject(success);
    expect((await rejected()).every(({ code }) => code === 'mailbox.refused')).toBe(true);
    expect(counted('EventsAccepted') + counted('EventsRejected')).toBe(3);
  });

  it('(the intake table) events are accepted all the same', async () => {
    const send = DynamoDBClient.prototype.send;
    vi.spyOn(DynamoDBClient.prototype, 'send').mockImplementation(function (this: DynamoDBClient, ...args: unknown[]) {
      const [command] = args;
      if (command instanceof PutItemCommand) return Promise.reject(new Error('throttled'));
      return (send as (...all: unknown[]) => unknown).apply(this, args);
    } as never);
    expect(await sendBatch(track(), track({ userId: 'guest' }))).toMatchObject(success);
    expect(events()).toHaveLength(1);
    expect(counted('IntakeLost')).toBe(1);
  });
});
