import { ChangeMessageVisibilityCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownQueue } from '../../shared/data/own-queue.ts';
import { readBody } from '../../shared/data/queue-body.ts';
import { type QueueEmulator, startQueues } from '../emulators/queues.ts';
import { queuedMessage } from '../protocol/scenario.ts';

describe('the queue that feeds a function', () => {
  let queues: QueueEmulator;
  let client: SQSClient;
  beforeAll(async () => {
    queues = await startQueues();
    client = new SQSClient({ endpoint: queues.endpoint, region: 'us-east-1' });
  });
  afterAll(async () => {
    client.destroy();
    await queues.stop();
  });
  /** A queue of its own for each test, as its function sees it. */
  const world = (name: string) => {
    const at = { now: 0, url: queues.create(name) };
    return {
      at,
      queue: ownQueue(
        client,
        () => at.url,
        () => at.now,
      ),
    };
  };

  it('a copy is what was received, and begins anew', async () => {
    const { at, queue } = world('anew');
    const message = { ...queuedMessage('m1'), copy: 'c1' };
    await queue.again(message);
    const receive = new ReceiveMessageCommand({
      QueueUrl: at.url,
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    });
    const [received] = (await client.send(receive)).Messages!;
    expect(readBody(received!.Body!)).toEqual(message);
    expect(received!.Attributes).toEqual({ ApproximateReceiveCount: '1' });
  });

  it('G1: a copy that the queue does not take is an error, so that the message itself stays', async () => {
    const { at, queue } = world('gone');
    // More than a message of SQS may hold, which none of ours reaches.
    const { request, ...rest } = queuedMessage('m1');
    const large = { ...rest, request: { ...request, values: { event: { text: 'x'.repeat(1_100_000) } } } };
    await expect(queue.again(large)).rejects.toThrow();
    at.url = at.url.replace('gone', 'elsewhere');
    await expect(queue.again(queuedMessage('m1'))).rejects.toThrow();
  });

  it('counts what waits and what is in work, and asks four times a minute at most', async () => {
    const { at, queue } = world('counted');
    for (const id of ['m1', 'm2', 'm3']) await queue.again(queuedMessage(id));
    const [one] = (await client.send(new ReceiveMessageCommand({ QueueUrl: at.url }))).Messages!;
    const { ReceiptHandle } = one!;
    // As what a rate is against: it is hidden, and still there.
    await client.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: at.url, ReceiptHandle, VisibilityTimeout: 43_200 }),
    );
    expect(await Promise.all([queue.waiting(), queue.waiting()])).toEqual([3, 3]);
    await queue.again(queuedMessage('m4'));
    at.now = 14_999;
    expect(await queue.waiting()).toBe(3);
    at.now = 15_000;
    expect(await queue.waiting()).toBe(4);
  });

  it('does not remember that it could not ask', async () => {
    const { at, queue } = world('back');
    const { url } = at;
    await queue.again(queuedMessage('m1'));
    at.url = url.replace('back', 'elsewhere');
    await expect(queue.waiting()).rejects.toThrow();
    at.url = url;
    expect(await queue.waiting()).toBe(1);
  });
});
