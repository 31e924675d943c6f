import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { type ReceiptPorts, receiveReceipts } from '../../shared/app/receive-receipts.ts';
import { mailbox } from '../../shared/data/mailbox.ts';
import { messageReceipts } from '../../shared/data/message-receipts.ts';
import { suppressionStore } from '../../shared/data/suppression-store.ts';
import { unknownMessages } from '../../shared/data/unknown-messages.ts';
import { variables } from '../../shared/resources.ts';
import { dynamoClient, sqsClient } from './aws-clients.ts';
import { mailboxUrls, required } from './environment.ts';
import { logFailure, metrics, publishMetrics } from './observe.ts';

export function receiptPorts(): ReceiptPorts {
  const dynamo = dynamoClient();
  return {
    mailbox: mailbox(sqsClient(), mailboxUrls()),
    suppressions: suppressionStore(dynamo, required(variables.suppressionsTable)),
    marks: messageReceipts(dynamo, required(variables.messagesTable)),
    unknown: unknownMessages(dynamo, required(variables.messagesTable), () => Date.now()),
    metrics,
    onFailed: (id, error) => logFailure('receipt must come again', error, { id }),
    now: () => Date.now(),
  };
}

/** Bodies are SNS's and not our own, hence not `inBatch`. */
export async function receiptsInBatch({ Records }: SQSEvent, ports: ReceiptPorts): Promise<SQSBatchResponse> {
  try {
    const failed = await receiveReceipts(
      Records.map(({ messageId: id, body }) => ({ id, body })),
      ports,
    );
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  } finally {
    publishMetrics();
  }
}
