import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { suppressionStore } from '../../../shared/data/suppression-store.ts';
import { addressHash } from '../../../shared/domain/messaging/address.ts';
import { profileKey, sha256Hex } from '../../../shared/kernel/ids.ts';
import { createTable, type DynamoEmulator, startDynoxide } from '../../emulators/dynamo.ts';
import { type QueueEmulator, startQueues } from '../../emulators/queues.ts';
import { snsEnvelope } from '../../fixtures/ses-events.ts';
import { inboundSms, phone, smsEvent } from '../../fixtures/sms-events.ts';

let dynamo: DynamoEmulator;
let queues: QueueEmulator;
let handler: (event: SQSEvent) => Promise<SQSBatchResponse>;
let names: { readonly messages: string; readonly suppressions: string; readonly mailbox: string };
let count = 0;

beforeAll(async () => {
  [dynamo, queues] = await Promise.all([startDynoxide(), startQueues()]);
});
afterAll(() => Promise.all([dynamo.stop(), queues.stop()]));
beforeEach(async () => {
  count++;
  names = { messages: `messages-${count}`, suppressions: `suppressions-${count}`, mailbox: `mailbox-${count}.fifo` };
  await Promise.all([
    createTable(dynamo.client, 'messages', names.messages),
    createTable(dynamo.client, 'suppressions', names.suppressions),
  ]);
  const environment = {
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
    AWS_ENDPOINT_URL_SQS: queues.endpoint,
    MESSAGES_TABLE: names.messages,
    SUPPRESSIONS_TABLE: names.suppressions,
    MAILBOX_QUEUES: queues.createFifo(names.mailbox),
    POWERTOOLS_DEV: 'true',
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  for (const method of ['warn', 'error'] as const) vi.spyOn(console, method).mockImplementation(() => {});
  // Node loads a module once for each query, and a handler makes its ports when it is loaded.
  ({ handler } = await import(`../../../functions/receipts/handler.ts?container=${count}`));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const receive = async (...bodies: string[]) => {
  const Records = bodies.map((body, n) => ({ messageId: `sqs-${n}`, body, attributes: {} }));
  const { batchItemFailures } = await handler({ Records } as unknown as SQSEvent);
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
};
const store = () => suppressionStore(dynamo.client, names.suppressions);
const hash = addressHash('sms', phone);
const suppressions = () => store().ofAddress('sms', hash);
const mails = () => queues.mails(names.mailbox);
let envelopes = 0;
const text = (body: string, Timestamp = '2026-11-22T10:00:05.000Z') =>
  snsEnvelope(inboundSms(body), {
    Timestamp,
    MessageId: `f3b5a7c9-0000-5000-8000-${String(envelopes++).padStart(12, '0')}`,
  });
const at = Date.parse('2026-11-22T10:00:05.000Z');

describe('a keyword', () => {
  it('stops the number, and is told to whoever has it', async () => {
    expect(await receive(text('Stop'))).toEqual([]);
    expect(await suppressions()).toEqual([
      { channel: 'sms', addressHash: hash, topic: null, reason: 'unsubscribe', at },
    ]);
    const key = profileKey('phone', phone);
    expect(mails()).toMatchObject([{ group: key, mail: { key, hop: 0 } }]);
    expect(mails()[0]!.mail.records).toEqual([
      {
        t: 'keyword',
        id: expect.any(String),
        at,
        channel: 'sms',
        word: 'stop',
        named: [
          { kind: 'phone', id: phone },
          { kind: 'phone-sha256', id: sha256Hex(phone) },
        ],
      },
    ]);
  });

  it('START takes the stop back, but only one that is not newer', async () => {
    await receive(text('STOP'));
    await receive(text('START', '2026-11-22T09:00:00.000Z'));
    expect(await suppressions()).toHaveLength(1);
    await receive(text('START', '2026-11-22T11:00:00.000Z'));
    expect(await suppressions()).toEqual([]);
    expect(mails().flatMap(({ mail }) => mail.records)).toMatchObject([
      { word: 'stop' },
      { word: 'start' },
      { word: 'start' },
    ]);
  });

  it.each(['bounce', 'complaint', 'manual'] as const)(
    'neither word touches what stands there because of: %s',
    async (reason) => {
      const kept = { channel: 'sms', addressHash: hash, topic: null, reason, at: 1 } as const;
      await store().put(kept);
      await receive(text('STOP'));
      await receive(text('START', '2026-11-22T11:00:00.000Z'));
      expect(await suppressions()).toEqual([kept]);
    },
  );

  it('START leaves alone what was unsubscribed from by topic', async () => {
    const kept = { channel: 'sms', addressHash: hash, topic: 'news', reason: 'unsubscribe', at: 1 } as const;
    await store().put(kept);
    await receive(text('START'));
    expect(await suppressions()).toEqual([kept]);
  });

  it('whatever else somebody writes is kept nowhere', async () => {
    expect(await receive(text('My name is Ann, please stop writing'), text('HELP'))).toEqual([]);
    expect(await suppressions()).toEqual([]);
    expect(mails()).toEqual([]);
  });

  it('comes again when the mailbox cannot be reached, and the number is stopped already (G10)', async () => {
    vi.stubEnv('MAILBOX_QUEUES', 'http://127.0.0.1:1/nowhere.fifo');
    vi.stubEnv('AWS_ENDPOINT_URL_SQS', 'http://127.0.0.1:1');
    ({ handler } = await import(`../../../functions/receipts/handler.ts?container=${count}-cut-off`));
    expect(await receive(text('STOP'))).toEqual(['sqs-0']);
    expect(await suppressions()).toMatchObject([{ reason: 'unsubscribe' }]);
  });
});

describe('a receipt of a text message', () => {
  it('of a number that is none suppresses it for good', async () => {
    await receive(snsEnvelope(smsEvent('TEXT_INVALID')));
    expect(await suppressions()).toMatchObject([{ topic: null, reason: 'bounce' }]);
  });

  it('of a number on the opt-out list counts as STOP', async () => {
    await receive(snsEnvelope(smsEvent('TEXT_BLOCKED', { messageStatusDescription: 'Phone number is opted out' })));
    expect(await suppressions()).toMatchObject([{ topic: null, reason: 'unsubscribe' }]);
    expect(mails()[0]!.mail.records).toMatchObject([{ t: 'receipt', was: 'bounced', suppress: 'unsubscribe' }]);
  });

  it.each(['TEXT_UNREACHABLE', 'TEXT_TTL_EXPIRED', 'TEXT_BLOCKED', 'TEXT_SPAM', 'TEXT_UNKNOWN'])(
    '%s stops nothing',
    async (type) => {
      await receive(snsEnvelope(smsEvent(type)));
      expect(await suppressions()).toEqual([]);
    },
  );
});
