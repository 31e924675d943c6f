import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OutgoingEmail } from '../../shared/app/delivery.ts';
import { encodeMailbox } from '../../shared/channels/email/mailbox-header.ts';
import { sesEmail } from '../../shared/channels/email/ses-email.ts';
import { readNotification } from '../../shared/wire/receipt.ts';
import { adapterContract } from './adapter-contract.ts';
import { answer, type Behaviour, type Provider, startProvider } from './provider.ts';

const message: OutgoingEmail = {
  channel: 'email',
  id: 'uAAAAAAAAAAAAAAAAAAAAAA-BBBBBBBBBBBBBBBBBBBBBB',
  to: 'ada@example.org',
  sender: 'shop',
  from: 'Shop <hello@shop.example>',
  replyTo: 'Hilfe für Ä <help@shop.example>',
  subject: 'Für Ada 🎁',
  html: '<p>Hi</p>',
  text: 'Hi',
  configurationSet: 'set-marketing',
  transactional: false,
  unsubscribeUrl: 'https://links.example/u/k.payload.mac',
  origin: { journey: 'onboarding', step: 'hello' },
};
const config = (port: number) => ({
  endpoint: `http://127.0.0.1:${port}`,
  region: 'eu-central-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});
const json = (body: object) => JSON.stringify(body);
const accepts = answer(200, json({ MessageId: 'ses-1' }), { 'content-type': 'application/json' });
/** As SES answers (restJson1): the error's name in a header, its text in the body. */
const error = (status: number, name: string, text = 'for ada@example.org'): Behaviour =>
  answer(status, json({ message: text }), { 'content-type': 'application/json', 'x-amzn-errortype': name });
const mend = (code: string) => ({ throttled: code, retryAfterSeconds: 900, alarm: true as const });

adapterContract({
  name: 'e-mail by SES',
  deliver: (port, id) => sesEmail(() => 0, config(port), 400)({ ...message, id }),
  idOf: ({ body }) => JSON.parse(body).EmailTags.find(({ Name }: { Name: string }) => Name === 'godwit_message').Value,
  accepts,
  personal: ['ada@example.org', 'for ada'],
  says: [
    ['it took it', accepts, { handed: 'ses-1' }],
    ['too many requests', error(429, 'TooManyRequestsException'), { throttled: 'email.throttled' }],
    ['a quota is used up', error(400, 'LimitExceededException'), { throttled: 'email.throttled' }],
    ['throttling by another name', error(400, 'ThrottlingException'), { throttled: 'email.throttled' }],
    ['this message is rejected', error(400, 'MessageRejected'), { refused: 'email.rejected' }],
    [
      'this request is bad',
      error(400, 'BadRequestException'),
      { refused: 'email.bad-request', detail: { status: 400 } },
    ],
    [
      'our sender is not verified',
      error(
        400,
        'MessageRejected',
        'Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: hello@shop.example',
      ),
      mend('email.sender-not-verified'),
    ],
    [
      'the recipient is not verified (sandbox)',
      error(
        400,
        'MessageRejected',
        'Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: ada@example.org',
      ),
      { refused: 'email.recipient-not-verified' },
    ],
    [
      'the MAIL FROM domain is not verified',
      error(400, 'MailFromDomainNotVerifiedException'),
      mend('email.mail-from-not-verified'),
    ],
    ['sending is paused', error(400, 'SendingPausedException'), mend('email.sending-paused')],
    ['the account is suspended', error(400, 'AccountSuspendedException'), mend('email.account-suspended')],
    ['there is no such configuration set', error(404, 'NotFoundException'), mend('email.configuration-set-missing')],
    ['we may not', error(403, 'AccessDeniedException'), mend('email.not-permitted')],
    ['the credentials have expired', error(403, 'ExpiredTokenException'), mend('email.no-credentials')],
    ['forbidden, in words not known here', error(403, 'SomethingNew'), mend('email.not-permitted')],
    ['an internal error', error(500, 'InternalServiceErrorException'), { unknown: 'email.server-error' }],
    ['unavailable', error(503, 'ServiceUnavailable'), { unknown: 'email.server-error' }],
  ],
});

describe('e-mail by SES', () => {
  let provider: Provider;
  beforeAll(async () => {
    provider = await startProvider();
  });
  afterAll(() => provider.stop());
  const request = async (over: Partial<OutgoingEmail> = {}) => {
    provider.plays(accepts);
    await sesEmail(() => 0, config(provider.port))({ ...message, ...over });
    return { ...provider.received[0]!, json: JSON.parse(provider.received[0]!.body) };
  };

  it('asks as the API wants to be asked', async () => {
    const { method, path, json: body } = await request();
    expect(`${method} ${path}`).toBe('POST /v2/email/outbound-emails');
    expect(body).toEqual({
      FromEmailAddress: '"Shop" <hello@shop.example>',
      Destination: { ToAddresses: ['ada@example.org'] },
      ReplyToAddresses: [expect.stringMatching(/^=\?UTF-8\?B\?.*\?= <help@shop\.example>$/)],
      ConfigurationSetName: 'set-marketing',
      EmailTags: [
        { Name: 'godwit_message', Value: message.id },
        { Name: 'godwit_journey', Value: 'onboarding' },
        { Name: 'godwit_step', Value: 'hello' },
      ],
      Content: {
        Simple: {
          Subject: { Data: 'Für Ada 🎁', Charset: 'UTF-8' },
          Body: { Text: { Data: 'Hi', Charset: 'UTF-8' }, Html: { Data: '<p>Hi</p>', Charset: 'UTF-8' } },
          Headers: [
            { Name: 'List-Unsubscribe', Value: '<https://links.example/u/k.payload.mac>' },
            { Name: 'List-Unsubscribe-Post', Value: 'List-Unsubscribe=One-Click' },
          ],
        },
      },
    });
  });

  it('a transactional mail has no headers for unsubscribing', async () => {
    const { unsubscribeUrl: _, ...transactional } = message;
    provider.plays(accepts);
    await sesEmail(() => 0, config(provider.port))(transactional);
    expect(JSON.parse(provider.received[0]!.body).Content.Simple).not.toHaveProperty('Headers');
  });

  it('tags are what SES takes: A-Z, a-z, 0-9, _ and -, at most 256 characters', async () => {
    const { json: body } = await request();
    for (const { Name, Value } of body.EmailTags) {
      expect(Name).toMatch(/^[A-Za-z0-9_-]{1,256}$/);
      expect(Value).toMatch(/^[A-Za-z0-9_-]{1,256}$/);
    }
  });

  it('G3 does not trust a connection that lay idle: the other end may have closed it', async () => {
    let now = 0;
    const deliver = sesEmail(() => now, config(provider.port), 400);
    const usedOnce = new Set<number>();
    // Closes what it has answered once: a request that still comes over it is cut off.
    provider.plays((response, received, socket) => {
      if (usedOnce.has(received.connection)) socket.resetAndDestroy();
      else accepts(response, received, socket);
      usedOnce.add(received.connection);
    });
    expect(await deliver(message)).toEqual({ handed: 'ses-1' });
    now += 60_000;
    expect(await deliver(message)).toEqual({ handed: 'ses-1' });
    expect(provider.received.map(({ connection }) => connection)).toHaveLength(new Set(usedOnce).size);
  });

  it('a connection in use is used again', async () => {
    const deliver = sesEmail(() => 0, config(provider.port), 400);
    provider.plays(accepts);
    await deliver(message);
    await deliver(message);
    expect(new Set(provider.received.map(({ connection }) => connection)).size).toBe(1);
  });
});

describe('a mailbox in a header', () => {
  it.each([
    ['a@shop.example', 'a@shop.example'],
    [' <a@shop.example> ', 'a@shop.example'],
    ['Shop <a@shop.example>', '"Shop" <a@shop.example>'],
    ['"Shop, Inc." <a@shop.example>', '"Shop, Inc." <a@shop.example>'],
    ['Käse <a@shop.example>', '=?UTF-8?B?S8Okc2U=?= <a@shop.example>'],
  ])('%j → %j', (given, expected) => {
    expect(encodeMailbox(given)).toBe(expected);
  });

  it('a long name becomes several words of at most 75 characters, none of them cut inside a character', () => {
    const name = '雪'.repeat(60);
    const words = encodeMailbox(`${name} <a@shop.example>`).split(' ').slice(0, -1);
    expect(words.length).toBeGreaterThan(1);
    for (const word of words) expect(word.length).toBeLessThanOrEqual(75);
    const decoded = words.map((word) => Buffer.from(/\?B\?(.*)\?=/.exec(word)![1]!, 'base64').toString());
    expect(decoded.join('')).toBe(name);
  });
});

it('a receipt finds the message by the tags that it was sent with', async () => {
  const provider = await startProvider();
  provider.plays(accepts);
  await sesEmail(() => 0, config(provider.port))(message);
  const { EmailTags, Destination } = JSON.parse(provider.received[0]!.body);
  await provider.stop();
  const tags = Object.fromEntries(EmailTags.map(({ Name, Value }: { Name: string; Value: string }) => [Name, [Value]]));
  const timestamp = '2026-11-22T12:00:00.000Z';
  const event = {
    eventType: 'Delivery',
    mail: { timestamp, destination: Destination.ToAddresses, tags },
    delivery: { timestamp },
  };
  const body = JSON.stringify({ Type: 'Notification', MessageId: 'sns-1', Message: JSON.stringify(event) });
  expect(readNotification(body)).toMatchObject({ message: message.id, was: 'delivered' });
});
