import type { MailRecord } from '../domain/mail-record.ts';
import { addressHash } from '../domain/messaging/address.ts';
import { InvalidInput } from '../kernel/errors.ts';
import type { ProfileKey } from '../kernel/ids.ts';
import { isMachine } from '../wire/email-machines.ts';
import { type ProviderReceipt, readNotification } from '../wire/receipt.ts';
import type {
  Clock,
  Mailbox,
  MessageRecord,
  Metrics,
  OptOutStore,
  OutgoingMail,
  SuppressionStore,
  UnknownMessages,
} from './ports.ts';
import { type Keyword, keywordIn, takeKeyword } from './receive-keywords.ts';
import { foundOut, settleUnknown } from './settle-unknown.ts';

/**
 * Receipts of providers → mailboxes.
 *
 * 1. A permanent bounce or a complaint suppresses the address before anything else: what is on its way to `send` must
 *    already find it (G10).
 * 2. The message's row is marked first: what it says of journey, step and topic goes with the receipt, so that the
 *    actor need not remember its messages, and no channel's provider has to carry it for us.
 * 3. A message that was `unknown` until now is settled by what its receipts say (settle-unknown.ts).
 * 4. Every part is idempotent and keyed by the notification's id, so that a notification may come any number of times.
 * 5. A keyword that somebody texts is no receipt, and takes a way of its own (receive-keywords.ts).
 * 6. What an app tells comes with a key that anybody may read out of it: it counts of a message that has a row.
 * 7. That a message was delivered stays on its row, where nobody asked for it when it was decided (ADR 49).
 * 8. What is not about a message of ours is counted and dropped; what cannot be read fails and ends in the
 *    dead-letter queue, where somebody looks at it.
 */
export interface ReceiptPorts {
  readonly mailbox: Mailbox;
  readonly suppressions: SuppressionStore & OptOutStore;
  readonly marks: ReceiptMarks;
  readonly unknown: Pick<UnknownMessages, 'settle'>;
  readonly metrics: Metrics;
  /** Told of what failed: an id of the queue, never a body. */
  readonly onFailed: (id: string, error: unknown) => void;
  readonly now: Clock;
}

export interface ReceiptMarks {
  /** Writes down when it happened first, and answers what the row said before; nothing when the message has no row. */
  mark(
    key: ProfileKey,
    message: string,
    was: ProviderReceipt['was'],
    at: number,
    providerId?: string,
  ): Promise<MessageRecord | undefined>;
}

interface Read {
  readonly id: string;
  readonly receipt: ProviderReceipt;
  message?: MessageRecord | undefined;
}

const isUnknown = ({ receipt, message }: Read): boolean => receipt.byApp === true && message === undefined;

export interface Notification {
  /** Of the queue's message. */
  readonly id: string;
  readonly body: string;
}

/** Answers the ids of those that must come again. */
export async function receiveReceipts(notifications: readonly Notification[], ports: ReceiptPorts): Promise<string[]> {
  const failed = new Set<string>();
  const fail = (id: string, error: unknown) => {
    failed.add(id);
    ports.onFailed(id, error);
  };
  const read: Read[] = [];
  const keywords: { readonly queued: string; readonly keyword: Keyword }[] = [];
  for (const { id, body } of notifications) {
    try {
      const said = readNotification(body);
      const keyword = 'text' in said ? keywordIn(said) : undefined;
      if (keyword !== undefined) keywords.push({ queued: id, keyword });
      else if ('was' in said) read.push({ id, receipt: said });
      else ports.metrics.count('ReceiptsIgnored');
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      fail(id, error);
    }
  }
  const each = async (step: (one: Read) => Promise<unknown>) => {
    const open = read.filter(({ id }) => !failed.has(id));
    await Promise.all(open.map((one) => step(one).catch((error: unknown) => fail(one.id, error))));
  };
  await each(({ receipt }) => suppress(receipt, ports));
  await each(async (one) => {
    const { message, was, at, providerId } = one.receipt;
    one.message = await ports.marks.mark(keyOf(one.receipt), message, was, at, providerId);
  });
  const marked = read.filter(({ id }) => !failed.has(id));
  const known = marked.filter((one) => !isUnknown(one));
  if (known.length < marked.length) ports.metrics.count('ReceiptsIgnored', marked.length - known.length);
  await post(
    known.filter(({ receipt, message }) => receipt.was !== 'delivered' || message?.unasked !== true),
    ports,
    fail,
  );
  await each((one) => settle(one, ports));

  for (const { queued, keyword } of keywords) {
    await takeKeyword(keyword, ports).catch((error: unknown) => fail(queued, error));
  }

  const taken = [...known.map(({ id }) => id), ...keywords.map(({ queued }) => queued)].filter(
    (id) => !failed.has(id),
  ).length;
  if (taken > 0) ports.metrics.count('ReceiptsReceived', taken);
  if (failed.size > 0) ports.metrics.count('ReceiptsFailed', failed.size);
  return [...failed];
}

async function post(
  open: readonly Read[],
  { mailbox, now }: ReceiptPorts,
  fail: (id: string, error: unknown) => void,
): Promise<void> {
  if (open.length === 0) return;
  const received = now();
  try {
    const refused = await mailbox.send(open.map((one) => toMail(one, received)));
    for (const { index, code } of refused) fail(open[index]!.id, new InvalidInput(code, 'refused by the mailbox'));
  } catch (error) {
    for (const { id } of open) fail(id, error);
  }
}

async function suppress(receipt: ProviderReceipt, { suppressions }: ReceiptPorts): Promise<void> {
  const reason = suppressionOf(receipt);
  if (reason === undefined) return;
  for (const recipient of receipt.recipients) {
    const { channel, at } = receipt;
    const hash = addressHash(channel, recipient);
    await suppressions.put({ channel, addressHash: hash, topic: null, reason, at });
  }
}

function suppressionOf({
  was,
  permanent,
  optedOut,
}: ProviderReceipt): 'bounce' | 'complaint' | 'unsubscribe' | undefined {
  if (was === 'complained') return 'complaint';
  if (was === 'bounced' && permanent === true) return 'bounce';
  return optedOut === true ? 'unsubscribe' : undefined;
}

/** Behind the receipt in the mailbox: what the actor remembers of the message's address goes when its place is given back. */
async function settle({ receipt: { was, at }, message }: Read, { now, ...ports }: ReceiptPorts): Promise<void> {
  const found = message && foundOut(message, { ...message.receipts, [was]: at });
  if (found !== undefined) await settleUnknown(message!, found, { ...ports, clock: now });
}

/** Our message id begins with the key of its profile (decision.ts, MessageRequest). */
const keyOf = (receipt: ProviderReceipt): ProfileKey => receipt.message.slice(0, 23);

/** Only of a row that says `sent` and always has, or says nothing on purpose: what is unknown is found out late. */
function acceptedAt(row: MessageRecord | undefined): number | undefined {
  if (row === undefined) return undefined;
  const { st, quiet, unknownAt, at, receipts } = row;
  const isSent = (st === 'sent' && unknownAt === undefined) || (st === 'handing' && quiet === true);
  return receipts?.['delivered'] ?? (isSent ? at : undefined);
}

function toMail({ receipt, message: row }: Read, received: number): OutgoingMail {
  const { id, channel, message, was, at, permanent, link } = receipt;
  const reason = suppressionOf(receipt);
  const record: MailRecord = {
    t: 'receipt',
    id,
    at,
    message,
    channel,
    was,
    ...(permanent !== undefined && { permanent }),
    ...(link !== undefined && { link }),
    ...(reason !== undefined && { suppress: reason }),
    ...(isMachine(receipt, acceptedAt(row)) && { machine: true }),
    ...(row?.topic !== undefined && { topic: row.topic }),
    ...(row?.journey !== undefined && { journey: row.journey }),
    ...(row?.step !== undefined && { step: row.step }),
  };
  return { id, mail: { schema: 1, key: keyOf(receipt), received, hop: 0, records: [record] } };
}
