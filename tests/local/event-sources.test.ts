import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bootFixture, DAY, type FixtureCloud, MINUTE, mail, removeFixture, SECOND } from './fixture/fixture-cloud.ts';

let cloud: FixtureCloud;
beforeAll(async () => {
  cloud = await bootFixture();
}, 60_000);
beforeEach(() => {
  cloud.onCall(undefined);
  cloud.meter.reset();
});
afterAll(async () => {
  await cloud.stop();
  removeFixture();
});

const note = (text: string): object => ({ do: 'note', text });

describe('a FIFO queue and its function', () => {
  it('delivers a group in order and several messages of it in one batch', async () => {
    mail(cloud, 'order', ['a', 'b', 'c', 'd'].map(note));
    await cloud.settle();
    expect(await cloud.notes('order')).toEqual(['a', 'b', 'c', 'd']);
    expect(Object.values(cloud.meter.read().invocations)).toEqual([1]);
    expect(cloud.queue('Mailbox').counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  it('holds a group back until its failed message was delivered again, and only that group', async () => {
    mail(cloud, 'blocked', [note('first'), { do: 'fail', times: 1 }, note('third')]);
    await cloud.settle();
    mail(cloud, 'blocked', [note('fourth')]);
    mail(cloud, 'free', [note('through')]);
    await cloud.advance(59 * SECOND);
    expect(await cloud.notes('blocked')).toEqual(['first']);
    expect(await cloud.notes('free')).toEqual(['through']);
    await cloud.advance(1 * SECOND);
    expect(await cloud.notes('blocked')).toEqual(['first', 'fail', 'third', 'fourth']);
  });

  it('dead-letters what fails too often, and lets the group go on', async () => {
    mail(cloud, 'doomed', [{ do: 'throw' }]);
    await cloud.advance(4 * MINUTE - SECOND);
    // A neighbour from the beginning would share every failed batch, and be dead-lettered with it.
    mail(cloud, 'doomed', [note('after')]);
    await cloud.advance(5 * MINUTE);
    expect(await cloud.notes('doomed')).toEqual(['after']);
    const [dead] = cloud.queue('MailboxDead').messages();
    expect(dead).toMatchObject({ body: '{"do":"throw"}', groupId: 'doomed', receiveCount: 5 });
    expect(dead!.deduplicationId).toBe(dead!.id);
  });
});

describe('a function that takes less than comes', () => {
  const recorder = () => cloud.functions()[functionName('Recorder')]!.logicalId;

  it('takes so many batches at once, each for so long', async () => {
    cloud.limit(recorder(), { atOnce: 2, batchMs: 3 * SECOND });
    for (let group = 0; group < 50; group++) mail(cloud, `slow-${group}`, [note('seen')]);
    await cloud.advance(3 * SECOND);
    expect(cloud.queue('Mailbox').counts()).toEqual({ visible: 10, inFlight: 20, delayed: 0 });
    await cloud.advance(3 * SECOND);
    expect(cloud.queue('Mailbox').counts()).toEqual({ visible: 0, inFlight: 10, delayed: 0 });
    cloud.limit(recorder(), undefined);
    await cloud.advance(3 * SECOND);
    expect(cloud.queue('Mailbox').messages()).toEqual([]);
  });

  it('is throttled: each visibility time-out costs a receive, and when there is room again they come at once', async () => {
    cloud.limit(recorder(), { throttled: true });
    mail(cloud, 'no-room', [note('first'), note('second')]);
    await cloud.advance(3 * MINUTE - SECOND);
    expect(await cloud.notes('no-room')).toEqual([]);
    expect(
      cloud
        .queue('Mailbox')
        .messages()
        .map(({ receiveCount }) => receiveCount),
    ).toEqual([3, 3]);
    cloud.limit(recorder(), undefined);
    await cloud.settle();
    expect(await cloud.notes('no-room')).toEqual(['first', 'second']);
    expect(cloud.queue('Mailbox').messages()).toEqual([]);
  });
});

describe('a standard queue and its function', () => {
  it('delivers a delayed message when its delay is over', async () => {
    mail(cloud, 'sender', [{ do: 'forward', delay: 900 }]);
    await cloud.advance(899 * SECOND);
    expect(await cloud.notes('none')).toEqual([]);
    await cloud.advance(1 * SECOND);
    expect(await cloud.notes('none')).toEqual(['late']);
  });

  it('delivers a message again when a deletion misses a copy', async () => {
    const before = (await cloud.notes('none')).length;
    cloud.queue('Soon').keepCopies(1);
    cloud.queue('Soon').send({ body: '{"do":"note","text":"copy"}' });
    await cloud.settle();
    expect((await cloud.notes('none')).slice(before)).toEqual(['copy', 'copy']);
  });

  it('collects a batch until its window ends, then starts one execution that wakes everybody after 30 days', async () => {
    const due = new Date(cloud.now() + 30 * DAY + 500).toISOString();
    for (const key of ['w1', 'w2', 'w3'])
      cloud.queue('Wakes').send({ body: JSON.stringify({ name: 'cohort', due, key }) });
    await cloud.advance(19 * SECOND);
    expect(cloud.executions()).toEqual([]);
    await cloud.advance(1 * SECOND);
    expect(cloud.executions()).toMatchObject([{ name: 'cohort', status: 'RUNNING' }]);
    await cloud.advance(30 * DAY - 21 * SECOND);
    expect(await cloud.notes('w1')).toEqual([]);
    await cloud.advance(1 * SECOND);
    // Milliseconds of a Timestamp are cut off, so the wait ends within the second in which it is due.
    for (const key of ['w1', 'w2', 'w3']) expect(await cloud.notes(key)).toEqual([`woken at ${due.slice(0, 16)}`]);
    expect(cloud.executions()).toMatchObject([{ status: 'SUCCEEDED', transitions: 2 }]);
  });
});

describe('the recursion guard', () => {
  it('cuts a chain after 16 invocations of one function and puts the message into the dead-letter queue', async () => {
    cloud.queue('LoopQueue').send({ body: '30' });
    await cloud.settle();
    expect(
      cloud
        .queue('LoopDead')
        .messages()
        .map((message) => message.body),
    ).toEqual(['14']);
    expect(cloud.functions()).toMatchObject({ [functionName('Loop')]: { longestChain: 16, cutChains: 1 } });
    expect(cloud.lines.some((line) => line.includes('recursion guard'))).toBe(true);
  });

  it('lets a function recurse that allows it', async () => {
    cloud.queue('FreeLoopQueue').send({ body: '30' });
    await cloud.settle();
    expect(cloud.functions()).toMatchObject({ [functionName('FreeLoop')]: { longestChain: 31, cutChains: 0 } });
  });
});

describe('faults', () => {
  const attempts = async (): Promise<number> => {
    await cloud.settle();
    const before = (await cloud.notes('batches')).length;
    await cloud.advance(2 * MINUTE);
    return (await cloud.notes('batches')).length - before;
  };

  it.each([
    ['crash-before', ['x']],
    ['crash-after', ['x', 'x']],
  ] as const)('%s kills the worker, and the message returns', async (fault, expected) => {
    const restarts = cloud.functions()[functionName('Recorder')]!.restarts;
    let left = 1;
    cloud.onCall((call) =>
      call.action === 'dynamodb:UpdateItem' && call.n > 0 && --noteCalls === 0 && left-- > 0 ? fault : 'pass',
    );
    // The batch is noted first, so the second update is the message's own.
    let noteCalls = 2;
    mail(cloud, fault, [note('x')]);
    await attempts();
    expect(await cloud.notes(fault)).toEqual(expected);
    expect(cloud.functions()[functionName('Recorder')]!.restarts).toBe(restarts + 1);
  });

  it('a lost answer has its effect, and the message is tried again', async () => {
    let calls = 2;
    cloud.onCall((call) => (call.action === 'dynamodb:UpdateItem' && --calls === 0 ? 'lose-answer' : 'pass'));
    mail(cloud, 'lost', [note('y')]);
    await attempts();
    expect(await cloud.notes('lost')).toEqual(['y', 'y']);
  });

  it('a batch can fail in part', async () => {
    cloud.onCall((call) => (call.action === 'sqs:SendMessage' ? { holdBack: 1 } : 'pass'));
    await expect(cloud.invoke('Waker', { members: ['p1', 'p2'] })).rejects.toThrow('1 entries failed');
    await cloud.settle();
    expect([(await cloud.notes('p1')).length, (await cloud.notes('p2')).length]).toEqual([1, 0]);
  });

  it('an error can come after the effect', async () => {
    cloud.onCall((call) =>
      call.action === 'sqs:SendMessage' ? { code: 'Oops', status: 400, afterEffect: true } : 'pass',
    );
    await expect(cloud.invoke('Waker', { members: ['after'] })).rejects.toMatchObject({ name: 'Oops' });
    await cloud.settle();
    expect(await cloud.notes('after')).toHaveLength(1);
  });

  it('throttling has no effect', async () => {
    let calls = 2;
    cloud.onCall((call) => (call.action === 'dynamodb:UpdateItem' && --calls === 0 ? 'throttle' : 'pass'));
    mail(cloud, 'throttled', [note('z')]);
    await cloud.settle();
    expect(await cloud.notes('throttled')).toEqual([]);
    expect(cloud.lines.some((line) => line.includes('ProvisionedThroughputExceededException'))).toBe(true);
    await cloud.advance(MINUTE);
    expect(await cloud.notes('throttled')).toEqual(['z']);
  });
});

describe('roles', () => {
  it('refuses what the role of the function does not allow, and remembers it', async () => {
    mail(cloud, 'thief', [{ do: 'forbidden' }]);
    await cloud.settle();
    expect(cloud.denied).toMatchObject([
      { principal: expect.stringContaining('Recorder'), action: 'dynamodb:DeleteItem' },
    ]);
    expect(cloud.lines.some((line) => line.includes('AccessDeniedException'))).toBe(true);
  });

  it('knows which statements a call has needed', () => {
    const own = cloud.statements().filter((statement) => statement.usedBy.some((name) => name.includes('Recorder')));
    const used = own.filter((statement) => statement.isUsed).flatMap((statement) => statement.actions);
    expect(used).toEqual(expect.arrayContaining(['dynamodb:UpdateItem', 'sqs:SendMessage', 'sqs:ReceiveMessage']));
    const unused = cloud.statements().filter((statement) => !statement.isUsed);
    expect(unused.flatMap((statement) => statement.actions)).toContain('ses:SendEmail');
  });
});

function functionName(name: string): string {
  return cloud.assembly
    .ofType('AWS::Lambda::Function')
    .find((one) => new RegExp(`^${name}[0-9A-F]{8}$`).test(one.logicalId))!.name;
}
