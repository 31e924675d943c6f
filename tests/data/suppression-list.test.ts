import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { suppressionList } from '../../shared/data/suppression-list.ts';
import { addressHash, asHashed } from '../../shared/domain/messaging/address.ts';
import type { SuppressionReason } from '../../shared/domain/messaging/suppression.ts';
import { createTable, type DynamoEmulator, startDynoxide } from '../emulators/dynamo.ts';

describe('the suppression list', () => {
  let emulator: DynamoEmulator;
  let list: ReturnType<typeof suppressionList>;
  beforeAll(async () => {
    emulator = await startDynoxide();
    list = suppressionList(emulator.client, await createTable(emulator.client, 'suppressions'));
  });
  afterAll(() => emulator.stop());

  const put = (addressHash: string, reason: SuppressionReason, at: number, topic: string | null = null) =>
    list.put({ channel: 'email', addressHash, topic, reason, at });
  const held = async (of: string) => (await list.ofAddress('email', of)).map(({ reason, at }) => `${reason} ${at}`);

  it.each<[string, [SuppressionReason, number][], string]>([
    [
      'the newer of one reason',
      [
        ['unsubscribe', 1],
        ['unsubscribe', 2],
      ],
      'unsubscribe 2',
    ],
    [
      'not the older',
      [
        ['unsubscribe', 2],
        ['unsubscribe', 1],
      ],
      'unsubscribe 2',
    ],
    [
      'what weighs more',
      [
        ['unsubscribe', 5],
        ['bounce', 1],
      ],
      'bounce 1',
    ],
    [
      'a bounce, whatever is wanted later',
      [
        ['bounce', 1],
        ['manual', 2],
        ['unsubscribe', 3],
      ],
      'bounce 1',
    ],
    [
      'a complaint above all',
      [
        ['complaint', 1],
        ['bounce', 2],
      ],
      'complaint 1',
    ],
  ])('of one address and topic keeps %s', async (name, puts, expected) => {
    for (const [reason, at] of puts) await put(name, reason, at);
    expect(await held(name)).toEqual([expected]);
  });

  it('asks for hashed addresses only where there are some, which it sees within a minute; and finds them then', async () => {
    const table = await createTable(emulator.client, 'suppressions', 'hashed');
    const { world, counted } = counting();
    const sender = suppressionList(counted, table, () => world.now);
    const importer = suppressionList(emulator.client, table);
    const [own, hashed] = [addressHash('email', 'ann@example.com'), asHashed('email', 'ann@example.com')];
    const readsOf = async () => {
      const before = world.reads;
      const found = await sender.ofAddress('email', own, hashed);
      return [found.map(({ reason }) => reason), world.reads - before];
    };
    expect(await readsOf()).toEqual([[], 2]);
    expect(await readsOf(), 'no second read for each message').toEqual([[], 1]);
    await importer.put({ channel: 'email', addressHash: hashed, topic: null, reason: 'manual', at: 1 });
    await importer.put({ channel: 'email', addressHash: own, topic: 'offers', reason: 'unsubscribe', at: 1 });
    expect(await readsOf()).toEqual([['unsubscribe'], 1]);
    world.now += 60_000;
    expect(await readsOf()).toEqual([['unsubscribe', 'manual'], 3]);
    expect(await readsOf()).toEqual([['unsubscribe', 'manual'], 2]);
    expect(await sender.ofAddress('sms', own, hashed), 'of another channel').toEqual([]);
    await importer.remove({ channel: 'email', topic: null, hashes: [own, hashed] });
    expect(await readsOf()).toEqual([['unsubscribe'], 2]);
  });

  it('what stays of who was erased is found by whoever has the address and the salt, and costs nobody else a read', async () => {
    const table = await createTable(emulator.client, 'suppressions', 'salted');
    const key = (byte: number) => new Uint8Array(32).fill(byte);
    const salts = { keys: async () => ({ current: 'two', keys: { one: key(1), two: key(2) } }) };
    const { world, counted } = counting();
    const sender = suppressionList(counted, table, () => world.now, salts);
    const [own, hashed] = [addressHash('sms', '+14155550100'), asHashed('sms', '+14155550100')];
    const readsOf = async () => {
      const before = world.reads;
      const found = await sender.ofAddress('sms', own, hashed);
      return [found.map(({ reason, topic }) => `${reason} ${topic}`), world.reads - before];
    };
    await readsOf();
    expect(await readsOf(), 'no second read for each message').toEqual([[], 1]);
    const suppressed = (addressHash: string, reason: SuppressionReason, topic: string | null) =>
      ({ channel: 'sms', addressHash, topic, reason, at: 1 }) as const;
    const erasing = suppressionList(emulator.client, table, () => 0, salts);
    await erasing.keepSalted(suppressed(own, 'unsubscribe', null));
    await erasing.keepSalted(suppressed(hashed, 'manual', 'offers'));
    const before = { keys: async () => ({ current: 'one', keys: { one: key(1) } }) };
    await suppressionList(emulator.client, table, () => 0, before).keepSalted(suppressed(own, 'complaint', 'news'));
    world.now += 60_000;
    const [all] = await readsOf();
    expect(new Set(all as string[])).toEqual(new Set(['unsubscribe null', 'manual offers', 'complaint news']));
    expect((await readsOf())[1], 'two hashes under each of two keys').toBe(5);
    await erasing.liftUnsubscribe('sms', [own, hashed]);
    await erasing.remove({ channel: 'sms', topic: 'news', hashes: [own, hashed] });
    expect((await readsOf())[0]).toEqual(['manual offers']);
    const others = { keys: async () => ({ current: 'three', keys: { three: key(3) } }) };
    expect(await suppressionList(emulator.client, table, () => 0, others).ofAddress('sms', own, hashed)).toEqual([]);
  });

  it('a customer’s own wish about everything can be lifted; what is of others cannot', async () => {
    await put('own', 'unsubscribe', 1);
    await put('own', 'unsubscribe', 1, 'offers');
    await list.liftUnsubscribe('email', ['own']);
    expect(await held('own')).toEqual(['unsubscribe 1']);
    for (const reason of ['manual', 'bounce', 'complaint'] as const) {
      await put(reason, reason, 1);
      await list.liftUnsubscribe('email', [reason]);
      expect(await held(reason)).toEqual([`${reason} 1`]);
    }
    await list.liftUnsubscribe('email', ['nobody']);
  });

  /** A client whose calls are counted, and a clock that stands. */
  function counting() {
    const world = { now: 0, reads: 0 };
    const counted = {
      send: (command: Parameters<typeof emulator.client.send>[0]) => {
        world.reads += 1;
        return emulator.client.send(command);
      },
    } as unknown as typeof emulator.client;
    return { world, counted };
  }
});
