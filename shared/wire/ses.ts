import { InvalidInput } from '../kernel/errors.ts';
import type { IgnoredNotification, ProviderReceipt } from './receipt.ts';
import { type Fields, isFields, isMessageId, type Publication, readTime } from './sns.ts';

const messageTag = 'godwit_message';
const maxLinkCharacters = 2_000;
const maxAgentCharacters = 500;
/** SES has 60. */
const maxIdCharacters = 100;

type Kind = Pick<ProviderReceipt, 'was'> & {
  readonly detail: string;
  readonly recipients?: string;
  /** Somebody did it, or something. */
  readonly isDone?: true;
};

const kinds: { readonly [eventType: string]: Kind } = {
  Delivery: { was: 'delivered', detail: 'delivery' },
  DeliveryDelay: { was: 'delayed', detail: 'deliveryDelay' },
  Bounce: { was: 'bounced', detail: 'bounce', recipients: 'bouncedRecipients' },
  Complaint: { was: 'complained', detail: 'complaint', recipients: 'complainedRecipients' },
  Open: { was: 'opened', detail: 'open', isDone: true },
  Click: { was: 'clicked', detail: 'click', isDone: true },
  Reject: { was: 'rejected', detail: 'reject' },
  'Rendering Failure': { was: 'rejected', detail: 'failure' },
};

/** Event publishing of Amazon SES through SNS (SES developer guide, Examples of event data). */
export function readSesEvent({ id, document: event, publishedAt }: Publication): ProviderReceipt | IgnoredNotification {
  const type = event['eventType'] ?? event['notificationType'];
  const mail = event['mail'];
  if (typeof type !== 'string' || !isFields(mail)) {
    throw new InvalidInput('ses.event', 'an SES event has an eventType and a mail');
  }
  const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined;
  if (kind === undefined) return { ignored: 'other-type' };
  const message =
    isFields(mail['tags']) && Array.isArray(mail['tags'][messageTag]) ? mail['tags'][messageTag][0] : undefined;
  if (!isMessageId(message)) return { ignored: 'no-tag' };
  const detail = isFields(event[kind.detail]) ? (event[kind.detail] as Fields) : {};
  // The one kind of feedback that asks for more (RFC 5965, Feedback-Type).
  if (kind.was === 'complained' && detail['complaintFeedbackType'] === 'not-spam') return { ignored: 'not-spam' };
  const at = readTime(detail['timestamp']) ?? publishedAt ?? readTime(mail['timestamp']);
  if (at === undefined) throw new InvalidInput('ses.event', 'an SES event has a timestamp');
  const link =
    kind.was === 'clicked' && typeof detail['link'] === 'string'
      ? detail['link'].slice(0, maxLinkCharacters)
      : undefined;
  return {
    ...{ id, channel: 'email', message, was: kind.was, at },
    ...(typeof mail['messageId'] === 'string' && { providerId: mail['messageId'].slice(0, maxIdCharacters) }),
    ...(kind.was === 'bounced' && { permanent: detail['bounceType'] === 'Permanent' }),
    ...(link !== undefined && { link }),
    ...(typeof detail['userAgent'] === 'string' &&
      kind.isDone && { userAgent: detail['userAgent'].slice(0, maxAgentCharacters) }),
    recipients: kind.recipients === undefined ? [] : readRecipients(detail[kind.recipients], mail['destination']),
  };
}

/** A report that names nobody is about everybody the mail went to. */
function readRecipients(reported: unknown, destination: unknown): string[] {
  const named = Array.isArray(reported) ? reported.map((one) => (isFields(one) ? one['emailAddress'] : undefined)) : [];
  const found = named.length > 0 ? named : Array.isArray(destination) ? destination : [];
  return found.filter((one): one is string => typeof one === 'string').map(bareAddress);
}

/** `Name <address>` → address. */
const bareAddress = (text: string): string => /<([^<>]+)>\s*$/.exec(text)?.[1] ?? text;
