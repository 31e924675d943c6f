import { DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it, vi } from 'vitest';
import { messageStore } from '../../../shared/data/message-store.ts';
import { addressHash } from '../../../shared/domain/messaging/address.ts';
import { ownMessageId, recipient, recipientKey, sesEvents, sesMail, snsEnvelope } from '../../fixtures/ses-events.ts';
import { receiptsWorld } from './world.ts';

const at = Date.parse('2026-11-22T10:00:04.500Z');
const { receive, mails, suppressionStore, client, names } = receiptsWorld();
const records = () => mails().flatMap(({ mail }) => mail.records);
const suppressions = () => suppressionStore().ofAddress('email', addressHash('email', recipient.toLowerCase()));
const handedOverAt = at - 20_000;
const claim = {
  key: recipientKey,
  id: ownMessageId,
  by: 'one/0',
  copy: 'c',
  decidedAt: at - 30_000,
  channel: 'email',
} as const;
const origin = { topic: 'news', journey: 'welcome', step: 'hello' } as const;
const store = () => messageStore(client(), names().messages, 60);
const putRow = (st: 'sent' | 'unknown' = 'sent', more: object = origin) =>
  store().put({ ...claim, ...more, st, at: handedOverAt }, 'absent');
const row = () => store().read(recipientKey, ownMessageId);
const event = (type: string, detail: string, change: object, tags?: Record<string, string[]>) => ({
  ...sesEvents[type],
  [detail]: { ...(sesEvents[type]![detail] as object), ...change },
  ...(tags && { mail: sesMail(tags) }),
});

describe('a receipt', () => {
  it.each([
    ['Delivery', { was: 'delivered', at }],
    ['Open', { was: 'opened', at }],
    ['Click', { was: 'clicked', at, link: 'https://shop.example/cart' }],
    ['Bounce', { was: 'bounced', at, permanent: true, suppress: 'bounce' }],
    ['Complaint', { was: 'complained', at, suppress: 'complaint' }],
  ])('(%s) lies in the mailbox of the profile that its message was for, and on the message', async (type, expected) => {
    await putRow();
    expect(await receive(snsEnvelope(sesEvents[type]))).toEqual([]);
    const [mail, ...more] = mails();
    expect(more).toEqual([]);
    expect(mail).toMatchObject({ group: recipientKey, mail: { key: recipientKey, hop: 0 } });
    expect(mail!.mail.records).toEqual([
      {
        t: 'receipt',
        id: 'f3b5a7c9-0000-5000-8000-0123456789ab',
        message: ownMessageId,
        channel: 'email',
        ...origin,
        ...expected,
      },
    ]);
    expect(await row()).toEqual({
      ...claim,
      ...origin,
      st: 'sent',
      at: handedOverAt,
      providerId: '0102019aa1b2c3d4-11111111-2222-3333-4444-555555555555-000000',
      receipts: { [expected.was]: at },
    });
  });

  it('leaves the id that its sender has written', async () => {
    await putRow('sent', { ...origin, providerId: 'its own' });
    await receive(snsEnvelope(sesEvents['Delivery']));
    expect(await row()).toMatchObject({ providerId: 'its own', receipts: { delivered: at } });
  });

  it.each([
    ['Bounce', 'bounce'],
    ['Complaint', 'complaint'],
  ])('(%s) suppresses the address at once, whatever its case and form (G10)', async (type, reason) => {
    await receive(snsEnvelope(sesEvents[type]));
    expect(await suppressions()).toMatchObject([{ channel: 'email', topic: null, reason, at }]);
  });

  it.each([
    ['a bounce that may pass', event('Bounce', 'bounce', { bounceType: 'Transient' })],
    ['feedback that it was not spam', event('Complaint', 'complaint', { complaintFeedbackType: 'not-spam' })],
    ['a delivery', sesEvents['Delivery']],
    ['a bounce of mail that is not ours', event('Bounce', 'bounce', {}, { other: ['x'] })],
  ])('(%s) suppresses nothing', async (_title, message) => {
    expect(await receive(snsEnvelope(message))).toEqual([]);
    expect(await suppressions()).toEqual([]);
  });

  it('that comes again is the same record, and its message keeps the first time of each', async () => {
    await putRow();
    const earlier = '2026-11-22T10:00:01.000Z';
    await receive(snsEnvelope(sesEvents['Delivery']), snsEnvelope(sesEvents['Delivery']));
    await receive(snsEnvelope(sesEvents['Delivery']));
    expect(records()).toHaveLength(1);
    await receive(snsEnvelope(sesEvents['Open'], { MessageId: 'open-1' }));
    await receive(
      snsEnvelope(event('Open', 'open', { timestamp: '2026-11-23T10:00:00.000Z' }), { MessageId: 'open-2' }),
    );
    expect(await row()).toMatchObject({ receipts: { delivered: at, opened: at } });
    await receive(snsEnvelope(event('Open', 'open', { timestamp: earlier }), { MessageId: 'open-3' }));
    expect(await row()).toMatchObject({ receipts: { delivered: at, opened: Date.parse(earlier) } });
  });

  it('of a delivery about which nobody asks stays on the row; everything else is told', async () => {
    await putRow('sent', { ...origin, unasked: true });
    expect(await receive(snsEnvelope(sesEvents['Delivery']))).toEqual([]);
    expect(records()).toEqual([]);
    expect(await row()).toMatchObject({ unasked: true, receipts: { delivered: at } });
    await receive(
      snsEnvelope(sesEvents['Delivery'], { MessageId: 'again' }),
      snsEnvelope(sesEvents['Open'], { MessageId: 'open-1' }),
      snsEnvelope(sesEvents['Bounce'], { MessageId: 'bounce-1' }),
    );
    expect(records()).toMatchObject([{ was: 'opened' }, { was: 'bounced' }]);
  });

  it('finds out what became of an unknown message, also where nobody asks', async () => {
    await putRow('unknown', { ...origin, why: 'sender.died', unasked: true });
    expect(await receive(snsEnvelope(sesEvents['Delivery']))).toEqual([]);
    expect(await row()).toMatchObject({ st: 'sent', why: 'settled.delivered', unasked: true });
  });

  it('makes no row for a message that has none', async () => {
    expect(await receive(snsEnvelope(sesEvents['Open']))).toEqual([]);
    expect(await row()).toBeUndefined();
    expect(records()).toEqual([expect.not.objectContaining({ topic: expect.anything() })]);
  });

  it('of a message without a journey says only its topic', async () => {
    await putRow('sent', { topic: 'account' });
    await receive(snsEnvelope(sesEvents['Open']));
    expect(records()).toMatchObject([{ topic: 'account' }]);
    expect(records()[0]).not.toHaveProperty('journey');
  });

  it('costs one write and no read, also when it comes again', async () => {
    await putRow();
    const sent = vi.spyOn(DynamoDBClient.prototype, 'send');
    for (const type of ['Delivery', 'Open', 'Open', 'Click']) await receive(snsEnvelope(sesEvents[type]));
    expect(sent.mock.calls.map(([command]) => command.constructor.name)).toEqual(Array(4).fill('UpdateItemCommand'));
  });
});

describe('an open or a click that no person made', () => {
  const opened = (userAgent: string) => event('Open', 'open', { userAgent });
  const clicked = (timestamp: string) => event('Click', 'click', { timestamp });
  const delivered = event('Delivery', 'delivery', { timestamp: '2026-11-22T10:00:00.000Z' });
  const isMachine = async (...events: object[]) => {
    for (const [n, one] of events.entries()) await receive(snsEnvelope(one, { MessageId: `n-${n}` }));
    return (records().at(-1) as { readonly machine?: true }).machine === true;
  };

  it.each([
    ['an open by Apple', [opened('Mozilla/5.0')], true],
    ['an open by a mail client', [opened('Mail/1.0')], false],
    ['a click two seconds after the delivery', [delivered, clicked('2026-11-22T10:00:02.000Z')], true],
    ['a click a minute after the delivery', [delivered, clicked('2026-11-22T10:01:00.000Z')], false],
    ['a click three seconds after the hand-over', [clicked('2026-11-22T09:59:47.500Z')], true],
    ['a click twenty seconds after the hand-over', [clicked('2026-11-22T10:00:04.500Z')], false],
  ] as const)('%s', async (_what, events, expected) => {
    await putRow();
    expect(await isMachine(...events)).toBe(expected);
  });

  it.each([
    ['nobody knows when it was handed over', () => putRow('unknown')],
    ['its row is gone', async () => {}],
  ])('is not told by time while %s', async (_why, prepare) => {
    await prepare();
    expect(await isMachine(clicked('2026-11-22T09:59:44.500Z'))).toBe(false);
  });
});

describe('a batch', () => {
  it('loses no good receipt beside malformed and foreign ones; only the malformed come again', async () => {
    const failed = await receive(
      'hello',
      snsEnvelope(sesEvents['Open']),
      snsEnvelope('{'),
      snsEnvelope(sesEvents['Send'], { MessageId: 's' }),
    );
    expect(failed).toEqual(['sqs-0', 'sqs-2']);
    expect(records()).toMatchObject([{ was: 'opened' }]);
  });

  it('comes again whole when the mailbox cannot be reached, and the address is suppressed already (G1, G10)', async () => {
    const mock = mockClient(SQSClient);
    mock.on(SendMessageBatchCommand).rejects(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
    const failed = await receive(snsEnvelope(sesEvents['Bounce']), snsEnvelope(sesEvents['Open'], { MessageId: 'o' }));
    mock.restore();
    expect(failed).toEqual(['sqs-0', 'sqs-1']);
    expect(await suppressions()).toHaveLength(1);
  });

  it('puts nothing into the mailbox before the suppression is written (G10)', async () => {
    const mock = mockClient(DynamoDBClient);
    mock.on(PutItemCommand).rejects(new Error('throttled'));
    mock.on(UpdateItemCommand).resolves({});
    const failed = await receive(snsEnvelope(sesEvents['Bounce']), snsEnvelope(sesEvents['Open'], { MessageId: 'o' }));
    mock.restore();
    expect(failed).toEqual(['sqs-0']);
    expect(records()).toMatchObject([{ was: 'opened' }]);
  });
});

describe('a receipt that an app tells', () => {
  const told = (was: string, more: object = {}) =>
    JSON.stringify({ schema: 1, app: 'push', message: ownMessageId, was, at, ...more });

  it('is one of the message that there is, the same however many devices tell it', async () => {
    await putRow();
    expect(await receive(told('opened'), told('clicked', { link: '/cart' }), told('opened', { at: at + 1 }))).toEqual(
      [],
    );
    const about = { t: 'receipt', message: ownMessageId, channel: 'push', ...origin };
    const [opened, clicked, again] = records() as { id: string }[];
    expect([opened, clicked]).toEqual([
      { ...about, id: expect.any(String), was: 'opened', at },
      { ...about, id: expect.any(String), was: 'clicked', at, link: '/cart' },
    ]);
    expect(again?.id ?? opened!.id).toBe(opened!.id);
    expect((await row())?.receipts).toEqual({ opened: at, clicked: at });
  });

  it('of a message that there is none of is nothing', async () => {
    expect(await receive(told('opened'))).toEqual([]);
    expect(records()).toEqual([]);
  });

  it.each([[{ was: 'complained' }], [{ message: 'x' }], [{ at: 'now' }]])('%j is no receipt', async (wrong) => {
    await putRow();
    expect(await receive(told('opened', wrong))).toEqual(['sqs-0']);
    expect(records()).toEqual([]);
  });
});
