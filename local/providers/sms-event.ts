/** Events of text messages (End User Messaging SMS user guide, "Example AWS End User Messaging SMS event data"). */
import type { CapturedMessage } from '../inbox/inbox.ts';

interface TextEvent {
  eventType: string;
  description: string;
  /** Nothing more will be said of it. */
  isFinal: boolean;
}

const final = (eventType: string, description: string): TextEvent => ({ eventType, description, isFinal: true });
const passing = (eventType: string, description: string): TextEvent => ({ eventType, description, isFinal: false });

/** By the name under which the inbox plays it. */
export const textEvents: Record<string, TextEvent> = {
  pending: passing('TEXT_PENDING', 'Message is pending'),
  delivered: final('TEXT_DELIVERED', 'Message has been accepted by phone'),
  successful: final('TEXT_SUCCESSFUL', 'Message has been accepted by phone carrier'),
  unreachable: final('TEXT_UNREACHABLE', 'Phone is currently unreachable/unavailable'),
  carrierUnreachable: final('TEXT_CARRIER_UNREACHABLE', 'Phone carrier is currently unreachable/unavailable'),
  blocked: final('TEXT_BLOCKED', 'Phone has blocked SMS'),
  carrierBlocked: final('TEXT_CARRIER_BLOCKED', 'Phone carrier has blocked this message'),
  invalid: final('TEXT_INVALID', 'Invalid phone number'),
  invalidMessage: final('TEXT_INVALID_MESSAGE', 'Message is invalid'),
  spam: final('TEXT_SPAM', 'Blocked as spam by phone carrier'),
  ttlExpired: final('TEXT_TTL_EXPIRED', 'Message expired before it was delivered'),
  /** Up to 72 hours later, when the carrier has not said what became of it. */
  unknown: final('TEXT_UNKNOWN', 'Unknown error attempting to reach phone'),
};

/** Encoding, parts and price are left out: the local cloud counts none of them. */
export function textEvent(
  message: CapturedMessage,
  { eventType, description, isFinal }: TextEvent,
  at: number,
): object {
  return {
    eventType,
    eventVersion: '1.0',
    eventTimestamp: at,
    isFinal,
    originationPhoneNumber: message.from,
    destinationPhoneNumber: message.to,
    messageId: message.providerMessageId,
    messageRequestTimestamp: Date.parse(message.at),
    messageType: message.tags['MessageType'],
    messageStatus: eventType.slice('TEXT_'.length),
    messageStatusDescription: description,
    context: message.messageId === undefined ? {} : { godwit_message: message.messageId },
  };
}

/** What a phone answers ("Example of a two-way SMS message payload for Amazon SNS topics"). */
export const inboundMessage = (message: CapturedMessage, text: string, id: string): object => ({
  originationNumber: message.to,
  destinationNumber: message.from,
  messageKeyword: `KEYWORD_${message.from}`,
  messageBody: text,
  inboundMessageId: id,
  previousPublishedMessageId: message.providerMessageId,
});
