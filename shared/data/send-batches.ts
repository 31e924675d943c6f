import { setTimeout as sleep } from 'node:timers/promises';
import { SendMessageBatchCommand, type SendMessageBatchRequestEntry, type SQSClient } from '@aws-sdk/client-sqs';
import type { Refusal } from '../app/ports.ts';
import { Transient } from '../kernel/errors.ts';
import { awsCall } from './aws-call.ts';

export type Entry = Omit<SendMessageBatchRequestEntry, 'Id' | 'MessageBody'> & { readonly MessageBody: string };

/** SendMessageBatch takes 10 entries (SQS API); 256 KB is what every region and client takes. */
const MAX_ENTRIES = 10;
const MAX_BATCH_BYTES = 256 * 1024;
const CONCURRENCY = 10;
const MAX_TRIES = 4;

/** Codes of `Failed[]` that no second try changes (SQS API, "Common errors" and SendMessage). */
const permanent = new Set(['InvalidMessageContents', 'InvalidParameterValue', 'MessageTooLong', 'MissingParameter']);

/**
 * Sends any number of entries; a 200 can hold failures, and they are read. Answers what is refused for good, and
 * throws Transient when some could not be sent.
 *
 * With `ordered`, no two entries of one message group share a batch, and the next one goes only when the one before
 * is in: a failure within a batch would otherwise be overtaken.
 */
export async function sendBatches(
  client: SQSClient,
  queueUrl: string,
  entries: readonly Entry[],
  { ordered }: { readonly ordered: boolean },
): Promise<readonly Refusal[]> {
  const refusals: Refusal[] = [];
  const indexed = entries.map((entry, index) => ({ entry, index }));
  for (const wave of ordered ? waves(indexed) : [indexed]) {
    const batches = split(wave);
    for (let from = 0; from < batches.length; from += CONCURRENCY) {
      const some = batches.slice(from, from + CONCURRENCY);
      const outcomes = await Promise.allSettled(some.map((batch) => sendBatch(client, queueUrl, batch)));
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') throw outcome.reason;
        refusals.push(...outcome.value);
      }
    }
  }
  return refusals;
}

interface Indexed {
  readonly entry: Entry;
  readonly index: number;
}

/** The n-th wave holds the n-th entry of every group. */
function waves(entries: readonly Indexed[]): Indexed[][] {
  const sent = new Map<string, number>();
  const result: Indexed[][] = [];
  for (const one of entries) {
    const group = one.entry.MessageGroupId ?? '';
    const wave = sent.get(group) ?? 0;
    sent.set(group, wave + 1);
    result[wave] = [...(result[wave] ?? []), one];
  }
  return result;
}

function split(entries: readonly Indexed[]): Indexed[][] {
  const batches: Indexed[][] = [];
  let bytes = 0;
  for (const one of entries) {
    const size = Buffer.byteLength(one.entry.MessageBody);
    const last = batches.at(-1);
    if (last === undefined || last.length === MAX_ENTRIES || bytes + size > MAX_BATCH_BYTES) {
      batches.push([one]);
      bytes = size;
    } else {
      last.push(one);
      bytes += size;
    }
  }
  return batches;
}

async function sendBatch(client: SQSClient, queueUrl: string, batch: readonly Indexed[]): Promise<Refusal[]> {
  const refusals: Refusal[] = [];
  let open = batch;
  for (let tries = 1; open.length > 0; tries++) {
    const answer = await awsCall(
      client.send(
        new SendMessageBatchCommand({
          QueueUrl: queueUrl,
          Entries: open.map(({ entry, index }) => ({ ...entry, Id: String(index) })),
        }),
      ),
    );
    const failed = new Map((answer.Failed ?? []).map(({ Id, Code }) => [Id, Code ?? 'unknown']));
    for (const [id, code] of failed)
      if (permanent.has(code)) refusals.push({ index: Number(id), code: `queue.${code}` });
    open = open.filter(({ index }) => {
      const code = failed.get(String(index));
      return code !== undefined && !permanent.has(code);
    });
    if (open.length === 0) break;
    if (tries === MAX_TRIES) throw new Transient('queue.partly-sent', `${open.length} of ${batch.length} not accepted`);
    await sleep(Math.random() * 25 * 2 ** tries);
  }
  return refusals;
}
