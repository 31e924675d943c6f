import { DeleteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Erasing } from '../../shared/app/erasure/ports.ts';
import type { MessageRecord } from '../../shared/app/ports.ts';
import { messageStore } from '../../shared/data/message-store.ts';
import { remainsIn } from '../../shared/data/remains.ts';
import { profileKey } from '../../shared/kernel/ids.ts';
import { type DynamoEmulator, startDynoxide } from '../emulators/dynamo.ts';
import { allTables, at, everyItem, fillStores } from './filled-stores.ts';

const nothingKept = () => Promise.reject(new Error('the policy keeps nothing'));
const names = Object.fromEntries(allTables.map((table) => [table, table]));
const key = profileKey('user', 'back');
const erasing: Erasing = { key, inc: 1, at: at + 1, recreatedAt: at + 2, addresses: [] };

let emulator: DynamoEmulator;
beforeAll(async () => {
  emulator = await startDynoxide();
  await fillStores(emulator.client);
});
afterAll(() => emulator.stop());

/** One that nobody knows of whether it was sent, and the note that says so. */
async function putUnknown(id: string, inc: number, time: number): Promise<void> {
  const messages = messageStore(emulator.client, 'messages', 90);
  const record: MessageRecord = {
    ...{ key, id, inc, st: 'unknown', by: 'one/0', copy: 'c', decidedAt: time, at: time },
    ...{ channel: 'email', topic: 'news' },
  };
  await messages.put(record, 'absent');
  await messages.noteUnknown(record);
}

async function idsOf(text: string): Promise<string[]> {
  const all = (await everyItem(emulator.client)).filter(({ table }) => table === 'messages');
  return all.map(({ item }) => `${item['pk']!.S} ${item['id']!.S}`).filter((one) => one.includes(text));
}

it('of whoever came back, what another item leads to stays or goes with that', async () => {
  await putUnknown('message-of-before', 0, at);
  await putUnknown('message-of-after', 1, at + 3);
  expect([(await idsOf('of-before')).length, (await idsOf('of-after')).length]).toEqual([2, 2]);
  expect(await remainsIn(emulator.client, names, nothingKept).remove(erasing)).toBe(2);
  expect([(await idsOf('of-before')).length, (await idsOf('of-after')).length]).toEqual([0, 2]);
});

it('what leads to another item is deleted after it, so that a call that died can go on', async () => {
  await putUnknown('message-that-dies', 0, at);
  const dying = {
    send(command: DeleteItemCommand) {
      const answer = emulator.client.send(command);
      return command instanceof DeleteItemCommand ? answer.then(() => Promise.reject(new Error('died'))) : answer;
    },
  } as unknown as DynamoDBClient;
  await expect(remainsIn(dying, names, nothingKept).remove(erasing)).rejects.toThrow('died');
  expect(await idsOf('that-dies')).toHaveLength(1);
  expect(await remainsIn(emulator.client, names, nothingKept).remove(erasing)).toBe(1);
  expect(await idsOf('that-dies')).toEqual([]);
});

it('a table where something goes is never left out', () => {
  const { inbox: _, ...others } = names;
  expect(() => remainsIn(emulator.client, others, nothingKept)).toThrow(
    'nobody erases inbox-message: the table inbox is not named',
  );
});
