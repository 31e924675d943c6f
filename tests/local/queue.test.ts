import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../local/clock/virtual-clock.ts';
import { makeIds } from '../../local/ids.ts';
import type { QueueSettings } from '../../local/queues/message.ts';
import { Queue } from '../../local/queues/queue.ts';

const MINUTE = 60_000;

function setting(change: Partial<QueueSettings> = {}) {
  const clock = new VirtualClock({ startTime: 1_000_000, frozen: true });
  const queues = new Map<string, Queue>();
  const make = (name: string, more: Partial<QueueSettings>): Queue => {
    const settings: QueueSettings = {
      name,
      arn: `arn:${name}`,
      url: `http://queues/${name}`,
      fifo: true,
      contentBasedDeduplication: false,
      deduplicationScope: 'messageGroup',
      delaySeconds: 0,
      visibilityTimeoutSeconds: 30,
      retentionSeconds: 345_600,
      maximumMessageBytes: 1_048_576,
      ...more,
    };
    const queue = new Queue(settings, {
      clock,
      ids: makeIds(1, name),
      deadLetterQueue: (arn) => queues.get(arn),
      changed: () => {},
      labelled: () => {},
    });
    queues.set(settings.arn, queue);
    return queue;
  };
  const dead = make('dead', { fifo: change.fifo ?? true });
  return { clock, queue: make('queue', change), dead };
}

let count = 0;
const send = (queue: Queue, groupId: string, ...bodies: string[]): void => {
  for (const body of bodies) queue.send({ body, groupId, deduplicationId: `id-${++count}` });
};
const take = (queue: Queue, limit = 10): string[] => queue.receive(limit).map((message) => message.body);

describe('message groups', () => {
  it('hands out as many of one group as it may before it turns to the next', () => {
    const { queue } = setting();
    send(queue, 'a', 'a1', 'a2', 'a3');
    send(queue, 'b', 'b1');
    expect(take(queue, 2)).toEqual(['a1', 'a2']);
    expect(take(queue)).toEqual(['b1']);
    expect(take(queue)).toEqual([]);
  });

  it('keeps a group locked until every message in flight is deleted or visible again', () => {
    const { queue } = setting();
    send(queue, 'a', 'a1', 'a2', 'a3');
    const [first, second] = queue.receive(2);
    queue.delete(first!.receipt!);
    expect(take(queue)).toEqual([]);
    queue.changeVisibility(second!.receipt!, 0);
    expect(take(queue)).toEqual(['a2', 'a3']);
  });

  it('puts returned messages back into their old places', async () => {
    const { queue, clock } = setting();
    send(queue, 'a', 'a1', 'a2', 'a3');
    const received = queue.receive(3);
    queue.changeVisibility(received[1]!.receipt!, 10);
    queue.changeVisibility(received[0]!.receipt!, 20);
    await clock.advance(30_000);
    expect(take(queue)).toEqual(['a1', 'a2', 'a3']);
  });

  it('refuses to delete with an expired handle', async () => {
    const { queue, clock } = setting();
    send(queue, 'a', 'a1');
    const [message] = queue.receive(1);
    const { receipt } = message!;
    await clock.advance(30_000);
    expect(queue.delete(receipt!)).toBe(false);
    expect(take(queue)).toEqual(['a1']);
  });
});

describe('deduplication', () => {
  it.each([
    ['messageGroup', ['x', 'x']],
    ['queue', ['x']],
  ] as const)('scope %s', (deduplicationScope, expected) => {
    const { queue } = setting({ deduplicationScope });
    for (const groupId of ['a', 'b', 'a']) queue.send({ body: 'x', groupId, deduplicationId: 'same' });
    expect(take(queue)).toEqual(expected);
  });

  it('answers with the first message, also after it was deleted, until five minutes have passed', async () => {
    const { queue, clock } = setting();
    const again = () => queue.send({ body: 'x', groupId: 'a', deduplicationId: 'same' });
    const first = again();
    queue.delete(queue.receive(1)[0]!.receipt!);
    await clock.advance(5 * MINUTE - 1);
    expect(again()).toEqual({ ...first, duplicate: true });
    await clock.advance(1);
    expect(again()).toMatchObject({ duplicate: false });
  });
});

describe('dead letters', () => {
  it.each([true, false])('a message goes there after maxReceiveCount receives (fifo: %s)', async (fifo) => {
    const { queue, dead, clock } = setting({ fifo, deadLetter: { arn: 'arn:dead', maxReceiveCount: 2 } });
    const sentAt = clock.now();
    send(queue, 'a', 'poison', 'next');
    for (const round of [1, 2]) {
      expect([round, take(queue, 1)]).toEqual([round, ['poison']]);
      if (!fifo) expect(take(queue, 1)).toEqual(['next']);
      await clock.advance(30_000);
    }
    expect(take(queue)).toEqual(fifo ? ['next'] : []);
    const [moved] = dead.messages();
    expect(moved).toMatchObject({ body: 'poison', receiveCount: 2, sourceArn: 'arn:queue', sentAt });
    // A FIFO dead-letter queue restarts the retention period, a standard one keeps it [Q6].
    expect(moved!.enqueuedAt - sentAt).toBe(fifo ? 60_000 : 0);
  });

  it('redriven messages are new ones', () => {
    const { queue, dead } = setting();
    send(dead, 'a', 'again');
    const [old] = dead.messages();
    dead.take(old!);
    queue.sendAgain(old!);
    const [message] = queue.receive(1);
    expect(message).toMatchObject({ body: 'again', groupId: 'a', receiveCount: 1 });
    expect(message!.id).not.toBe(old!.id);
    expect(message!.deduplicationId).toBe(message!.id);
  });
});

describe('time', () => {
  it('hides delayed messages, and forgets those older than the retention period', async () => {
    const { queue, clock } = setting({ fifo: false, retentionSeconds: 3600 });
    queue.send({ body: 'later', delaySeconds: 900 });
    queue.send({ body: 'now' });
    const [visible] = queue.receive(10);
    expect(visible!.body).toBe('now');
    queue.delete(visible!.receipt!);
    await clock.advance(15 * MINUTE);
    expect(queue.receive(1, 0).map((message) => message.body)).toEqual(['later']);
    await clock.advance(45 * MINUTE);
    expect(take(queue)).toEqual([]);
    expect(queue.expiredCount).toBeGreaterThan(0);
  });

  it('comes back from a saved state as it was, timers included', async () => {
    const { queue } = setting();
    send(queue, 'a', 'a1', 'a2');
    send(queue, 'b', 'b1');
    queue.receive(1);
    const { queue: other, clock } = setting();
    other.restore(JSON.parse(JSON.stringify(queue.save())));
    expect(take(other)).toEqual(['b1']);
    await clock.advance(29_999);
    expect(take(other)).toEqual([]);
    await clock.advance(1);
    expect(take(other).sort()).toEqual(['a1', 'a2', 'b1']);
  });
});
