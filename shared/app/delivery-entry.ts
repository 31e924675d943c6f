import type { ToldRecord } from '../domain/mail-record.ts';
import type { Json } from '../kernel/canonical-json.ts';
import { carriedIn } from './carried-entry.ts';
import { receiptId } from './outcome.ts';
import type { JournalEntry, MessageRecord } from './ports.ts';

type Receipt = Extract<ToldRecord, { readonly t: 'receipt' }>;

/** Entries of the journal that lie with a message: of the wakes that decided it (ADR 48), and of its delivery (ADR 49). */
export const entriesWith = (message: MessageRecord): readonly JournalEntry[] => [
  ...carriedIn(message),
  ...deliveryOf(message),
];

/** What the journal would say of a delivery of which the profile was not told. */
function deliveryOf({ unasked, receipts, ...message }: MessageRecord): readonly JournalEntry[] {
  const at = receipts?.['delivered'];
  if (unasked !== true || at === undefined) return [];
  const { key, id: of, inc, channel, topic, journey, step } = message;
  const id = receiptId(of, 'delivered');
  const about = {
    ...(topic !== undefined && { topic }),
    ...(journey !== undefined && { journey }),
    ...(step !== undefined && { step }),
  };
  const told: Receipt = { t: 'receipt', id, at, message: of, channel, was: 'delivered', ...about };
  return [
    {
      ...{ key, jk: `~|${id}`, v: 0, st: 'inert', t: 'receipt', at },
      ...(inc !== undefined && { inc }),
      in: told as unknown as Json,
      why: [{ code: 'receipt.delivered', message: of, channel }],
    },
  ];
}
