import type { MailRecord } from '../../domain/mail-record.ts';
import type { Json } from '../../kernel/canonical-json.ts';
import { Conflict, NotFound } from '../../kernel/errors.ts';
import { digest } from '../../kernel/ids.ts';
import { type DeadLetterQueueName, deadLetterQueues } from '../../resources.ts';
import type { Mailbox, OutgoingMail, ParkedNote } from '../ports.ts';
import type { DeadLetterPorts, Depth } from './ports.ts';

/** So many parked records are sent by one call. */
export const PARKED_AT_ONCE = 200;

/** What nobody sends again without having named it. */
const endless = 'record.too-many-hops';

/** Goes on by itself; how many letters there were when it began. */
export async function redriveQueue(
  { queues }: Pick<DeadLetterPorts, 'queues'>,
  queue: DeadLetterQueueName,
): Promise<Depth> {
  if (!deadLetterQueues[queue].goesBack) {
    throw new Conflict(
      'dead-letters.no-way-back',
      `letters of "${queue}" came from no queue: a sweep wakes all whom they are about`,
    );
  }
  const depth = await queues.depth(queue);
  if (depth.waiting + depth.inWork > 0) await queues.redrive(queue);
  return depth;
}

export interface Retried {
  /** Ids of those that lie in the mailbox again. */
  readonly sent: readonly string[];
  /** Those that are not sent, and why. */
  readonly left: readonly { readonly id: string; readonly code: string }[];
  /** Those that had been decided meanwhile, or are not kept any more; they are listed no longer. */
  readonly over: readonly string[];
}

/**
 * Sends parked records again, each as a mail of its own.
 *
 * 1. A parked record does not make another copy a duplicate (protocol.md, step 9), and what was decided does: sent
 *    twice, it has one effect.
 * 2. It leaves the list when the mailbox has it. Parked again, it comes onto the list again.
 * 3. One that had gone round too often goes only when it is named.
 *
 * @param id of one; absent: a page of all.
 */
export async function retryParked(
  ports: Pick<DeadLetterPorts, 'parked'> & { readonly mailbox: Mailbox },
  commandId: string,
  now: number,
  id?: string,
): Promise<Retried> {
  const notes = await chosen(ports, id);
  const found = await Promise.all(notes.map(async (note) => ({ note, entry: await ports.parked.entryOf(note) })));
  const over = found.flatMap(({ note, entry }) => (entry?.st === 'parked' ? [] : [note.id]));
  const parked = found.flatMap(({ note, entry }) => (entry?.st === 'parked' ? [{ note, input: entry.in }] : []));
  const left: Retried['left'][number][] = [];
  const mails: OutgoingMail[] = [];
  const ids: string[] = [];
  for (const { note, input } of parked) {
    const code = whyNot(note, input, id !== undefined);
    if (code !== undefined) left.push({ id: note.id, code });
    else {
      ids.push(note.id);
      const records = [input as unknown as MailRecord];
      mails.push({
        id: digest('retry', commandId, note.id),
        mail: { schema: 1, key: note.key, received: now, hop: 0, records },
      });
    }
  }
  const refused = new Map((await ports.mailbox.send(mails)).map(({ index, code }) => [ids[index]!, code]));
  const sent = ids.filter((one) => !refused.has(one));
  for (const [one, code] of refused) left.push({ id: one, code });
  await Promise.all([...sent, ...over].map((one) => ports.parked.forget(one)));
  return { sent, left, over };
}

async function chosen({ parked }: Pick<DeadLetterPorts, 'parked'>, id?: string): Promise<readonly ParkedNote[]> {
  if (id === undefined) return (await parked.list({ limit: PARKED_AT_ONCE })).data;
  const note = await parked.read(id);
  if (note === undefined) throw new NotFound('dead-letters.not-found', 'no record of this id is parked');
  return [note];
}

function whyNot({ why }: ParkedNote, input: Json | undefined, isNamed: boolean): string | undefined {
  const isWhole = typeof input === 'object' && input !== null && 't' in input;
  if (!isWhole) return 'parked.not-kept';
  return !isNamed && why.some(({ code }) => code === endless) ? endless : undefined;
}
