import {
  type MessageResult,
  PinpointClient,
  type PinpointClientConfig,
  SendMessagesCommand,
  type SMSMessage,
} from '@aws-sdk/client-pinpoint';
import type { Deliver, OutgoingSms, ProviderResult } from '../../app/delivery.ts';
import type { Clock } from '../../app/ports.ts';
import { oneCall } from '../one-call.ts';
import { classifySdkError, mend } from '../sdk-error.ts';

/**
 * By DeliveryStatus of one address (Amazon Pinpoint API reference, Messages: MessageResult). A permanent failure may be
 * the number's as well as the account's, so it says nothing of the address.
 */
const byStatus: { readonly [status: string]: ProviderResult } = {
  DUPLICATE: { refused: 'sms.duplicate' },
  OPT_OUT: { refused: 'sms.opted-out', suppress: 'unsubscribe' },
  PERMANENT_FAILURE: { refused: 'sms.permanent-failure' },
  TEMPORARY_FAILURE: { throttled: 'sms.temporary-failure' },
  THROTTLED: { throttled: 'sms.throttled' },
};

/** Text messages by Amazon Pinpoint (SendMessages): for a project that has the channel, its quota and its numbers there. */
export function pinpointSms(now: Clock, config: PinpointClientConfig = {}, timeoutMs = 10_000): Deliver<OutgoingSms> {
  const call = oneCall(now, timeoutMs);
  const client = new PinpointClient({ ...config, ...call.config });
  return async ({ id, to, from, text, transactional, application }): Promise<ProviderResult> => {
    if (application === undefined) return mend('sms.application-missing');
    call.dropIdle();
    try {
      const answer = await client.send(
        new SendMessagesCommand({
          ApplicationId: application,
          MessageRequest: {
            TraceId: id,
            Addresses: { [to]: { ChannelType: 'SMS' } },
            MessageConfiguration: {
              SMSMessage: {
                Body: text,
                MessageType: transactional ? 'TRANSACTIONAL' : 'PROMOTIONAL',
                ...senderOf(from),
              },
            },
          },
        }),
      );
      return classify(answer.MessageResponse?.Result?.[to]);
    } catch (error) {
      return classifySdkError(error, 'sms', ({ name }) =>
        name === 'NotFoundException' ? mend('sms.application-missing') : undefined,
      );
    }
  };
}

/** Numbers have digits only; a sender ID has a letter. */
const senderOf = (from: string): Pick<SMSMessage, 'OriginationNumber' | 'SenderId'> =>
  /^\+?\d+$/.test(from) ? { OriginationNumber: from } : { SenderId: from };

function classify(result: MessageResult | undefined): ProviderResult {
  const status = result?.DeliveryStatus;
  if (status === 'SUCCESSFUL') return { handed: result?.MessageId ?? '' };
  return byStatus[status ?? ''] ?? { unknown: 'sms.unknown-failure' };
}
