import { ChangeMessageVisibilityBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { metrics } from '../../../functions/edge/observe.ts';
import { each, inBatch } from '../../../functions/edge/sqs-batch.ts';
import { Transient } from '../../../shared/kernel/errors.ts';

const record = (id: string, body: string, queue = 'mailbox.fifo', group?: string): SQSRecord =>
  ({
    messageId: id,
    receiptHandle: `handle-${id}`,
    body,
    attributes: { ApproximateReceiveCount: '2', ...(group !== undefined && { MessageGroupId: group }) },
    eventSourceARN: `arn:aws:sqs:eu-west-1:123456789012:${queue}`,
  }) as SQSRecord;
const good = JSON.stringify({ schema: 1 });
const event = (...Records: SQSRecord[]): SQSEvent => ({ Records });
const failedOf = (response: Awaited<ReturnType<typeof inBatch>>) =>
  response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort();

const count = vi.spyOn(metrics, 'count');
afterEach(() => count.mockClear());

describe('a batch', () => {
  it('G4: what lies behind an unreadable record of its group fails with it; other groups go on', async () => {
    const seen: string[] = [];
    const response = await inBatch(
      event(
        record('1', '{', 'mailbox.fifo', 'a'),
        record('2', good, 'mailbox.fifo', 'a'),
        record('3', good, 'mailbox.fifo', 'b'),
      ),
      async (received) => {
        seen.push(...received.map(({ id, receives }) => `${id} ${receives}`));
        return [];
      },
    );
    expect(seen).toEqual(['3 2']);
    expect(failedOf(response)).toEqual(['1', '2']);
    expect(count.mock.calls).toEqual([['RecordsFailed', 2]]);
  });

  it('a body of a newer schema stays in its queue, alone in a standard one', async () => {
    const records = [record('1', '{"schema":2}', 'wakes', 'a'), record('2', good, 'wakes', 'a')];
    expect(failedOf(await inBatch(event(...records), async () => []))).toEqual(['1']);
  });

  it('says what failed, and fails whole when the work throws', async () => {
    const two = event(record('1', good), record('2', good));
    const one = await inBatch(two, async () => [{ ids: ['2'], error: new Transient('test', 'x') }]);
    expect(failedOf(one)).toEqual(['2']);
    expect(count.mock.calls).toEqual([['RecordsFailed', 1]]);
    await expect(inBatch(two, () => Promise.reject(new Error('bug')))).rejects.toThrow('bug');
  });

  it('each alone: acknowledged, delayed, again, failed', async () => {
    const mock = mockClient(SQSClient);
    mock.on(ChangeMessageVisibilityBatchCommand).resolves({});
    const records = ['1', '2', '3', '4'].map((id) => record(id, good, 'messages-email'));
    const response = await each(
      event(...records),
      async ({ id }) => {
        if (id === '4') throw new Transient('test', 'x');
        return id === '1' ? 'ack' : id === '2' ? { nackAfterSeconds: 33 } : 'again';
      },
      new SQSClient({}),
    );
    expect(failedOf(response)).toEqual(['2', '3', '4']);
    // 2 and 3 were put off, which is no failure.
    expect(count.mock.calls).toEqual([['RecordsFailed', 1]]);
    expect(mock.commandCalls(ChangeMessageVisibilityBatchCommand).map(({ args }) => args[0].input)).toEqual([
      {
        QueueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/messages-email',
        Entries: [{ Id: '0', ReceiptHandle: 'handle-2', VisibilityTimeout: 33 }],
      },
    ]);
    mock.restore();
  });

  it('a delay that cannot be set loses nothing', async () => {
    const mock = mockClient(SQSClient);
    mock.on(ChangeMessageVisibilityBatchCommand).rejects(new Error('denied'));
    const response = await each(event(record('1', good)), async () => ({ nackAfterSeconds: 5 }), new SQSClient({}));
    expect(failedOf(response)).toEqual(['1']);
    mock.restore();
  });
});
