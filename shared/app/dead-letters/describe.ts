import type { MailRecord } from '../../domain/mail-record.ts';
import type { Json } from '../../kernel/canonical-json.ts';
import { formatInstant } from '../../kernel/time.ts';
import type { DeadLetterQueueName } from '../../resources.ts';

/** What a letter is, in words that hold nothing of what a customer said. */
export interface Described {
  /** `letter.unreadable`: it can be read by no function as it is; `letter.given-up`: its work failed every time. */
  readonly reason: 'letter.given-up' | 'letter.unreadable';
  readonly what: { readonly [name: string]: Json };
}

export function describeLetter(queue: DeadLetterQueueName, body: string): Described {
  const document = parsed(body);
  const what = document === undefined ? undefined : read[queue](document);
  return what === undefined ? { reason: 'letter.unreadable', what: {} } : { reason: 'letter.given-up', what };
}

type Fields = { readonly [name: string]: Json };

const read: Record<DeadLetterQueueName, (body: Fields) => Fields | undefined> = {
  mailbox({ schema, key, received, hop, records }) {
    if (schema !== 1 || typeof key !== 'string' || !Array.isArray(records)) return undefined;
    const told = records as unknown as readonly MailRecord[];
    return { profile: key, received: instant(received), hop: hop ?? null, records: told.map(describeRecord) };
  },
  wakes: describeWake,
  soon: describeWake,
  cohorts: ({ due, keys }) =>
    Array.isArray(keys) ? { due: typeof due === 'string' ? due : null, profiles: keys.length } : undefined,
  // The envelope of SNS ("HTTP/HTTPS notification JSON format"), or what an app told.
  receipts({ Type, MessageId, Timestamp, schema }) {
    if (Type !== undefined) return { from: 'sns', notification: MessageId ?? null, at: Timestamp ?? null };
    return schema === 1 ? { from: 'app' } : undefined;
  },
};

function describeWake({ key, due }: Fields): Fields | undefined {
  return typeof key === 'string' ? { profile: key, due: instant(due) } : undefined;
}

/** Kind and ids: of an event the client's own, by which `GET /v1/events/{messageId}` finds it. */
export function describeRecord(record: MailRecord): Fields {
  if (record.t === 'event') {
    const { id, kind, name, at } = record.event;
    return { type: 'event', kind, name, messageId: id, at: instant(at) };
  }
  const { id, at, due, journey } = record as unknown as Fields;
  return {
    type: String(record.t),
    ...(typeof id === 'string' && { id }),
    ...(typeof journey === 'string' && { journey }),
    ...(at !== undefined && { at: instant(at) }),
    ...(due !== undefined && { due: instant(due) }),
  };
}

function parsed(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

const instant = (value: Json | undefined): string | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && Math.abs(value) <= 8.64e15 ? formatInstant(value) : null;

/** For what is shown whole. */
export const contentOf = (body: string): Json => (parsed(body) as Json | undefined) ?? `text of ${body.length}`;
