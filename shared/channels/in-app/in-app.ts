import type { Deliver, OutgoingInApp, ProviderResult } from '../../app/delivery.ts';
import type { InboxMessage, InboxStore } from '../../app/inbox/inbox.ts';
import { neverSent } from '../network-error.ts';

/**
 * A message for the customer's app. Its provider is a table: a put that is conditional on the message's id stores it
 * exactly once, whatever was cut off and however often it is tried. That is more than G3 promises, so what is unknown is
 * tried again (`repeatable` in the channel's spec).
 */
export function inApp({ put }: Pick<InboxStore, 'put'>): Deliver<OutgoingInApp> {
  return async (message) => {
    try {
      await put(toStored(message));
      return { handed: '' };
    } catch (error) {
      return classify(error);
    }
  };
}

function toStored({ key, id, topic, origin, content, at, expiresAt }: OutgoingInApp): InboxMessage {
  return { key, id, topic, ...origin, content, at, expiresAt };
}

const throttled =
  /^(Throttling|ProvisionedThroughputExceeded|RequestLimitExceeded|LimitExceeded|TransactionConflict)(Exception)?$/;

/** Ours to mend: wait long, and raise an alarm. */
const misconfiguredRetrySeconds = 900;

/** DynamoDB developer guide, "Error handling with DynamoDB". */
function classify(error: unknown): ProviderResult {
  const { name = '', $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode;
  if (throttled.test(name) || status === 429) return { throttled: 'inbox.throttled' };
  // Among them: no right to the table, no such table, its key is switched off, no credentials.
  if (name === 'ValidationException') return { refused: 'inbox.bad-request' };
  if (status !== undefined && status >= 400 && status < 500) {
    return { throttled: 'inbox.not-permitted', retryAfterSeconds: misconfiguredRetrySeconds, alarm: true };
  }
  if (name === 'CredentialsProviderError') {
    return { throttled: 'inbox.no-credentials', retryAfterSeconds: misconfiguredRetrySeconds, alarm: true };
  }
  if (status === undefined && neverSent(error)) return { throttled: 'inbox.unreachable' };
  return { unknown: status === undefined ? 'inbox.no-answer' : 'inbox.server-error' };
}
