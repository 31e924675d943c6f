import { InvalidInput } from '../kernel/errors.ts';
import { parseInstant } from '../kernel/time.ts';

/**
 * Event publishing of Amazon SES through SNS (SES developer guide, Examples of event data). The queue's subscription
 * keeps the SNS envelope (no raw delivery): its MessageId is the same in every redelivery, and so is the record's id.
 */
export interface EmailReceipt {
  /** MessageId of the SNS envelope. */
  readonly id: string;
  /** Our message id, from the tag that `send` gave the mail. */
  readonly message: string;
  readonly was: 'delivered' | 'delayed' | 'bounced' | 'complained' | 'opened' | 'clicked' | 'rejected';
  /** When it happened; epoch milliseconds. */
  readonly at: number;
  /** bounced only: the address will never work. */
  readonly permanent?: boolean;
  /** clicked only. */
  readonly link?: string;
  /** opened and clicked: of who did it. */
  readonly userAgent?: string;
  /** bounced and complained: the addresses it is about. */
  readonly recipients: readonly string[];
}

/** Well-formed and not for us, or nothing that anybody waits for. */
interface IgnoredNotification {
  readonly ignored: 'no-tag' | 'other-type' | 'not-a-receipt' | 'not-spam';
}

const messageTag = 'godwit_message';
/** `${profileKey}-${digest}`. */
const messageId = /^[aut][A-Za-z0-9_-]{22}-[A-Za-z0-9_-]{22}$/;
const maxLinkCharacters = 2_000;
const maxAgentCharacters = 500;

type Fields = { readonly [name: string]: unknown };
type Kind = Pick<EmailReceipt, 'was'> & {
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

/** Throws InvalidInput for what is malformed. */
export function readSesNotification(body: string): EmailReceipt | IgnoredNotification {
  const envelope = parseFields(body, 'sns.envelope', 'the body');
  if (typeof envelope['Type'] !== 'string') throw new InvalidInput('sns.envelope', 'an SNS message has a Type');
  // Confirmations of a subscription, and the plain text with which SES tries out a new event destination.
  if (envelope['Type'] !== 'Notification') return { ignored: 'not-a-receipt' };
  const { MessageId: id, Message: text } = envelope;
  if (typeof id !== 'string' || !/^[A-Za-z0-9_-]{1,80}$/.test(id) || typeof text !== 'string') {
    throw new InvalidInput('sns.envelope', 'an SNS notification has a MessageId and a Message');
  }
  if (/^Successfully validated SNS topic/.test(text)) return { ignored: 'not-a-receipt' };
  return readEvent(id, parseFields(text, 'ses.event', 'the message'), envelope['Timestamp']);
}

function readEvent(id: string, event: Fields, published: unknown): EmailReceipt | IgnoredNotification {
  const type = event['eventType'] ?? event['notificationType'];
  const mail = event['mail'];
  if (typeof type !== 'string' || !isFields(mail)) {
    throw new InvalidInput('ses.event', 'an SES event has an eventType and a mail');
  }
  const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined;
  if (kind === undefined) return { ignored: 'other-type' };
  const message =
    isFields(mail['tags']) && Array.isArray(mail['tags'][messageTag]) ? mail['tags'][messageTag][0] : undefined;
  if (typeof message !== 'string' || !messageId.test(message)) return { ignored: 'no-tag' };
  const detail = isFields(event[kind.detail]) ? (event[kind.detail] as Fields) : {};
  // The one kind of feedback that asks for more (RFC 5965, Feedback-Type).
  if (kind.was === 'complained' && detail['complaintFeedbackType'] === 'not-spam') return { ignored: 'not-spam' };
  const at = [detail['timestamp'], published, mail['timestamp']].map(readTime).find((time) => time !== undefined);
  if (at === undefined) throw new InvalidInput('ses.event', 'an SES event has a timestamp');
  const link =
    kind.was === 'clicked' && typeof detail['link'] === 'string'
      ? detail['link'].slice(0, maxLinkCharacters)
      : undefined;
  return {
    id,
    message,
    was: kind.was,
    at,
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

const readTime = (value: unknown) => (typeof value === 'string' ? parseInstant(value) : undefined);

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parseFields(text: string, code: string, what: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (isFields(value)) return value;
  throw new InvalidInput(code, `${what} (${text.length} characters) is not a JSON object`);
}
