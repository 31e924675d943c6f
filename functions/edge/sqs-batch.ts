import { ChangeMessageVisibilityBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { readBody } from '../../shared/data/queue-body.ts';
import { logFailure, metrics, publishMetrics } from './observe.ts';

export interface Received<T> {
  /** SQS message id. */
  readonly id: string;
  /** How often it was received, this time included. */
  readonly receives: number;
  readonly body: T;
}

/** Ids of what must come again, and why. */
export interface Failed {
  readonly ids: readonly string[];
  readonly error: unknown;
}

/**
 * Answers Lambda which records failed; the rest is deleted (Lambda, "Handling errors for an SQS event source": partial
 * batch responses). In a FIFO group everything behind an unreadable record fails with it, so that nothing overtakes.
 * To Lambda such a batch is a success, hence a metric of our own; it leaves out what `each` puts off on purpose.
 */
export async function inBatch<T extends { readonly schema: 1 }>(
  event: SQSEvent,
  work: (received: readonly Received<T>[]) => Promise<readonly Failed[]>,
): Promise<SQSBatchResponse> {
  const failures: Failed[] = [];
  const received: Received<T>[] = [];
  const stuck = new Set<string>();
  for (const record of event.Records) {
    const group = record.attributes.MessageGroupId;
    try {
      if (group !== undefined && stuck.has(group)) throw new Error('behind an unreadable record of its group');
      const body = readBody<T>(record.body);
      received.push({ id: record.messageId, receives: Number(record.attributes.ApproximateReceiveCount), body });
    } catch (error) {
      if (group !== undefined && isFifo(record)) stuck.add(group);
      failures.push({ ids: [record.messageId], error });
    }
  }
  try {
    if (received.length > 0) failures.push(...(await work(received)));
  } finally {
    const failed = failures.reduce((sum, { ids }) => sum + ids.length, 0);
    if (failed > 0) metrics.count('RecordsFailed', failed);
    publishMetrics();
  }
  for (const { ids, error } of failures) logFailure('records must come again', error, { ids });
  return { batchItemFailures: failures.flatMap(({ ids }) => ids).map((itemIdentifier) => ({ itemIdentifier })) };
}

const isFifo = (record: SQSRecord) => record.eventSourceARN.endsWith('.fifo');

/** Of one record: done with, or again when the queue sees fit, or after so long. */
export type Outcome = 'ack' | 'again' | { readonly nackAfterSeconds: number };

/**
 * Each record alone, side by side. With `client` a nack says when the record comes again; if that cannot be set, it
 * comes after the queue's visibility time-out.
 */
export async function each<T extends { readonly schema: 1 }>(
  event: SQSEvent,
  work: (received: Received<T>, index: number) => Promise<Outcome>,
  client?: SQSClient,
): Promise<SQSBatchResponse> {
  const delays = new Map<string, number>();
  const again: string[] = [];
  const response = await inBatch<T>(event, async (received) => {
    const outcomes = await Promise.allSettled(received.map((one, index) => work(one, index)));
    return outcomes.flatMap((outcome, index): Failed[] => {
      const { id } = received[index]!;
      if (outcome.status === 'rejected') return [{ ids: [id], error: outcome.reason }];
      if (outcome.value === 'ack') return [];
      again.push(id);
      if (outcome.value !== 'again') delays.set(id, outcome.value.nackAfterSeconds);
      return [];
    });
  });
  if (client !== undefined) await backOff(client, event.Records, delays);
  return { batchItemFailures: [...response.batchItemFailures, ...again.map((id) => ({ itemIdentifier: id }))] };
}

async function backOff(
  client: SQSClient,
  records: readonly SQSRecord[],
  delays: ReadonlyMap<string, number>,
): Promise<void> {
  const delayed = records.filter(({ messageId }) => delays.has(messageId));
  for (let from = 0; from < delayed.length; from += 10) {
    const some = delayed.slice(from, from + 10);
    const Entries = some.map(({ messageId, receiptHandle }, index) => ({
      Id: String(index),
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: delays.get(messageId)!,
    }));
    try {
      const QueueUrl = queueUrl(some[0]!.eventSourceARN);
      await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
    } catch (error) {
      logFailure('back-off not set', error);
    }
  }
}

/** A mapping tells the ARN only: arn:aws:sqs:eu-west-1:123456789012:name. */
export function queueUrl(arn: string): string {
  const [, partition, , region, account, name] = arn.split(':');
  return `https://sqs.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}/${account}/${name}`;
}
