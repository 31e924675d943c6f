import type { ToldRecord } from '../domain/mail-record.ts';
import { Permanent } from '../kernel/errors.ts';
import { outcomeId } from './outcome.ts';
import type { Clock, Mailbox, MessageRecord, Metrics, Settled, UnknownMessages } from './ports.ts';

export interface SettlePorts {
  readonly clock: Clock;
  readonly mailbox: Mailbox;
  readonly metrics: Metrics;
  readonly unknown: Pick<UnknownMessages, 'settle'>;
}

type Receipts = NonNullable<MessageRecord['receipts']>;

const arrived = ['delivered', 'opened', 'clicked', 'complained'] as const;
const cameBack = ['bounced', 'rejected'] as const;

/**
 * What receipts say of a message of which its sender could not tell, where that is more than what stands there.
 *
 * unknown → sent → failed, and never back: what a server took it may still return, so that one that came back did not
 * arrive, whichever of the two is heard first. It depends on which receipts there are, not on their order.
 */
export function foundOut(
  message: MessageRecord,
  receipts: Receipts = message.receipts ?? {},
): Settled['st'] | undefined {
  const { st, unknownAt } = message;
  const isOpen = st === 'unknown' || (st === 'sent' && unknownAt !== undefined);
  if (!isOpen) return undefined;
  const has = (was: string) => Object.hasOwn(receipts, was);
  if (cameBack.some(has)) return 'failed';
  return st === 'unknown' && arrived.some(has) ? 'sent' : undefined;
}

/**
 * Tells the actor, then writes it down: cut off in between, both are done again, and the actor knows the record's id.
 * Only what failed is told. For caps and predicates an unknown message counts as one that was sent.
 */
export async function settleUnknown(message: MessageRecord, st: Settled['st'], ports: SettlePorts): Promise<void> {
  const at = ports.clock();
  const why = st === 'sent' ? 'settled.delivered' : 'settled.not-delivered';
  if (st === 'failed') {
    const record = lateFailure(message, why, at);
    const mail = { schema: 1, key: message.key, received: at, hop: 0, records: [record] } as const;
    for (const { code } of await ports.mailbox.send([{ id: record.id, mail }])) {
      throw new Permanent('mailbox.refused', `the mailbox does not take this: ${code}`);
    }
  }
  const since = message.unknownAt ?? message.at;
  const isNew = await ports.unknown.settle({ key: message.key, id: message.id, at: since }, { st, at, why });
  if (isNew) ports.metrics.count('MessagesSettled');
}

function lateFailure(
  { id, decidedAt, channel, topic, journey, version, step, run, visit }: MessageRecord,
  reason: string,
  at: number,
): ToldRecord & { readonly id: string } {
  const isOfRun = journey !== undefined && version !== undefined && step !== undefined && run !== undefined;
  return {
    t: 'outcome',
    id: outcomeId(id, 'failed'),
    at,
    message: id,
    outcome: 'failed',
    reason,
    decidedAt,
    channel,
    ...(topic !== undefined && { topic }),
    ...(isOfRun && { origin: { journey, version, step, run, ...(visit !== undefined && { visit }) } }),
  };
}
