import {
  PinpointSMSVoiceV2Client,
  type PinpointSMSVoiceV2ClientConfig,
  SendTextMessageCommand,
} from '@aws-sdk/client-pinpoint-sms-voice-v2';
import type { Deliver, OutgoingSms, ProviderResult } from '../../app/delivery.ts';
import type { Clock } from '../../app/ports.ts';
import { oneCall } from '../one-call.ts';
import { classifySmsError } from './sms-errors.ts';

/** Key of the context by which receipts find their message. */
export const smsContext = { message: 'godwit_message' } as const;

/** TimeToLive, in seconds (API reference of End User Messaging SMS and Voice v2, SendTextMessage). */
const minTtlSeconds = 5;
const maxTtlSeconds = 259_200;

/** Text messages by AWS End User Messaging (SendTextMessage), which has no idempotency token: one call. */
export function endUserMessaging(
  now: Clock,
  config: PinpointSMSVoiceV2ClientConfig = {},
  timeoutMs = 10_000,
): Deliver<OutgoingSms> {
  const call = oneCall(now, timeoutMs);
  const client = new PinpointSMSVoiceV2Client({ ...config, ...call.config });
  return async ({
    id,
    to,
    from,
    text,
    transactional,
    configurationSet,
    maxPrice,
    expiresAt,
  }): Promise<ProviderResult> => {
    call.dropIdle();
    try {
      const answer = await client.send(
        new SendTextMessageCommand({
          DestinationPhoneNumber: to,
          OriginationIdentity: from,
          MessageBody: text,
          MessageType: transactional ? 'TRANSACTIONAL' : 'PROMOTIONAL',
          Context: { [smsContext.message]: id },
          ...(configurationSet !== undefined && { ConfigurationSetName: configurationSet }),
          ...(maxPrice !== undefined && { MaxPrice: maxPrice }),
          ...(expiresAt !== undefined && { TimeToLive: ttlSeconds(expiresAt - now()) }),
        }),
      );
      return { handed: answer.MessageId ?? '' };
    } catch (error) {
      return classifySmsError(error);
    }
  };
}

const ttlSeconds = (leftMs: number): number =>
  Math.min(maxTtlSeconds, Math.max(minTtlSeconds, Math.floor(leftMs / 1_000)));
