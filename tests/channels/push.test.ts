import { describe, expect, it } from 'vitest';
import type { OutgoingPush } from '../../shared/app/delivery.ts';
import { pinpointPush } from '../../shared/channels/push/pinpoint-push.ts';
import { push } from '../../shared/channels/push/push.ts';
import { addressHash } from '../../shared/domain/messaging/address.ts';
import { adapterContract } from './adapter-contract.ts';
import { answer, type Behaviour, type Provider, startProvider } from './provider.ts';

const iphone = 'ab'.repeat(32);
const android = 'eX4:APA91bF';
const message: OutgoingPush = {
  channel: 'push',
  id: 'uAAAAAAAAAAAAAAAAAAAAAA-BBBBBBBBBBBBBBBBBBBBBB',
  devices: [
    { token: iphone, service: 'APNS' },
    { token: android, service: 'GCM' },
  ],
  content: { title: 'Grüße', body: 'For Ada', data: {} },
  application: '0123456789abcdef0123456789abcdef',
};
const config = (port: number) => ({
  endpoint: `http://127.0.0.1:${port}`,
  region: 'eu-central-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});
const json = (status: number, body: object, headers = {}): Behaviour =>
  answer(status, JSON.stringify(body), { 'content-type': 'application/json', ...headers });
const error = (name: string, status: number): Behaviour =>
  json(status, { Message: `for Ada ${iphone}`, RequestID: 'r' }, { 'x-amzn-errortype': name });
const mend = (code: string) => ({ throttled: code, retryAfterSeconds: 900, alarm: true as const });

type Said = readonly [status: string, code: number, says?: string];
const taken: Said = ['SUCCESSFUL', 200];
/** As the service answers, device by device (fixtures: aws-sdk-client-pinpoint, SendMessages). */
const says = (apple: Said, google: Said): Behaviour => {
  const of = ([DeliveryStatus, StatusCode, StatusMessage = 'for Ada']: Said, MessageId: string) => ({
    ...{ DeliveryStatus, StatusCode, StatusMessage },
    ...(DeliveryStatus === 'SUCCESSFUL' && { MessageId }),
  });
  const Result = { [iphone]: of(apple, 'push-1'), [android]: of(google, 'push-2') };
  return json(200, { ApplicationId: message.application, RequestId: 'r', Result });
};
const goneApple: Said = ['PERMANENT_FAILURE', 410, '{"reason":"Unregistered"}'];
const goneGoogle: Said = ['PERMANENT_FAILURE', 404, '{"errorCode":"UNREGISTERED"}'];
const badToken: Said = ['PERMANENT_FAILURE', 400, '{"reason":"BadDeviceToken"}'];
const expired: Said = ['PERMANENT_FAILURE', 403, '{"reason":"ExpiredProviderToken"}'];
const later: Said = ['TEMPORARY_FAILURE', 503];
const busy: Said = ['THROTTLED', 429];
const hashOf = (token: string) => addressHash('push', token);
const handed = (id: string, results: { readonly [fate: string]: number }, more: object = {}) => ({
  handed: id,
  detail: { results },
  ...more,
});
const refused = (code: string, results: { readonly [fate: string]: number }, more: object = {}) => ({
  refused: code,
  detail: { results },
  ...more,
});

adapterContract({
  name: 'push by End User Messaging',
  deliver: (port, id) => pinpointPush(() => 0, config(port), 400)({ ...message, id }),
  idOf: ({ body }) => JSON.parse(body).TraceId,
  accepts: says(taken, taken),
  personal: [iphone, android, 'Grüße', 'for Ada'],
  says: [
    ['both took it', says(taken, taken), handed('push-1', { taken: 2 })],
    [
      'one took it, the other is gone: handed over, and the dead one is named',
      says(goneApple, taken),
      handed('push-2', { gone: 1, taken: 1 }, { gone: [hashOf(iphone)] }),
    ],
    [
      'one took it, the other may later: it is not sent twice',
      says(taken, later),
      handed('push-1', { taken: 1, later: 1 }),
    ],
    ['one took it, of the other nobody knows', says(taken, ['TIMEOUT', 0]), handed('push-1', { taken: 1, unknown: 1 })],
    [
      'one took it, and the keys of the other are refused',
      says(expired, taken),
      handed('push-2', { credentials: 1, taken: 1 }, { alarm: 'PushCredentialsRefused' }),
    ],
    [
      'both are gone',
      says(goneApple, goneGoogle),
      refused('push.no-device', { gone: 2 }, { gone: [hashOf(iphone), hashOf(android)] }),
    ],
    ['none took it, of one nobody knows', says(later, ['UNKNOWN_FAILURE', 0]), { unknown: 'push.unknown-failure' }],
    ['none took it, one may later', says(goneApple, later), { throttled: 'push.temporary-failure' }],
    ['none took it, too much at once', says(later, busy), { throttled: 'push.throttled' }],
    [
      'the keys are refused',
      says(expired, ['PERMANENT_FAILURE', 401, 'THIRD_PARTY_AUTH_ERROR']),
      { ...mend('push.credentials'), alarm: 'PushCredentialsRefused' },
    ],
    [
      'a token of the other environment or of another app ends no device',
      says(badToken, ['PERMANENT_FAILURE', 403, 'SENDER_ID_MISMATCH']),
      refused('push.token-foreign', { foreign: 2 }),
    ],
    [
      'this message is refused',
      says(['PERMANENT_FAILURE', 413, '{"reason":"PayloadTooLarge"}'], goneGoogle),
      refused('push.permanent-failure', { refused: 1, gone: 1 }, { gone: [hashOf(android)] }),
    ],
    ['a status that nobody knows', says(['NEW', 200], ['NEW', 200]), { unknown: 'push.unknown-failure' }],
    ['an answer without results', json(200, {}), { unknown: 'push.unknown-failure' }],
    ['too many requests', error('TooManyRequestsException', 429), { throttled: 'push.throttled' }],
    ['we may not', error('ForbiddenException', 403), mend('push.not-permitted')],
    ['there is no such application', error('NotFoundException', 404), mend('push.application-missing')],
    ['a bad request', error('BadRequestException', 400), { refused: 'push.bad-request', detail: { status: 400 } }],
    ['an internal error', error('InternalServerErrorException', 500), { unknown: 'push.server-error' }],
  ],
});

describe('what is sent', () => {
  async function sent(more: Partial<OutgoingPush> = {}) {
    const provider: Provider = await startProvider();
    provider.plays(says(taken, taken));
    await pinpointPush(() => 0, config(provider.port), 400)({ ...message, ...more });
    await provider.stop();
    const [{ path, body } = { path: '', body: '{}' }] = provider.received;
    return { path, ...JSON.parse(body) };
  }

  it('is one request for all devices, each by its service', async () => {
    const { path, Addresses, MessageConfiguration } = await sent();
    expect(path).toBe('/v1/apps/0123456789abcdef0123456789abcdef/messages');
    expect(Addresses).toEqual({ [iphone]: { ChannelType: 'APNS' }, [android]: { ChannelType: 'GCM' } });
    expect(MessageConfiguration).toEqual({
      APNSMessage: { RawContent: expect.any(String), APNSPushType: 'alert', Priority: '10' },
      GCMMessage: { RawContent: expect.any(String) },
    });
    expect(JSON.parse(MessageConfiguration.APNSMessage.RawContent)).toEqual({
      aps: { alert: { title: 'Grüße', body: 'For Ada' }, 'content-available': 0 },
      godwit_message: message.id,
    });
  });

  it('has a message only for services that a device is of, with what collapses and how long it is kept', async () => {
    const content = { ...message.content, collapseKey: 'cart' };
    const devices = [{ token: iphone, service: 'APNS_SANDBOX' as const }];
    const { Addresses, MessageConfiguration } = await sent({ devices, content, ttlSeconds: 60 });
    expect(Addresses).toEqual({ [iphone]: { ChannelType: 'APNS_SANDBOX' } });
    expect(MessageConfiguration).toMatchObject({ APNSMessage: { CollapseId: 'cart', TimeToLive: 60 } });
    expect(MessageConfiguration).not.toHaveProperty('GCMMessage');
  });

  it('is of low priority and in the background where nothing is shown', async () => {
    const { MessageConfiguration } = await sent({ content: { data: { sync: true } } });
    expect(MessageConfiguration.APNSMessage).toMatchObject({ APNSPushType: 'background', Priority: '5' });
    expect(JSON.parse(MessageConfiguration.APNSMessage.RawContent).aps).toEqual({ 'content-available': 1 });
  });

  it('is nothing without an application', async () => {
    const { application: _, ...without } = message;
    expect(await pinpointPush(() => 0)(without)).toEqual(mend('push.application-missing'));
  });
});

it('the client is loaded with the first message', async () => {
  const { application: _, ...without } = message;
  expect(await push(() => 0)(without)).toEqual(mend('push.application-missing'));
});
