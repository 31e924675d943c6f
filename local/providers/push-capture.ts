/**
 * End User Messaging Push: takes SendMessages with addresses, keeps what each device would have been sent, and plays what
 * devices do. What the service says of each address is as the Amazon Pinpoint API reference has it (Messages, MessageResult);
 * the texts are those of Apple and Google, which it passes on.
 */
import type { JsonObject } from '../assembly/read-assembly.ts';
import { AwsError } from '../gateway/aws-error.ts';
import type { AwsAnswer, AwsCall } from '../gateway/aws-service.ts';
import type { Check } from '../iam/statement.ts';
import type { CapturedMessage } from '../inbox/inbox.ts';
import { misbehaviour } from './misbehaviour.ts';
import type { PlayedEvent, ProviderBehaviour, ProviderCapture, ProviderSurroundings } from './provider-capture.ts';

interface Result {
  DeliveryStatus: string;
  StatusCode: number;
  StatusMessage?: string;
  MessageId?: string;
}

/** Apple, "Handling notification responses from APNs"; Firebase, "FCM error codes". */
const unregistered: Record<string, Result> = {
  APNS: { DeliveryStatus: 'PERMANENT_FAILURE', StatusCode: 410, StatusMessage: '{"reason":"Unregistered"}' },
  GCM: { DeliveryStatus: 'PERMANENT_FAILURE', StatusCode: 404, StatusMessage: '{"errorCode":"UNREGISTERED"}' },
};

export function capturePush({ assembly, inbox, clock, ids, log }: ProviderSurroundings): ProviderCapture {
  /** Devices that the app was taken off. */
  const uninstalled = new Set<string>();
  const told = misbehaviour();

  const play = (message: CapturedMessage, event: PlayedEvent): void => {
    inbox.note(message, { type: event.type, at: new Date(clock.now()).toISOString() });
    if (event.type !== 'uninstall') throw new Error(`push has no event ${event.type}; it has uninstall`);
    uninstalled.add(message.to);
  };

  const deliver = (token: string, service: string, messages: JsonObject, traceId: string, mode: ProviderBehaviour) => {
    if (mode === 'reject') {
      return {
        DeliveryStatus: 'PERMANENT_FAILURE',
        StatusCode: 403,
        StatusMessage: '{"reason":"InvalidProviderToken"}',
      };
    }
    if (uninstalled.has(token)) return unregistered[service === 'GCM' ? 'GCM' : 'APNS']!;
    const part = messages[service === 'GCM' ? 'GCMMessage' : 'APNSMessage'] as JsonObject | undefined;
    const payload = JSON.parse(String(part?.['RawContent'] ?? '{}')) as JsonObject;
    const providerMessageId = ids.uuid();
    const seen = service === 'GCM' ? fromFirebase(payload) : fromApple(payload);
    const message = inbox.add({
      channel: 'push',
      to: token,
      from: service,
      ...seen,
      html: '',
      headers: {},
      tags: {
        ...seen.tags,
        ...Object.fromEntries(
          ['TimeToLive', 'CollapseId', 'CollapseKey', 'APNSPushType', 'Priority'].flatMap((name) =>
            part?.[name] === undefined ? [] : [[name, String(part[name])]],
          ),
        ),
      },
      messageId: seen.tags['godwit_message'] ?? traceId,
      providerMessageId,
      at: new Date(clock.now()).toISOString(),
    });
    log(`inbox: push to ${token.slice(0, 12)}…: ${message.subject || message.text}`);
    return { DeliveryStatus: 'SUCCESSFUL', StatusCode: 200, StatusMessage: 'Accepted', MessageId: providerMessageId };
  };

  const send = (body: JsonObject): AwsAnswer => {
    const mode = told.next();
    if (mode === 'throttle') throw new AwsError('TooManyRequestsException', 'Too many requests', 429);
    if (mode === 'error-500')
      throw new AwsError('InternalServerErrorException', 'The local cloud was told to fail', 500);
    if (mode === 'paused') throw new AwsError('ForbiddenException', 'The channel is disabled.', 403);
    const addresses = Object.entries((body['Addresses'] ?? {}) as Record<string, JsonObject>);
    // "You can specify up to 100 addresses" (API reference, Messages).
    if (addresses.length < 1 || addresses.length > 100) throw bad('Addresses');
    const messages = (body['MessageConfiguration'] ?? {}) as JsonObject;
    const trace = String(body['TraceId'] ?? '');
    const results = addresses.map(([token, { ChannelType }]) => {
      const service = String(ChannelType);
      if (!['APNS', 'APNS_SANDBOX', 'GCM'].includes(service)) throw bad('ChannelType');
      return [token, deliver(token, service, messages, trace, mode)];
    });
    const answer = { ApplicationId: '', RequestId: ids.uuid(), Result: Object.fromEntries(results) };
    return mode === 'time-out-after-accepting' ? { body: undefined, isHanging: true } : { body: answer };
  };

  return {
    channel: 'push',
    signingName: 'mobiletargeting',
    playable: ['uninstall'],
    play,
    behave: told.behave,
    service: {
      protocol: 'restJson',
      throttleCode: 'TooManyRequestsException',
      operationOf: (method, path) =>
        method === 'POST' && path[1] === 'apps' && path[3] === 'messages' ? 'SendMessages' : undefined,
      checks({ operation, path }: AwsCall): Check[] {
        if (operation !== 'SendMessages') return [{ action: `mobiletargeting:${operation}`, resource: '*' }];
        const arn = `arn:aws:mobiletargeting:${assembly.region}:${assembly.account}:apps/${path[2]}/messages`;
        return [{ action: 'mobiletargeting:SendMessages', resource: arn }];
      },
      async answer({ operation, body }: AwsCall): Promise<AwsAnswer> {
        if (operation === 'SendMessages') return send(body);
        throw new AwsError('BadRequestException', `The local cloud does not know ${operation} of Pinpoint`, 400);
      },
    },
  };
}

const bad = (field: string): AwsError => new AwsError('BadRequestException', `${field} is invalid`, 400);

interface Seen {
  subject: string;
  text: string;
  tags: Record<string, string>;
}

/** What a phone would show, and what the app finds beside it. */
function fromApple({ aps, ...data }: JsonObject): Seen {
  const { alert = {}, ...rest } = (aps ?? {}) as { alert?: { title?: string; body?: string } };
  return { subject: alert.title ?? '', text: alert.body ?? '', tags: textsOf({ ...rest, ...data }) };
}

function fromFirebase(payload: JsonObject): Seen {
  const { message } = payload['fcmV1Message'] as unknown as {
    message: { notification?: { title?: string; body?: string }; data?: JsonObject; android?: JsonObject };
  };
  const { notification = {}, data = {}, android = {} } = message;
  return { subject: notification.title ?? '', text: notification.body ?? '', tags: textsOf({ ...android, ...data }) };
}

const textsOf = (fields: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
