import { BatchGetItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ItemStore } from '../../shared/app/collections/items.ts';
import { itemStore } from '../../shared/data/item-store.ts';
import { createTable, type DynamoEmulator, startDynoxide } from '../emulators/dynamo.ts';
import { memoryItems } from '../protocol/memory-stores.ts';

let emulator: DynamoEmulator;
beforeAll(async () => {
  emulator = await startDynoxide();
  await createTable(emulator.client, 'collections');
});
afterAll(() => emulator.stop());

describe.each<[string, () => ItemStore]>([
  ['DynamoDB', () => itemStore(emulator.client, 'collections')],
  ['memory', () => memoryItems(new Map())],
])('items in %s', (_name, open) => {
  it('are read together, listed by id, and replaced', async () => {
    const items = open();
    const one = { collection: 'products', id: 'b', values: { name: 'Wax', price: { amount: 1.5, currency: 'EUR' } } };
    await items.put({ ...one, savedAt: 1 });
    await items.put({ ...one, savedAt: 2, expiresAt: 3_000 });
    await items.put({ ...one, id: 'a', savedAt: 2 });
    await items.put({ ...one, collection: 'others', savedAt: 2 });
    const keys = ['a', 'b', 'none'].map((id) => ({ collection: 'products', id }));
    const found = await items.read([...keys, { collection: 'others', id: 'b' }]);
    expect(found).toHaveLength(3);
    expect(found).toContainEqual({ ...one, savedAt: 2, expiresAt: 3_000 });
    const { data, nextCursor } = await items.list('products', { limit: 1 });
    expect(data.map(({ id }) => id)).toEqual(['a']);
    expect((await items.list('products', { limit: 1, cursor: nextCursor! })).data.map(({ id }) => id)).toEqual(['b']);
    expect(await items.remove({ collection: 'products', id: 'b' }, 1)).toBe(false);
    expect(await items.remove({ collection: 'products', id: 'b' }, 2)).toBe(true);
    expect(await items.remove({ collection: 'products', id: 'b' })).toBe(false);
    expect(await items.remove({ collection: 'products', id: 'a' })).toBe(true);
    expect((await items.list('products', { limit: 9 })).data).toEqual([]);
  });
});

describe('what BatchGetItem leaves undone', () => {
  const wanted = [{ collection: 'products', id: 'a' }];
  const undone = { UnprocessedKeys: { t: { Keys: [{ pk: { S: 'products' }, sk: { S: 'a' } }] } } };
  const stored = { pk: { S: 'products' }, sk: { S: 'a' }, data: { S: '{}' }, savedAt: { N: '1' } };

  it('is asked for again', async () => {
    const mock = mockClient(DynamoDBClient);
    mock
      .on(BatchGetItemCommand)
      .resolvesOnce(undone)
      .resolves({ Responses: { t: [stored] } });
    expect(await itemStore(new DynamoDBClient({}), 't').read(wanted)).toMatchObject([{ id: 'a' }]);
    mock.restore();
  });
  it('and is a reason to come later, never taken for nothing there', async () => {
    const mock = mockClient(DynamoDBClient);
    mock.on(BatchGetItemCommand).resolves(undone);
    await expect(itemStore(new DynamoDBClient({}), 't').read(wanted)).rejects.toMatchObject({
      ...{ name: 'Transient', code: 'collection.unprocessed', retryAfterSeconds: 1 },
    });
    mock.restore();
  });
});
