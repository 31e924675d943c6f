import type { SQSClient } from '@aws-sdk/client-sqs';
import type { ReceiptQueue } from '../app/ports.ts';
import { Transient } from '../kernel/errors.ts';
import { writeBody } from './queue-body.ts';
import { sendBatches } from './send-batches.ts';

/** Where SNS puts what providers publish; what apps tell lies there as it is, without an envelope. */
export function receiptQueue(client: SQSClient, queueUrl: string): ReceiptQueue {
  return {
    async send(receipts) {
      const entries = receipts.map((receipt) => ({ MessageBody: writeBody(receipt) }));
      for (const { code } of await sendBatches(client, queueUrl, entries, { ordered: false })) {
        throw new Transient('receipt.refused', `the queue does not take a receipt: ${code}`);
      }
    },
  };
}
