import type { ToldRecord } from '../../domain/mail-record.ts';
import { readMessageId } from '../../domain/messaging/message-id.ts';
import { NotFound, Permanent } from '../../kernel/errors.ts';
import type { ProfileKey } from '../../kernel/ids.ts';
import { receiptId } from '../outcome.ts';
import type { Mailbox } from '../ports.ts';
import { keysOf, knownProfile } from '../profiles/find-profile.ts';
import type { ReceiptMarks } from '../receive-receipts.ts';
import type { InboxMessage, InboxStore } from './inbox.ts';
import { type InboxPorts, isShown, shownMessages } from './read-inbox.ts';

/**
 * What an app tells of a message is its receipt: read is opened, and clicked is clicked with the message's link.
 *
 * 1. The receipt goes first and the inbox is marked last, so that what was cut off in between is told again, with the
 *    same ids; what is marked already is told no more, however often an app repeats itself.
 * 2. Never backwards: the first time counts, and there is no unread.
 * 3. Who clicked has read.
 */
export interface MarkPorts extends InboxPorts {
  readonly inbox: Pick<InboxStore, 'list' | 'remove' | 'read' | 'note' | 'dismiss'>;
  readonly marks: ReceiptMarks;
  readonly mailbox: Mailbox;
}

type Was = 'opened' | 'clicked';
const attributeOf = { opened: 'readAt', clicked: 'clickedAt' } as const;

export async function markMessage(reader: ProfileKey, id: string, was: Was, ports: MarkPorts): Promise<void> {
  const { key, consents } = await ownerOf(reader, id, ports);
  const message = await ports.inbox.read(key, id);
  if (message === undefined || !isShown(message, consents, ports.now())) throw noMessage();
  await tell(was === 'clicked' ? ['opened', 'clicked'] : ['opened'], [message], ports);
}

export async function markAllRead(reader: ProfileKey, ports: MarkPorts): Promise<void> {
  await tell(['opened'], await shownMessages(reader, ports), ports);
}

export async function dismissMessage(reader: ProfileKey, id: string, ports: MarkPorts): Promise<void> {
  const { key } = await ownerOf(reader, id, ports);
  if (!(await ports.inbox.dismiss({ key, id }, ports.now()))) throw noMessage();
}

/** Whose message it is, if it is this reader's at all: the id begins with the profile that it was decided for. */
async function ownerOf(reader: ProfileKey, id: string, { profiles }: MarkPorts) {
  const key = readMessageId(id)?.key;
  const stored = key === undefined ? undefined : await knownProfile(profiles, reader);
  if (key === undefined || stored === undefined || !keysOf(stored).includes(key)) throw noMessage();
  return { key, consents: stored.profile.consents };
}

const noMessage = () => new NotFound('inbox.message-not-found', 'there is no such message in this inbox');

async function tell(all: readonly Was[], messages: readonly InboxMessage[], ports: MarkPorts): Promise<void> {
  const at = ports.now();
  const news = messages.flatMap((message) =>
    all.filter((was) => message[attributeOf[was]] === undefined).map((was) => ({ message, was })),
  );
  if (news.length === 0) return;
  await Promise.all(news.map(({ message: { key, id }, was }) => ports.marks.mark(key, id, was, at)));
  const mails = news.map(({ message, was }) => {
    const record = receiptOf(message, was, at);
    return { id: record.id, mail: { schema: 1, key: message.key, received: at, hop: 0, records: [record] } as const };
  });
  for (const { code } of await ports.mailbox.send(mails)) {
    throw new Permanent('mailbox.refused', `the mailbox does not take this: ${code}`);
  }
  await Promise.all(news.map(({ message, was }) => ports.inbox.note(message, attributeOf[was], at)));
}

function receiptOf(
  { id, topic, journey, step, content: { link } }: InboxMessage,
  was: Was,
  at: number,
): Extract<ToldRecord, { readonly t: 'receipt' }> {
  return {
    t: 'receipt',
    id: receiptId(id, was),
    at,
    message: id,
    channel: 'in-app',
    was,
    topic,
    ...(journey !== undefined && { journey }),
    ...(step !== undefined && { step }),
    ...(was === 'clicked' && link !== undefined && { link }),
  };
}
