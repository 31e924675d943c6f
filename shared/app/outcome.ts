import type { MessageOrigin, MessageRequest } from '../domain/decision.ts';
import type { ToldRecord } from '../domain/mail-record.ts';
import { channelSpecs } from '../domain/messaging/channels/registry.ts';
import { digest } from '../kernel/ids.ts';
import type { Clock, Mailbox, MessageRecord, MessageStatus, MessageStore, Metrics, QueuedMessage } from './ports.ts';
import { isQuiet, isToldOf } from './quiet-claim.ts';

export interface ReportPorts {
  readonly messages: Pick<MessageStore, 'noteUnknown'>;
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

type Told = Extract<ToldRecord, { readonly t: 'outcome' | 'receipt' }>;

/** Of a receipt that comes from us: the same, however often it is given. */
export const receiptId = (message: string, was: string): string => digest('receipt', message, was);

/** Of what became of a message: the same, however often it is reported. A message that is held is another one each time. */
export const outcomeId = (message: string, st: Final | 'held', by = ''): string => digest(message, st, by);

export const isFinal = (st: MessageStatus): st is Final => Object.hasOwn(metricOf, st);

/**
 * What stands there is not for this copy to change: it is final; or the actor's, unless this was decided since; or it is another copy's,
 * which answers for it; or the provider has the message.
 */
export const isSettled = (
  found: MessageRecord,
  { request, copy }: QueuedMessage & { readonly copy: string },
): boolean =>
  isFinal(found.st) ||
  (found.st === 'held' ? request.decidedAt <= found.decidedAt : found.copy !== copy || isToldOf(found));

/** What is known of a message before anybody is called. */
export const madeOf = ({
  detail,
  renderedAt,
}: Pick<MessageRecord, 'detail' | 'renderedAt'>): Pick<MessageRecord, 'detail' | 'renderedAt'> => ({
  ...(detail !== undefined && { detail }),
  ...(renderedAt !== undefined && { renderedAt }),
});

export function messageRecord(
  delivery: QueuedMessage & { readonly by: string; readonly copy: string },
  st: MessageStatus,
  at: number,
  more: Partial<MessageRecord> = {},
): MessageRecord {
  const { request, by, copy, unasked } = delivery;
  const { key, id, channel, origin, decidedAt } = request;
  const where = origin && { journey: origin.journey, version: origin.version, step: origin.step };
  const visit = st === 'unknown' && origin && visitOf(origin);
  const asked = request.requestedAt === undefined ? {} : { requestedAt: request.requestedAt };
  const incarnation = request.inc === undefined ? {} : { inc: request.inc };
  return {
    key,
    id,
    st,
    by,
    copy,
    decidedAt,
    ...incarnation,
    ...asked,
    at,
    channel,
    ...aboutOf(request),
    ...where,
    ...visit,
    ...(unasked && { unasked }),
    ...(st === 'handing' && isQuiet(request) && { quiet: true }),
    ...more,
  };
}

const visitOf = ({ run, visit }: MessageOrigin) => ({ run, ...(visit !== undefined && { visit }) });

/** What the message is about, where it is one to a person. */
const aboutOf = ({ webhook, topic }: MessageRequest) => (webhook === undefined ? { topic } : {});

/**
 * Tells the actor what it wants to know: everything when the run waits for it, else what was not handed over, so
 * that its caps are given back. The id is made of message and outcome, so that a report may be repeated; only the
 * first one is counted. A message that is held is the actor's again, each time anew.
 */
export async function report(
  record: MessageRecord,
  queued: QueuedMessage,
  ports: ReportPorts,
  time: 'first' | 'again' = 'again',
): Promise<void> {
  const { st } = record;
  if (st !== 'held' && !isFinal(st)) return;
  // Before the acknowledgement, and not with the outcome: in the good case nobody writes a second item.
  if (st === 'unknown') await ports.messages.noteUnknown(record);
  const told: Told[] = [];
  if (queued.request.report === 'all' || st !== 'sent' || record.gone !== undefined)
    told.push(outcomeOf(record, st, queued.request));
  const arrives = channelSpecs[record.channel].arrivesAtHandOver === true && record.unasked !== true;
  if (st === 'sent' && arrives) told.push(arrivalOf(record));
  const received = ports.clock();
  const mails = told.map((one) => ({
    id: one.id,
    mail: { schema: 1, key: record.key, received, hop: queued.hop + 1, records: [one] } as const,
  }));
  if (mails.length > 0) await ports.mailbox.send(mails);
  // The canary's says of itself whether it arrived; here it would look like a message that was withheld.
  if (time === 'first' && st !== 'held' && queued.request.canary !== true) ports.metrics.count(metricOf[st]);
}

function outcomeOf(
  { st, why, at, by, answer, suppress, gone, notBefore }: MessageRecord,
  outcome: Final | 'held',
  request: MessageRequest,
): Told {
  return {
    t: 'outcome',
    id: outcomeId(request.id, outcome, outcome === 'held' ? by : ''),
    at,
    message: request.id,
    outcome: outcome === 'held' ? 'not-sent' : outcome,
    ...(why !== undefined && { reason: st === 'held' ? `held.${why}` : why }),
    ...(answer !== undefined && { answer }),
    ...(suppress !== undefined && { suppress }),
    ...(gone !== undefined && { gone }),
    decidedAt: request.decidedAt,
    channel: request.channel,
    ...aboutOf(request),
    ...(request.origin !== undefined && { origin: request.origin }),
    ...(st === 'held' && { values: request.values }),
    ...(notBefore !== undefined && { notBefore }),
  };
}

/** What a provider's receipt would say. */
function arrivalOf({ id, at, channel, topic, journey, step }: MessageRecord): Told {
  return {
    t: 'receipt',
    id: receiptId(id, 'delivered'),
    at,
    message: id,
    channel,
    was: 'delivered',
    ...(topic !== undefined && { topic }),
    ...(journey !== undefined && { journey }),
    ...(step !== undefined && { step }),
  };
}
