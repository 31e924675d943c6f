import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SendMessageBatchCommandInput,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OutgoingMail, QueuedMessage } from '../../shared/app/ports.ts';
import { shardOf } from '../../shared/data/actor-keys.ts';
import { mailbox } from '../../shared/data/mailbox.ts';
import { mailboxBacklog } from '../../shared/data/mailbox-backlog.ts';
import { messageQueues } from '../../shared/data/message-queues.ts';
import { readBody } from '../../shared/data/queue-body.ts';
import { timers } from '../../shared/data/timers.ts';
import { Transient } from '../../shared/kernel/errors.ts';
import { profileKey } from '../../shared/kernel/ids.ts';
import { MINUTE_MS } from '../../shared/kernel/time.ts';
import { type QueueEmulator, startQueues } from '../emulators/queues.ts';
import { queuedMessage } from '../protocol/scenario.ts';

const mailFor = (who: string, index: number, text = ''): OutgoingMail => ({
  id: `${who}-${index}`,
  mail: {
    schema: 1,
    key: profileKey('user', who),
    received: 1,
    hop: 0,
    records: [{ t: 'patch', id: `${index}`, at: 1, traits: { text } }],
  },
});

describe('queues of the actor on fauxqs', () => {
  let queues: QueueEmulator;
  let client: SQSClient;
  beforeAll(async () => {
    queues = await startQueues();
    client = new SQSClient({ endpoint: queues.endpoint, region: 'us-east-1' });
  });
  afterAll(() => queues.stop());
  const create = async (name: string) => (await client.send(new CreateQueueCommand({ QueueName: name }))).QueueUrl!;

  it('G4: mail of one profile keeps its order over any number of batches, in the shard of its key', async () => {
    const urls = [queues.createFifo('mailbox-0.fifo'), queues.createFifo('mailbox-1.fifo')];
    const mails = Array.from({ length: 40 }, (_, index) => mailFor(`p${index % 3}`, index));
    expect(await mailbox(client, urls).send(mails)).toEqual([]);
    for (const who of ['p0', 'p1', 'p2']) {
      const key = profileKey('user', who);
      const arrived = queues.mails(`mailbox-${shardOf(key, 2)}.fifo`).filter(({ group }) => group === key);
      expect(arrived.map(({ mail }) => mail)).toEqual(
        mails.filter(({ mail }) => mail.key === key).map(({ mail }) => mail),
      );
    }
  });

  it('what waits is what the fullest shard has, without what is in work', async () => {
    const urls = [queues.createFifo('wait-0.fifo'), queues.createFifo('wait-1.fifo')];
    const backlog = mailboxBacklog(client, urls, 7);
    expect([backlog.most, await backlog.waiting()]).toEqual([7, 0]);
    await mailbox(client, [urls[1]!]).send([1, 2, 3].map((index) => mailFor(`w${index}`, index)));
    await mailbox(client, [urls[0]!]).send([mailFor('w4', 4)]);
    expect(await backlog.waiting()).toBe(3);
    await client.send(new ReceiveMessageCommand({ QueueUrl: urls[1]!, MaxNumberOfMessages: 1 }));
    expect(await backlog.waiting()).toBe(2);
  });

  it('G13: carries text that SQS refuses, and lone surrogates as they are', async () => {
    const url = queues.createFifo('odd.fifo');
    const text = 'a\uFFFE\uFFFFb\uD800\u0000"\\uFFFE"';
    expect(await mailbox(client, [url]).send([mailFor('odd', 1, text)])).toEqual([]);
    expect(queues.mails('odd.fifo')[0]?.mail.records[0]).toMatchObject({ traits: { text } });
  });

  it('G6: 15 minutes lie in the delay queue, longer waits in the wakes queue', async () => {
    const [wakes, soon] = [await create('wakes'), await create('soon')];
    const now = 1_000_000;
    const armed = timers(client, { wakes, soon }, () => now);
    const key = profileKey('user', 'w');
    await armed.arm([
      { key, due: now + 15 * MINUTE_MS + 1 },
      { key, due: now - 5 },
    ]);
    const receive = async (QueueUrl: string) =>
      (await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))).Messages ?? [];
    expect((await receive(wakes)).map(({ Body }) => readBody(Body!))).toEqual([
      { schema: 1, key, due: now + 15 * MINUTE_MS + 1 },
    ]);
    expect((await receive(soon)).map(({ Body }) => readBody(Body!))).toEqual([{ schema: 1, key, due: now - 5 }]);
  });

  it('G7: a message of a channel without queue is refused, the others go', async () => {
    const email = await create('messages-email');
    const message = (channel: 'email' | 'sms'): QueuedMessage => ({
      schema: 1,
      hop: 0,
      request: {
        id: 'm',
        key: profileKey('user', 'm'),
        channel,
        decidedAt: 1,
        topic: 'news',
        transactional: false,
        values: {},
        onUnknown: 'count',
        report: 'non-success',
      },
    });
    const refused = await messageQueues(client, { email }).send([message('sms'), message('email')]);
    expect(refused).toEqual([{ index: 0, code: 'channel.no-queue' }]);
  });

  it('G3: gives each message that it queues the name of a copy of its own', async () => {
    const url = (await client.send(new CreateQueueCommand({ QueueName: 'copies' }))).QueueUrl!;
    await messageQueues(client, { email: url }).send([queuedMessage('m1'), queuedMessage('m1')]);
    const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }));
    const bodies = Messages!.map(({ Body }) => readBody<QueuedMessage>(Body!));
    expect(bodies.map(({ request }) => request.id)).toEqual(['m1', 'm1']);
    expect(new Set(bodies.map(({ copy }) => copy)).size).toBe(2);
    expect(bodies.every(({ copy }) => /^[\w-]{12}$/.test(copy!))).toBe(true);
  });
});

describe('partial failures of SendMessageBatch', () => {
  const answering = (fail: (id: string, call: number) => string | undefined) => {
    const mock = mockClient(SQSClient);
    const batches: string[][] = [];
    mock.on(SendMessageBatchCommand).callsFake(({ Entries }: SendMessageBatchCommandInput) => {
      batches.push(Entries!.map(({ Id }) => Id!));
      const failed = Entries!.flatMap(({ Id }) => {
        const code = fail(Id!, batches.length);
        return code === undefined ? [] : [{ Id, Code: code, SenderFault: true }];
      });
      return { Successful: [], Failed: failed };
    });
    return { mock, batches };
  };
  const send = (mails: readonly OutgoingMail[]) => mailbox(new SQSClient({}), ['https://q']).send(mails);

  it('are tried again alone', async () => {
    const { mock, batches } = answering((id, call) => (id === '1' && call < 3 ? 'KmsThrottled' : undefined));
    expect(await send([mailFor('a', 0), mailFor('b', 1), mailFor('c', 2)])).toEqual([]);
    expect(batches).toEqual([['0', '1', '2'], ['1'], ['1']]);
    mock.restore();
  });

  it('G4: are not overtaken by later mail of the same profile', async () => {
    const { mock, batches } = answering((id, call) => (id === '0' && call === 1 ? 'InternalError' : undefined));
    await send([mailFor('a', 0), mailFor('a', 1)]);
    expect(batches).toEqual([['0'], ['0'], ['1']]);
    mock.restore();
  });

  it('that are for good are told, that last are Transient', async () => {
    const first = answering((id) => (id === '0' ? 'InvalidMessageContents' : undefined));
    expect(await send([mailFor('a', 0), mailFor('b', 1)])).toEqual([
      { index: 0, code: 'queue.InvalidMessageContents' },
    ]);
    first.mock.restore();
    const second = answering(() => 'InternalError');
    await expect(send([mailFor('a', 0)])).rejects.toBeInstanceOf(Transient);
    second.mock.restore();
  });
});
