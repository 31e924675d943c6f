import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OutgoingSms } from '../../shared/app/delivery.ts';
import { endUserMessaging } from '../../shared/channels/sms/end-user-messaging.ts';
import { pinpointSms } from '../../shared/channels/sms/pinpoint.ts';
import { sms } from '../../shared/channels/sms/sms.ts';
import { readNotification } from '../../shared/wire/receipt.ts';
import { adapterContract } from './adapter-contract.ts';
import { answer, type Behaviour, closedPort, type Provider, startProvider } from './provider.ts';

const message: OutgoingSms = {
  channel: 'sms',
  id: 'uAAAAAAAAAAAAAAAAAAAAAA-BBBBBBBBBBBBBBBBBBBBBB',
  to: '+4915100000001',
  from: 'SHOP',
  text: 'Grüße, Ada',
  parts: 1,
  transactional: false,
  transport: 'end-user-messaging',
  configurationSet: 'set-sms',
};
const config = (port: number) => ({
  endpoint: `http://127.0.0.1:${port}`,
  region: 'eu-central-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});
const json = (body: object) => JSON.stringify(body);
const mend = (code: string) => ({ throttled: code, retryAfterSeconds: 900, alarm: true as const });
const personal = ['+4915100000001', 'Grüße', 'for Ada'];

/** As the service answers (awsJson1_0): the error's name, and its reason, in the body. */
const error = (name: string, reason?: string, status = 400, more: object = {}): Behaviour =>
  answer(status, json({ __type: name, Message: 'for Ada', ...(reason && { Reason: reason }), ...more }), {
    'content-type': 'application/x-amz-json-1.0',
  });
const accepts = answer(200, json({ MessageId: 'sms-1' }), { 'content-type': 'application/x-amz-json-1.0' });

adapterContract({
  name: 'SMS by End User Messaging',
  deliver: (port, id) => endUserMessaging(() => 0, config(port), 400)({ ...message, id }),
  idOf: ({ body }) => JSON.parse(body).Context.godwit_message,
  accepts,
  personal,
  says: [
    ['it took it', accepts, { handed: 'sms-1' }],
    ['too many requests', error('ThrottlingException'), { throttled: 'sms.throttled' }],
    ['a quota is used up', error('ServiceQuotaExceededException', undefined, 402), { throttled: 'sms.quota' }],
    [
      'this number was written to too often today',
      error('ServiceQuotaExceededException', 'DAILY_DESTINATION_CALL_LIMIT', 402),
      { throttled: 'sms.recipient-limit', retryAfterSeconds: 3_600 },
    ],
    [
      'the money of the month is spent',
      error('ServiceQuotaExceededException', 'MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT', 402),
      mend('sms.spend-limit'),
    ],
    [
      'somebody texted STOP',
      error('ConflictException', 'DESTINATION_PHONE_NUMBER_OPTED_OUT', 409),
      { refused: 'sms.opted-out', suppress: 'unsubscribe' },
    ],
    [
      'the recipient is not verified (sandbox)',
      error('ConflictException', 'DESTINATION_PHONE_NUMBER_NOT_VERIFIED', 409),
      { refused: 'sms.recipient-not-verified' },
    ],
    [
      'we have blocked the country',
      error('ConflictException', 'DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION', 409),
      { refused: 'sms.country-blocked' },
    ],
    [
      'we have blocked the number',
      error('ConflictException', 'DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE', 409),
      { refused: 'sms.number-blocked' },
    ],
    [
      'our number is for other messages',
      error('ConflictException', 'MESSAGE_TYPE_MISMATCH', 409),
      mend('sms.sender-not-usable'),
    ],
    [
      'our sender ID has to be registered',
      error('ValidationException', 'SENDER_ID_REQUIRES_REGISTRATION'),
      mend('sms.sender-not-usable'),
    ],
    ['it would cost too much', error('ValidationException', 'PRICE_OVER_THRESHOLD'), { refused: 'sms.too-expensive' }],
    [
      'nobody can be reached in that country',
      error('ValidationException', 'DESTINATION_COUNTRY_BLOCKED'),
      { refused: 'sms.country-not-possible' },
    ],
    [
      'this is no number',
      error('ValidationException', 'INVALID_PARAMETER', 400, {
        Fields: [{ Name: 'DestinationPhoneNumber', Message: 'invalid' }],
      }),
      { refused: 'sms.invalid-number', suppress: 'bounce' },
    ],
    [
      'this request is bad',
      error('ValidationException', 'INVALID_PARAMETER', 400, { Fields: [{ Name: 'MessageBody', Message: 'invalid' }] }),
      { refused: 'sms.bad-request', detail: { status: 400 } },
    ],
    [
      'a pool or a configuration set is not there',
      error('ResourceNotFoundException', undefined, 404),
      mend('sms.resource-missing'),
    ],
    ['we may not', error('AccessDeniedException'), mend('sms.not-permitted')],
    ['the account is disabled', error('AccessDeniedException', 'ACCOUNT_DISABLED'), mend('sms.account-disabled')],
    [
      'the account has a bad name',
      error('AccessDeniedException', 'INSUFFICIENT_ACCOUNT_REPUTATION'),
      mend('sms.account-reputation'),
    ],
    ['the credentials have expired', error('ExpiredTokenException', undefined, 403), mend('sms.no-credentials')],
    ['an internal error', error('InternalServerException', undefined, 500), { unknown: 'sms.server-error' }],
    ['unavailable', error('ServiceUnavailable', undefined, 503), { unknown: 'sms.server-error' }],
  ],
});

const pinpointMessage: OutgoingSms = { ...message, transport: 'pinpoint', application: 'a1b2' };
const restJson = { 'content-type': 'application/json' };
const result = (DeliveryStatus: string): Behaviour =>
  answer(
    200,
    json({
      ApplicationId: 'a1b2',
      Result: { [message.to]: { DeliveryStatus, StatusCode: 200, StatusMessage: 'for Ada', MessageId: 'pinpoint-1' } },
    }),
    restJson,
  );
const restError = (status: number, name: string): Behaviour =>
  answer(status, json({ Message: 'for Ada' }), { ...restJson, 'x-amzn-errortype': name });

adapterContract({
  name: 'SMS by Pinpoint',
  deliver: (port, id) => pinpointSms(() => 0, config(port), 400)({ ...pinpointMessage, id }),
  idOf: ({ body }) => JSON.parse(body).TraceId,
  accepts: result('SUCCESSFUL'),
  personal,
  says: [
    ['it took it', result('SUCCESSFUL'), { handed: 'pinpoint-1' }],
    ['somebody texted STOP', result('OPT_OUT'), { refused: 'sms.opted-out', suppress: 'unsubscribe' }],
    ['never', result('PERMANENT_FAILURE'), { refused: 'sms.permanent-failure' }],
    ['twice in one request', result('DUPLICATE'), { refused: 'sms.duplicate' }],
    ['not now', result('TEMPORARY_FAILURE'), { throttled: 'sms.temporary-failure' }],
    ['too many', result('THROTTLED'), { throttled: 'sms.throttled' }],
    ['it does not know itself', result('UNKNOWN_FAILURE'), { unknown: 'sms.unknown-failure' }],
    ['nothing of this number', answer(200, json({ Result: {} }), restJson), { unknown: 'sms.unknown-failure' }],
    ['too many requests', restError(429, 'TooManyRequestsException'), { throttled: 'sms.throttled' }],
    ['no such project', restError(404, 'NotFoundException'), mend('sms.application-missing')],
    ['we may not', restError(403, 'ForbiddenException'), mend('sms.not-permitted')],
    ['bad', restError(400, 'BadRequestException'), { refused: 'sms.bad-request', detail: { status: 400 } }],
    ['an internal error', restError(500, 'InternalServerErrorException'), { unknown: 'sms.server-error' }],
  ],
});

describe('an SMS', () => {
  let provider: Provider;
  beforeAll(async () => {
    provider = await startProvider();
  });
  afterAll(() => provider.stop());
  const received = () => ({ ...provider.received[0]!, json: JSON.parse(provider.received[0]!.body) });
  const request = async (over: Partial<OutgoingSms> = {}) => {
    provider.plays(accepts);
    await endUserMessaging(() => 0, config(provider.port))({ ...message, ...over });
    return received();
  };

  it('asks End User Messaging as the API wants to be asked', async () => {
    const { headers, json: body } = await request({ maxPrice: '0.50000', expiresAt: 600_000 });
    expect(headers['x-amz-target']).toBe('PinpointSMSVoiceV2.SendTextMessage');
    expect(body).toEqual({
      DestinationPhoneNumber: message.to,
      OriginationIdentity: 'SHOP',
      MessageBody: message.text,
      MessageType: 'PROMOTIONAL',
      ConfigurationSetName: 'set-sms',
      MaxPrice: '0.50000',
      TimeToLive: 600,
      Context: { godwit_message: message.id },
    });
  });

  it.each([
    ['as long as it is good for', 86_400_000, 86_400],
    ['never shorter than the API takes', 1_000, 5],
    ['nor longer', 30 * 86_400_000, 259_200],
  ])('lives %s', async (_what, expiresAt, expected) => {
    expect((await request({ expiresAt })).json.TimeToLive).toBe(expected);
  });

  it('asks Pinpoint for one address of the project', async () => {
    provider.plays(result('SUCCESSFUL'));
    const deliver = pinpointSms(() => 0, config(provider.port));
    await deliver({ ...pinpointMessage, from: '+4915100000000', transactional: true });
    const { method, path, json: body } = received();
    expect(`${method} ${path}`).toBe('POST /v1/apps/a1b2/messages');
    expect(body).toEqual({
      TraceId: message.id,
      Addresses: { [message.to]: { ChannelType: 'SMS' } },
      MessageConfiguration: {
        SMSMessage: { Body: message.text, MessageType: 'TRANSACTIONAL', OriginationNumber: '+4915100000000' },
      },
    });
  });

  it.each(['end-user-messaging', 'pinpoint'] as const)('goes by the transport that is set: %s', async (transport) => {
    process.env['AWS_ENDPOINT_URL'] = `http://127.0.0.1:${provider.port}`;
    try {
      provider.plays(transport === 'pinpoint' ? result('SUCCESSFUL') : accepts);
      expect(await sms(() => 0)({ ...pinpointMessage, transport })).toHaveProperty('handed');
      expect(provider.received[0]!.path).toBe(transport === 'pinpoint' ? '/v1/apps/a1b2/messages' : '/');
    } finally {
      delete process.env['AWS_ENDPOINT_URL'];
    }
  });

  it('without a project nothing is asked, and somebody is told', async () => {
    const { application: _, ...nowhere } = pinpointMessage;
    const deliver = pinpointSms(() => 0, config(await closedPort()));
    expect(await deliver(nowhere)).toEqual(mend('sms.application-missing'));
  });

  it('a receipt finds the message by the context that it was sent with', async () => {
    const { Context, DestinationPhoneNumber } = (await request()).json;
    const event = {
      eventType: 'TEXT_DELIVERED',
      eventTimestamp: 1_795_000_000_000,
      destinationPhoneNumber: DestinationPhoneNumber,
      context: Context,
    };
    const body = JSON.stringify({ Type: 'Notification', MessageId: 'sns-1', Message: JSON.stringify(event) });
    expect(readNotification(body)).toMatchObject({ channel: 'sms', message: message.id, was: 'delivered' });
  });
});
