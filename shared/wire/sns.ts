import { InvalidInput } from '../kernel/errors.ts';
import { parseInstant } from '../kernel/time.ts';

export type Fields = { readonly [name: string]: unknown };

/** A JSON document that was published to SNS (SNS developer guide, Parsing Amazon SNS message formats). */
export interface Publication {
  /** Is the same in every redelivery. */
  readonly id: string;
  readonly document: Fields;
  /** Epoch milliseconds. */
  readonly publishedAt?: number;
}

/**
 * The queue's subscription keeps the envelope (no raw delivery), whose MessageId redeliveries share. Confirmations of a
 * subscription are no publication, nor is the plain text with which SES tries out a new event destination.
 */
export function readPublication(envelope: Fields): Publication | { readonly ignored: 'not-a-receipt' } {
  if (typeof envelope['Type'] !== 'string') throw new InvalidInput('sns.envelope', 'an SNS message has a Type');
  if (envelope['Type'] !== 'Notification') return { ignored: 'not-a-receipt' };
  const { MessageId: id, Message: text } = envelope;
  if (typeof id !== 'string' || !/^[A-Za-z0-9_-]{1,80}$/.test(id) || typeof text !== 'string') {
    throw new InvalidInput('sns.envelope', 'an SNS notification has a MessageId and a Message');
  }
  if (/^Successfully validated SNS topic/.test(text)) return { ignored: 'not-a-receipt' };
  const publishedAt = readTime(envelope['Timestamp']);
  const document = parseFields(text, 'sns.message', 'the message');
  return { id, document, ...(publishedAt !== undefined && { publishedAt }) };
}

/** Epoch milliseconds. */
export const readTime = (value: unknown): number | undefined =>
  typeof value === 'string' ? parseInstant(value) : undefined;

/** Of a number: a time that a date can hold (ECMA-262, "Time Values and Time Range"). */
export const isTime = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= 8.64e15;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `${profileKey}-${digest}`: what every provider is given to say again. */
export const isMessageId = (value: unknown): value is string =>
  typeof value === 'string' && /^[aut][A-Za-z0-9_-]{22}-[A-Za-z0-9_-]{22}$/.test(value);

export function parseFields(text: string, code: string, what: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (isFields(value)) return value;
  throw new InvalidInput(code, `${what} (${text.length} characters) is not a JSON object`);
}
