import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FaultInjector, type FaultKind, faultKinds } from '../../local/cloud.ts';
import { Dice } from '../../local/faults/dice.ts';
import { bootFixture, type FixtureCloud, HOUR, MINUTE, mail, removeFixture, SECOND } from './fixture/fixture-cloud.ts';

const note = (text: string): object => ({ do: 'note', text });
/** Of one kind only, and of that as much as there can be. */
const only = (kind: FaultKind, severity = 1_000_000) => new FaultInjector({ seed: 1, kinds: [kind], severity });

describe('chance', () => {
  it('is the same for the same call, whatever came before it', () => {
    const [first, second] = [new Dice('7'), new Dice('7')];
    second.throwFor('another');
    const thrown = [first.throwFor('one'), first.throwFor('one')];
    expect([second.throwFor('one'), second.throwFor('one')]).toEqual(thrown);
    expect(thrown[0]).not.toBe(thrown[1]);
    expect(new Dice('8').throwFor('one')).not.toBe(thrown[0]);
  });

  it('leaves out the kinds that are not wanted', () => {
    const call = { functionName: 'f', service: 's', action: 'a', resource: 'r', n: 1, requestId: undefined };
    const observed = { ...call, identity: 'i', isConditional: true, isBatch: true };
    const none = new FaultInjector({ seed: 1, kinds: [], severity: 1_000_000 });
    expect(none.call(observed)).toBe('pass');
    expect(none.counts()).toEqual({});
    expect(only('partial-batch').call(observed)).toEqual({ holdBack: 1 });
    expect(only('partial-batch').call({ ...observed, isBatch: false })).toBe('pass');
    expect(only('condition-lost').call({ ...observed, isConditional: false })).toBe('pass');
  });
});

describe('faults of a cloud', () => {
  let cloud: FixtureCloud;
  beforeAll(async () => {
    cloud = await bootFixture();
  }, 60_000);
  beforeEach(() => cloud.inject(undefined));
  afterAll(async () => {
    await cloud.stop();
    removeFixture();
  });

  /** Sends notes of one group under a fault of one kind, ends it, and waits for what comes again. */
  async function under(kind: FaultKind, group: string) {
    const injector = only(kind);
    cloud.inject(injector);
    mail(cloud, group, ['a', 'b', 'c'].map(note));
    await cloud.settle();
    cloud.inject(undefined);
    const counted = injector.counts()[kind] ?? 0;
    expect(Object.keys(injector.counts())).toEqual(counted === 0 ? [] : [kind]);
    return counted;
  }

  it.each([
    ['timed-out-before', 0],
    ['killed-before', 0],
    ['timed-out-after', 1],
    ['killed-after', 1],
  ] as const)('%s: of its first call %i is done, and all of it comes again', async (kind, done) => {
    // The first call of a batch notes its size.
    const batches = (await cloud.notes('batches')).length;
    expect(await under(kind, kind)).toBe(1);
    expect(await cloud.notes('batches')).toHaveLength(batches + done);
    expect(await cloud.notes(kind)).toEqual([]);
    await cloud.advance(MINUTE);
    expect(await cloud.notes(kind)).toEqual(['a', 'b', 'c']);
  });

  it('delete-lost: what was done comes again after its visibility timeout', async () => {
    expect(await under('delete-lost', 'undeleted')).toBe(3);
    expect(await cloud.notes('undeleted')).toEqual(['a', 'b', 'c']);
    await cloud.advance(MINUTE);
    expect(await cloud.notes('undeleted')).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
  });

  it('expired-in-work: a group comes again as a whole, in its order', async () => {
    const injector = only('expired-in-work');
    cloud.inject(injector);
    const receives: number[] = [];
    const queue = cloud.queue('Mailbox');
    const { receive } = queue;
    queue.receive = (...args) => {
      const received = receive.apply(queue, args);
      receives.push(received.length);
      if (receives.length > 1) cloud.inject(undefined);
      return received;
    };
    mail(cloud, 'expired', ['d', 'e'].map(note));
    await cloud.settle();
    queue.receive = receive;
    await cloud.advance(2 * MINUTE);
    expect(injector.counts()).toEqual({ 'expired-in-work': 2 });
    expect(receives.slice(0, 2)).toEqual([2, 2]);
    expect(queue.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  it('dead-lettered: it lies in the dead-letter queue, with the queue that it comes from', async () => {
    expect(await under('dead-lettered', 'dead')).toBe(3);
    const dead = cloud.queue('MailboxDead');
    expect(dead.messages().map(({ groupId, sourceArn }) => [groupId, sourceArn])).toEqual(
      Array(3).fill(['dead', cloud.queue('Mailbox').settings.arn]),
    );
    dead.purge();
  });

  it('stuck-consumer: nothing is taken for a while, then all of it', async () => {
    cloud.inject(only('stuck-consumer'));
    mail(cloud, 'stuck', ['a', 'b'].map(note));
    await cloud.settle();
    cloud.inject(undefined);
    expect(await cloud.notes('stuck')).toEqual([]);
    await cloud.advance(30 * MINUTE);
    expect(await cloud.notes('stuck')).toEqual(['a', 'b']);
  });

  it('delivered-twice: only messages of standard queues, which are not deleted', async () => {
    expect(await under('delivered-twice', 'once')).toBe(0);
    cloud.inject(only('delivered-twice', 20));
    mail(cloud, 'sender', Array(20).fill({ do: 'forward', delay: 1 }));
    await cloud.advance(SECOND);
    cloud.inject(undefined);
    await cloud.advance(HOUR);
    expect((await cloud.notes('none')).length).toBeGreaterThan(20);
  });

  it('names every kind', () => {
    expect(new Set(faultKinds).size).toBe(faultKinds.length);
    expect(faultKinds).toContain('execution-failed');
  });
});
