import {
  type MessageResponse,
  type MessageResult,
  PinpointClient,
  type PinpointClientConfig,
  SendMessagesCommand,
} from '@aws-sdk/client-pinpoint';
import type { Deliver, OutgoingPush, ProviderResult } from '../../app/delivery.ts';
import { payloadsOf } from '../../app/outgoing/push.ts';
import type { Clock } from '../../app/ports.ts';
import { addressHash } from '../../domain/messaging/address.ts';
import { oneCall } from '../one-call.ts';
import { classifySdkError, mend } from '../sdk-error.ts';
import { type Fate, fateOf } from './fate.ts';

/**
 * Push by AWS End User Messaging (user guide, "Sending a message": SendMessages with addresses). All devices of the
 * customer are in one call, so none gets a message twice because another one did not get it.
 */
export function pinpointPush(now: Clock, config: PinpointClientConfig = {}, timeoutMs = 10_000): Deliver<OutgoingPush> {
  const call = oneCall(now, timeoutMs);
  const client = new PinpointClient({ ...config, ...call.config });
  return async (message): Promise<ProviderResult> => {
    const { id, application, devices } = message;
    if (application === undefined) return mend('push.application-missing');
    call.dropIdle();
    try {
      const { MessageResponse: answer } = await client.send(
        new SendMessagesCommand({
          ApplicationId: application,
          MessageRequest: {
            TraceId: id,
            Addresses: Object.fromEntries(devices.map(({ token, service }) => [token, { ChannelType: service }])),
            MessageConfiguration: configurationOf(message),
          },
        }),
      );
      return resultOf(devices, answer?.Result ?? {});
    } catch (error) {
      return classifySdkError(error, 'push', ({ name }) =>
        name === 'NotFoundException' ? mend('push.application-missing') : undefined,
      );
    }
  };

  function configurationOf({ id, devices, content, ttlSeconds }: OutgoingPush) {
    const { apns, fcm } = payloadsOf(id, content, ttlSeconds);
    const isShown = content.body !== undefined;
    const ttl = ttlSeconds === undefined ? {} : { TimeToLive: ttlSeconds };
    const { collapseKey } = content;
    const ofApple = {
      RawContent: apns.text,
      APNSPushType: isShown ? 'alert' : 'background',
      // Apple, "Sending notification requests to APNs": 10 is an error for what is not shown.
      Priority: isShown ? '10' : '5',
      ...(collapseKey !== undefined && { CollapseId: collapseKey }),
      ...ttl,
    };
    const ofFirebase = {
      RawContent: fcm.text,
      ...(collapseKey !== undefined && { CollapseKey: collapseKey }),
      ...ttl,
    };
    return {
      ...(devices.some(({ service }) => service !== 'GCM') && { APNSMessage: ofApple }),
      ...(devices.some(({ service }) => service === 'GCM') && { GCMMessage: ofFirebase }),
    };
  }
}

/**
 * One message, several devices.
 *
 * 1. Any device took it: it is handed over. The others do not get it: a second call would be a second message to the first.
 * 2. None did, and of one nobody can tell: unknown.
 * 3. None did, and one may later: all of it comes again.
 * 4. Else it is refused, by what somebody can mend if there is such a thing.
 */
function resultOf(devices: OutgoingPush['devices'], results: NonNullable<MessageResponse['Result']>): ProviderResult {
  const fates = devices.map(({ token }) => ({ token, result: results[token], fate: fateOf(results[token]) }));
  const having = (fate: Fate) => fates.filter((one) => one.fate === fate);
  const tokens = having('gone').map(({ token }) => addressHash('push', token));
  const gone = tokens.length > 0 && { gone: tokens };
  const detail = { results: countsOf(fates.map(({ fate }) => fate)) };
  const [taken] = having('taken');
  if (taken !== undefined) {
    const isBroken = having('credentials').length > 0 && { alarm: credentialsAlarm };
    return { handed: idOf(taken.result), detail, ...gone, ...isBroken };
  }
  if (having('unknown').length > 0) return { unknown: 'push.unknown-failure' };
  if (having('throttled').length > 0) return { throttled: 'push.throttled' };
  if (having('later').length > 0) return { throttled: 'push.temporary-failure' };
  if (having('credentials').length > 0) return { ...mend('push.credentials'), alarm: credentialsAlarm };
  if (tokens.length === fates.length) return { refused: 'push.no-device', detail, ...gone };
  return { refused: having('foreign').length > 0 ? 'push.token-foreign' : 'push.permanent-failure', detail, ...gone };
}

const credentialsAlarm = 'PushCredentialsRefused' as const;

const idOf = (result: MessageResult | undefined): string => result?.MessageId ?? '';

function countsOf(fates: readonly Fate[]): { readonly [fate: string]: number } {
  const counts: { [fate: string]: number } = {};
  for (const fate of fates) counts[fate] = (counts[fate] ?? 0) + 1;
  return counts;
}
