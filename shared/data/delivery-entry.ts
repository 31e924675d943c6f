import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { receiptId } from '../app/outcome.ts';
import type { JournalEntry } from '../app/ports.ts';
import type { ToldRecord } from '../domain/mail-record.ts';
import type { Json } from '../kernel/canonical-json.ts';
import { fromItem } from './message-store.ts';

type Receipt = Extract<ToldRecord, { readonly t: 'receipt' }>;

/** The entry that the journal would have of a delivery of which the profile was not told, by the row of its message. */
export function deliveryIn(item: Record<string, AttributeValue>): readonly JournalEntry[] {
  if (item['unasked']?.BOOL !== true || item['receipts']?.M?.['delivered'] === undefined) return [];
  const { key, id: message, inc, channel, topic, journey, step, receipts } = fromItem(item);
  const at = receipts!['delivered']!;
  const id = receiptId(message, 'delivered');
  const about = {
    ...(topic !== undefined && { topic }),
    ...(journey !== undefined && { journey }),
    ...(step !== undefined && { step }),
  };
  const told: Receipt = { t: 'receipt', id, at, message, channel, was: 'delivered', ...about };
  return [
    {
      ...{ key, jk: `~|${id}`, v: 0, st: 'inert', t: 'receipt', at },
      ...(inc !== undefined && { inc }),
      in: told as unknown as Json,
      why: [{ code: 'receipt.delivered', message, channel }],
    },
  ];
}
