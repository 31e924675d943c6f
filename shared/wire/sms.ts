import { InvalidInput } from '../kernel/errors.ts';
import type { IgnoredNotification, ProviderReceipt } from './receipt.ts';
import { isFields, isMessageId, isTime, type Publication } from './sns.ts';

const messageContext = 'godwit_message';

type Kind = Pick<ProviderReceipt, 'was' | 'permanent'>;

const delivered: Kind = { was: 'delivered' };
/** Another message may well arrive. */
const notThisTime: Kind = { was: 'bounced', permanent: false };
/** Nothing of the number: what was said, or our own account, is in the way. */
const rejected: Kind = { was: 'rejected' };

/**
 * By event type (AWS End User Messaging SMS user guide, "Event types for SMS, MMS, and voice"). TEXT_QUEUED, TEXT_PENDING
 * and TEXT_SENT say that more will come, and TEXT_UNKNOWN, which may come 72 hours later, that nobody will ever know:
 * none of them is a receipt.
 */
const kinds: { readonly [eventType: string]: Kind } = {
  // Which of the two comes depends on the country.
  TEXT_DELIVERED: delivered,
  TEXT_SUCCESSFUL: delivered,
  // A phone that is switched off or out of reach; a carrier with a passing fault.
  TEXT_UNREACHABLE: notThisTime,
  TEXT_CARRIER_UNREACHABLE: notThisTime,
  TEXT_TTL_EXPIRED: notThisTime,
  // By the phone or by the carrier, which may be over next week.
  TEXT_BLOCKED: notThisTime,
  TEXT_CARRIER_BLOCKED: notThisTime,
  TEXT_INVALID: { was: 'bounced', permanent: true },
  TEXT_INVALID_MESSAGE: rejected,
  TEXT_SPAM: rejected,
  TEXT_PROTECT_BLOCKED: rejected,
};

/** One event of a text message (user guide, "Example AWS End User Messaging SMS event data"). */
export function readSmsEvent({ id, document: event }: Publication): ProviderReceipt | IgnoredNotification {
  const { eventType, eventTimestamp: at, destinationPhoneNumber: number, messageStatusDescription, context } = event;
  if (typeof eventType !== 'string' || !isTime(at) || typeof number !== 'string') {
    throw new InvalidInput(
      'sms.event',
      'an SMS event has an eventType, an eventTimestamp and a destinationPhoneNumber',
    );
  }
  const kind = Object.hasOwn(kinds, eventType) ? kinds[eventType]! : undefined;
  if (kind === undefined) return { ignored: 'other-type' };
  const message = isFields(context) ? context[messageContext] : undefined;
  if (!isMessageId(message)) return { ignored: 'no-tag' };
  // "Phone number is opted out" (SNS developer guide, "SMS delivery failure reasons"): no type of its own says so.
  const optedOut = typeof messageStatusDescription === 'string' && /opted.out/i.test(messageStatusDescription);
  return {
    ...{ id, channel: 'sms', message, at: Math.trunc(at), ...kind },
    ...(kind.was === 'bounced' && optedOut && { optedOut }),
    recipients: kind.was === 'bounced' ? [number] : [],
  };
}

/** What somebody answered (user guide, "Example of a two-way SMS message payload for Amazon SNS topics"). */
export interface InboundSms {
  readonly id: string;
  readonly from: string;
  readonly text: string;
  /** When it was published, epoch milliseconds: the payload has no time of its own. */
  readonly at: number;
}

export function readInboundSms({ id, document: inbound, publishedAt: at }: Publication): InboundSms {
  const { originationNumber: from, messageBody: text } = inbound;
  if (typeof from !== 'string' || typeof text !== 'string' || at === undefined) {
    throw new InvalidInput('sms.inbound', 'an inbound SMS has an originationNumber, a messageBody and a time');
  }
  return { id, from, text, at };
}
