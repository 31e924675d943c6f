import { type MessageHeader, SESv2Client, type SESv2ClientConfig, SendEmailCommand } from '@aws-sdk/client-sesv2';
import type { Deliver, OutgoingEmail, ProviderResult } from '../../app/delivery.ts';
import type { Clock } from '../../app/ports.ts';
import { quickly } from '../../aws/quick-calls.ts';
import { oneCall } from '../one-call.ts';
import { encodeMailbox } from './mailbox-header.ts';
import { classifySesError } from './ses-errors.ts';

/** Names of the message tags by which receipts find their message. */
export const sesTags = { message: 'godwit_message', journey: 'godwit_journey', step: 'godwit_step' } as const;

/** E-mail by Amazon SES (API v2, SendEmail), which has no idempotency token: one call, whatever comes of it. */
export function sesEmail(now: Clock, config: SESv2ClientConfig = {}, timeoutMs = 10_000): Deliver<OutgoingEmail> {
  const call = oneCall(now, timeoutMs);
  const client = quickly(new SESv2Client({ ...config, ...call.config }), 'its-own-handler');
  return async (message): Promise<ProviderResult> => {
    call.dropIdle();
    const utf8 = (Data: string) => ({ Data, Charset: 'UTF-8' });
    try {
      const answer = await client.send(
        new SendEmailCommand({
          FromEmailAddress: encodeMailbox(message.from),
          Destination: { ToAddresses: [message.to] },
          ...(message.replyTo !== undefined && { ReplyToAddresses: [encodeMailbox(message.replyTo)] }),
          ConfigurationSetName: message.configurationSet,
          EmailTags: tagsOf(message),
          Content: {
            Simple: {
              Subject: utf8(message.subject),
              Body: { Text: utf8(message.text), ...(message.html !== undefined && { Html: utf8(message.html) }) },
              ...(message.unsubscribeUrl !== undefined && { Headers: unsubscribeHeaders(message.unsubscribeUrl) }),
            },
          },
        }),
      );
      return { handed: answer.MessageId ?? '' };
    } catch (error) {
      return classifySesError(error, message.from);
    }
  };
}

/** RFC 8058: mail programs unsubscribe with one POST. SES allows each of the two once, at most 996 characters. */
function unsubscribeHeaders(url: string): MessageHeader[] {
  return [
    { Name: 'List-Unsubscribe', Value: `<${url}>` },
    { Name: 'List-Unsubscribe-Post', Value: 'List-Unsubscribe=One-Click' },
  ];
}

/** SES takes A-Z, a-z, 0-9, _ and - in tags, at most 256 characters: all our ids are made of these. */
function tagsOf({ id, origin }: OutgoingEmail) {
  return [
    { Name: sesTags.message, Value: id },
    ...(origin === undefined
      ? []
      : [
          { Name: sesTags.journey, Value: origin.journey },
          { Name: sesTags.step, Value: origin.step },
        ]),
  ];
}
