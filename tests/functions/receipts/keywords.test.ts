import { describe, expect, it, vi } from 'vitest';
import { addressHash } from '../../../shared/domain/messaging/address.ts';
import { profileKey, sha256Hex } from '../../../shared/kernel/ids.ts';
import { snsEnvelope } from '../../fixtures/ses-events.ts';
import { inboundSms, phone, smsEvent } from '../../fixtures/sms-events.ts';
import { receiptsWorld } from './world.ts';

const world = receiptsWorld();
const { receive, mails, suppressionStore: store } = world;
const hash = addressHash('sms', phone);
const suppressions = () => store().ofAddress('sms', hash);
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
    await world.restart();
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
