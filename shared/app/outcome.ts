import type { MessageRequest } from '../domain/decision.ts';
import { digest } from '../kernel/ids.ts';
import type { Clock, Mailbox, MessageRecord, MessageStatus, Metrics, QueuedMessage } from './ports.ts';

export interface ReportPorts {
  readonly clock: Clock;
  readonly mailbox: Mailbox;
  readonly metrics: Metrics;
}

const metricOf = {
  sent: 'MessagesSent',
  'not-sent': 'MessagesNotSent',
  failed: 'MessagesFailed',
  unknown: 'MessagesUnknown',
} as const;
type Final = keyof typeof metricOf;

export const isFinal = (st: MessageStatus): st is Final => Object.hasOwn(metricOf, st);

export function messageRecord(
  delivery: QueuedMessage & { readonly by: string; readonly copy: string },
  st: MessageStatus,
  at: number,
  more: Partial<MessageRecord> = {},
): MessageRecord {
  const { request, by, copy } = delivery;
  const { key, id, channel, origin, decidedAt } = request;
  const where = origin && { journey: origin.journey, version: origin.version, step: origin.step };
  return { key, id, st, by, copy, decidedAt, at, channel, ...aboutOf(request), ...where, ...more };
}

/** What the message is about, where it is one to a person. */
const aboutOf = ({ webhook, topic }: MessageRequest) => (webhook === undefined ? { topic } : {});

/**
 * Tells the actor what it wants to know: everything when the run waits for it, else what was not handed over, so
 * that its caps are given back. The id is made of message and outcome, so that a report may be repeated; only the
 * first one is counted. A message that is held is the actor's again, each time anew.
 */
export async function report(
  record: MessageRecord,
  { request, hop }: QueuedMessage,
  ports: ReportPorts,
  time: 'first' | 'again' = 'again',
): Promise<void> {
  const { st, why, answer } = record;
  if (st !== 'held' && !isFinal(st)) return;
  const at = ports.clock();
  if (request.report === 'all' || st !== 'sent') {
    const reported = {
      t: 'outcome',
      id: digest(request.id, st, st === 'held' ? record.by : ''),
      at: record.at,
      message: request.id,
      outcome: st === 'held' ? 'not-sent' : st,
      ...(why !== undefined && { reason: st === 'held' ? `held.${why}` : why }),
      ...(answer !== undefined && { answer }),
      decidedAt: request.decidedAt,
      channel: request.channel,
      ...aboutOf(request),
      ...(request.origin !== undefined && { origin: request.origin }),
      ...(st === 'held' && { values: request.values }),
    } as const;
    const mail = { schema: 1, key: request.key, received: at, hop: hop + 1, records: [reported] } as const;
    await ports.mailbox.send([{ id: reported.id, mail }]);
  }
  if (time === 'first' && st !== 'held') ports.metrics.count(metricOf[st]);
}
