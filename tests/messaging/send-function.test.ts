import type { Context, SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CatalogStore } from '../../shared/app/catalog/ports.ts';
import type { MessageStore, ProfileStore } from '../../shared/app/ports.ts';
import { catalogStore } from '../../shared/data/catalog-store.ts';
import { messageStore } from '../../shared/data/message-store.ts';
import { profileStore } from '../../shared/data/profile-store.ts';
import { writeBody } from '../../shared/data/queue-body.ts';
import { suppressionStore } from '../../shared/data/suppression-store.ts';
import type { MessageRequest } from '../../shared/domain/decision.ts';
import { addressHash } from '../../shared/domain/messaging/address.ts';
import { emptyProfile } from '../../shared/domain/profiles/profile.ts';
import { digest } from '../../shared/kernel/ids.ts';
import { variables } from '../../shared/resources.ts';
import type { Settings } from '../../shared/settings.ts';
import { answer, type Provider, startProvider } from '../channels/provider.ts';
import { createTable, type DynamoEmulator, startDynoxide } from '../emulators/dynamo.ts';
import { type QueueEmulator, startQueues } from '../emulators/queues.ts';

/** The `send` function as it is deployed: real tables and queues, and a provider on this machine. */
const key = 'uAAAAAAAAAAAAAAAAAAAAAA';
const accepts = answer(200, JSON.stringify({ MessageId: 'ses-1' }), { 'content-type': 'application/json' });
let dynamo: DynamoEmulator;
let queues: QueueEmulator;
let ses: Provider;
let handler: typeof import('../../functions/send/handler.ts').handler;
let catalog: CatalogStore;
let messages: MessageStore;
let profiles: ProfileStore;
let sequence = 0;

const settings: Settings = {
  environment: 'test',
  delivery: { mode: 'allowlist', allow: ['@example.org'] },
  senders: [{ id: 'main', from: 'Shop <hello@shop.example>', postalAddress: '1 Way' }],
  configurationSets: { marketing: 'marketing', transactional: 'transactional' },
  linksBaseUrl: 'https://links.example',
  inbox: { origins: [], keptDays: 90 },
  retention: { logDays: 30, backupDays: 35 },
  journalRetentionDays: 60,
  messageRetentionDays: 60,
  zone: 'UTC',
  locale: 'en',
};

beforeAll(async () => {
  [dynamo, queues, ses] = await Promise.all([startDynoxide(), startQueues(), startProvider()]);
  const table = (kind: Parameters<typeof createTable>[1]) => createTable(dynamo.client, kind);
  const names = {
    [variables.profilesTable]: await table('profiles'),
    [variables.messagesTable]: await table('messages'),
    [variables.catalogTable]: await table('catalog'),
    [variables.suppressionsTable]: await table('suppressions'),
    [variables.accessTable]: await table('access'),
    [variables.limitsTable]: await table('limits'),
    [variables.collectionsTable]: await table('collections'),
  };
  const environment = {
    ...names,
    [variables.mailboxQueues]: queues.createFifo('mailbox.fifo'),
    [variables.settings]: JSON.stringify(settings),
    [variables.channel]: 'email',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
    AWS_ENDPOINT_URL_SQS: queues.endpoint,
    AWS_ENDPOINT_URL_SESV2: `http://127.0.0.1:${ses.port}`,
    POWERTOOLS_DEV: 'false',
    POWERTOOLS_METRICS_DISABLED: 'true',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  catalog = catalogStore(dynamo.client, names[variables.catalogTable]!);
  messages = messageStore(dynamo.client, names[variables.messagesTable]!, 60);
  profiles = profileStore(dynamo.client, names[variables.profilesTable]!);
  const actor = { by: 'test', at: 1 };
  const topic = { id: 'offers', kind: 'marketing', consent: { email: 'opt-out' } };
  const content = { subject: 'Hi {{ profile.name }}', text: '{{ event.total }} {{ unsubscribe_url }}' };
  const template = { schemaVersion: 1, id: 'welcome', variables: {}, variants: [{ channel: 'email', content }] };
  await catalog.saveLive('topic', 'offers', 'Offers', topic, { absent: true }, actor);
  await catalog.saveLive('template', 'welcome', 'welcome', template, { absent: true }, actor);
  const trait = (value: string) => ({ value, at: 0, source: 'identify' as const });
  const profile = { ...emptyProfile, traits: { email: trait('ada@example.org'), name: trait('Ada') } };
  expect(await profiles.commit({ key, version: 1, at: 1, epoch: 2, profile })).toBe(true);
  ({ handler } = await import('../../functions/send/handler.ts'));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([dynamo.stop(), queues.stop(), ses.stop()]);
});
beforeEach(() => ses.plays(accepts));

function request(over: Partial<MessageRequest> = {}): MessageRequest {
  return {
    id: `${key}-${digest('run', String(sequence++))}`,
    key,
    channel: 'email',
    decidedAt: 1,
    topic: 'offers',
    transactional: false,
    template: { id: 'welcome' },
    values: { event: { total: 42 } },
    onUnknown: 'count',
    report: 'non-success',
    ...over,
  };
}

async function send(requests: readonly MessageRequest[], invocation = `invocation-${sequence++}`) {
  const Records = requests.map((one) => ({
    messageId: `sqs-${one.id}`,
    receiptHandle: 'handle',
    body: writeBody({ schema: 1, hop: 0, request: one }),
    attributes: { ApproximateReceiveCount: '1' },
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:messages-email',
  }));
  return handler({ Records } as unknown as SQSEvent, { awsRequestId: invocation } as Context);
}

describe('the send function', () => {
  it('hands a message over and keeps its outcome: template version and sizes, no text', async () => {
    const one = request();
    expect(await send([one])).toEqual({ batchItemFailures: [] });
    expect(ses.received).toHaveLength(1);
    const { Content, Destination } = JSON.parse(ses.received[0]!.body);
    expect(Destination.ToAddresses).toEqual(['ada@example.org']);
    expect(Content.Simple.Subject.Data).toBe('Hi Ada');
    expect(Content.Simple.Body.Text.Data).toMatch(/^42 https:\/\/links\.example\/u\//);
    const record = await messages.read(key, one.id);
    expect(record).toMatchObject({ st: 'sent', providerId: 'ses-1' });
    expect(JSON.stringify(record)).not.toMatch(/ada@|Hi Ada/);
  });

  it('G3 the same message from the queue again is not handed over again', async () => {
    const one = request();
    await send([one]);
    expect(await send([one])).toEqual({ batchItemFailures: [] });
    expect(ses.received).toHaveLength(1);
  });

  it('G10 an address that has just unsubscribed gets nothing, and the actor is told why', async () => {
    const store = suppressionStore(dynamo.client, 'suppressions');
    const to = 'leaver@example.org';
    await store.put({
      channel: 'email',
      addressHash: addressHash('email', to),
      topic: 'offers',
      reason: 'unsubscribe',
      at: 5,
    });
    const one = request({ to });
    expect(await send([one])).toEqual({ batchItemFailures: [] });
    expect(ses.received).toHaveLength(0);
    expect(await messages.read(key, one.id)).toMatchObject({ st: 'not-sent', why: 'suppressed.unsubscribe' });
    const told = queues.mails('mailbox.fifo').flatMap(({ mail }) => mail.records);
    expect(told).toContainEqual(
      expect.objectContaining({ t: 'outcome', message: one.id, outcome: 'not-sent', reason: 'suppressed.unsubscribe' }),
    );
  });

  it('an address outside the allow-list gets nothing', async () => {
    const one = request({ to: 'real.customer@elsewhere.example' });
    await send([one]);
    expect(ses.received).toHaveLength(0);
    expect(await messages.read(key, one.id)).toMatchObject({ st: 'not-sent', why: 'delivery.not-allowed' });
  });

  it('what the provider is too busy for comes again; its neighbours are done', async () => {
    const busy = request({ to: 'busy@example.org' });
    const fine = request();
    ses.plays((response, received, socket) => {
      if (!received.body.includes('busy@')) return accepts(response, received, socket);
      answer(429, '{}', { 'x-amzn-errortype': 'TooManyRequestsException' })(response, received, socket);
    });
    expect(await send([busy, fine])).toEqual({ batchItemFailures: [{ itemIdentifier: `sqs-${busy.id}` }] });
    expect(await messages.read(key, busy.id)).toMatchObject({ st: 'retry', why: 'email.throttled' });
    expect(await messages.read(key, fine.id)).toMatchObject({ st: 'sent' });
    ses.plays(accepts);
    expect(await send([busy])).toEqual({ batchItemFailures: [] });
    expect(await messages.read(key, busy.id)).toMatchObject({ st: 'sent' });
  });

  it('G3 an answer of 500 is unknown: counted, not sent again', async () => {
    const one = request();
    ses.plays(answer(500, '{}', { 'x-amzn-errortype': 'InternalServiceErrorException' }));
    expect(await send([one])).toEqual({ batchItemFailures: [] });
    ses.plays(accepts);
    await send([one]);
    expect(ses.received).toHaveLength(0);
    expect(await messages.read(key, one.id)).toMatchObject({ st: 'unknown', why: 'email.server-error' });
  });
});
