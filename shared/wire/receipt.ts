import { InvalidInput } from '../kernel/errors.ts';
import { readAppReceipt } from './push-events.ts';
import { readSesEvent } from './ses.ts';
import { type InboundSms, readInboundSms, readSmsEvent } from './sms.ts';
import { type Publication, parseFields, readPublication } from './sns.ts';

/** What a provider says of a message of ours. */
export interface ProviderReceipt {
  /** MessageId of the SNS envelope. */
  readonly id: string;
  readonly channel: 'email' | 'sms' | 'push';
  /** Our message id, which `send` gave the provider with the message. */
  readonly message: string;
  /** The provider's own id of it, where it says it. */
  readonly providerId?: string;
  readonly was: 'delivered' | 'delayed' | 'bounced' | 'complained' | 'opened' | 'clicked' | 'rejected';
  /** When it happened; epoch milliseconds. */
  readonly at: number;
  /** bounced only: the address will never work. */
  readonly permanent?: boolean;
  /** clicked only. */
  readonly link?: string;
  /** opened and clicked: of who did it. */
  readonly userAgent?: string;
  /** bounced only: the address is on the provider's own list of those who do not want anything. */
  readonly optedOut?: true;
  /** Told with a key that apps hold, and not by a provider: it counts only of a message that there is. */
  readonly byApp?: true;
  /** bounced and complained: the addresses it is about. */
  readonly recipients: readonly string[];
}

/** Well-formed and not for us, or nothing that anybody waits for. */
export interface IgnoredNotification {
  readonly ignored: 'no-tag' | 'other-type' | 'not-a-receipt' | 'not-spam';
}

export type ReadNotification = ProviderReceipt | InboundSms | IgnoredNotification;
type Reader = (publication: Publication) => ReadNotification;

/** By a field that only this provider's documents have. */
const readers: readonly { readonly field: string; readonly read: Reader }[] = [
  { field: 'mail', read: readSesEvent },
  { field: 'inboundMessageId', read: readInboundSms },
  { field: 'destinationPhoneNumber', read: readSmsEvent },
];

/** Of any provider that publishes to SNS, or of an app. Throws InvalidInput for what is malformed. */
export function readNotification(body: string): ReadNotification {
  const fields = parseFields(body, 'sns.envelope', 'the body');
  if (fields['app'] === 'push') return readAppReceipt(fields);
  const publication = readPublication(fields);
  if ('ignored' in publication) return publication;
  const reader = readers.find(({ field }) => Object.hasOwn(publication.document, field));
  if (reader === undefined) throw new InvalidInput('receipt.unknown', 'the message is no event of a known provider');
  return reader.read(publication);
}
