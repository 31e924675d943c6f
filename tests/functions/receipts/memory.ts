import type { MessageRecord } from '../../../shared/app/ports.ts';
import type { Suppression, SuppressionReason } from '../../../shared/domain/messaging/suppression.ts';
import type { ReceiptStores } from './orders.ts';

const byWeight: readonly SuppressionReason[] = ['unsubscribe', 'manual', 'bounce', 'complaint'];

/** As the tables hold it; orders.test.ts compares what stands here in the end with what stands there. */
export function memoryReceiptStores(): ReceiptStores {
  const rows = new Map<string, MessageRecord>();
  const suppressions = new Map<string, Suppression>();
  return {
    messages: {
      put: async (record) => void rows.set(record.id, { ...record, receipts: {} }),
      read: async (_key, id) => rows.get(id),
    },
    marks: {
      async mark(_key, id, was, at, providerId) {
        const before = rows.get(id);
        const first = before?.receipts?.[was];
        if (before !== undefined && (first === undefined || first > at)) {
          rows.set(id, {
            ...(providerId !== undefined && { providerId }),
            ...before,
            receipts: { ...before.receipts, [was]: at },
          });
        }
        return before;
      },
    },
    unknown: {
      async settle({ id }, { st, at, why }) {
        const before = rows.get(id)!;
        const isOpen =
          before.st === 'unknown' || (st === 'failed' && before.st === 'sent' && before.unknownAt !== undefined);
        if (!isOpen) return false;
        const { unknownAt = before.at, unknownWhy = before.why } = before;
        rows.set(id, {
          ...before,
          st,
          at,
          why,
          by: 'receipts',
          unknownAt,
          ...(unknownWhy !== undefined && { unknownWhy }),
        });
        return true;
      },
    },
    suppressions: {
      async put(one) {
        const { reason, at } = suppressions.get(one.addressHash) ?? one;
        const weight = byWeight.indexOf(one.reason) - byWeight.indexOf(reason);
        if (weight > 0 || (weight === 0 && at <= one.at)) suppressions.set(one.addressHash, one);
      },
      ofAddress: async (_channel, addressHash) => [suppressions.get(addressHash)].filter((one) => one !== undefined),
    },
  };
}
