import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { ItemKey, ItemStore, StoredItem } from '../app/collections/items.ts';
import type { ItemValues } from '../domain/messaging/collection-item.ts';
import { Transient } from '../kernel/errors.ts';
import { SECOND_MS } from '../kernel/time.ts';
import { awsCall } from './aws-call.ts';
import { queryPage } from './pages.ts';
import type { StoredKind } from './stored-kind.ts';

type Stored = Record<string, AttributeValue>;

/** Of what BatchGetItem leaves undone. */
const MAX_TRIES = 3;
const PAUSE_MS = 50;

/**
 * Collections: pk <collection>, sk <item id>. Values are JSON text, as documents are. A collection is one partition key, so
 * that its items can be listed; DynamoDB splits what grows large or hot between sort keys ("Burst and adaptive
 * capacity"), and senders ask for an item once in 30 seconds (item-cache.ts).
 */
export function itemStore(client: DynamoDBClient, table: string): ItemStore {
  return {
    async read(wanted) {
      const items: Stored[] = [];
      let keys: Stored[] | undefined = wanted.map(keyOf);
      for (let tries = 1; keys !== undefined && keys.length > 0; tries++) {
        // DynamoDB, BatchGetItem: what it has no room for comes back as UnprocessedKeys; ask for it again, a little later.
        if (tries > MAX_TRIES) throw new Transient('collection.unprocessed', `${keys.length} items were not read`, 1);
        if (tries > 1) await sleep(PAUSE_MS * 2 ** (tries - 2));
        // Consistent: an item may be saved a moment before the event that names it.
        const command = new BatchGetItemCommand({ RequestItems: { [table]: { Keys: keys, ConsistentRead: true } } });
        const answer: BatchGetItemCommandOutput = await awsCall(client.send(command));
        items.push(...(answer.Responses?.[table] ?? []));
        keys = answer.UnprocessedKeys?.[table]?.Keys;
      }
      return items.map((item) => fromItem(unmarshall(item)));
    },

    async list(collection, page) {
      const { data, ...rest } = await queryPage(client, { TableName: table, partition: collection }, page);
      return { ...rest, data: data.map(fromItem) };
    },

    async put(item) {
      await awsCall(client.send(new PutItemCommand({ TableName: table, Item: toItem(item) })));
    },

    async remove(item, savedBy) {
      const condition =
        savedBy === undefined
          ? { ConditionExpression: 'attribute_exists(pk)' }
          : { ConditionExpression: 'savedAt <= :by', ExpressionAttributeValues: { ':by': { N: String(savedBy) } } };
      try {
        await awsCall(client.send(new DeleteItemCommand({ TableName: table, Key: keyOf(item), ...condition })));
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },
  };
}

const keyOf = ({ collection, id }: ItemKey): Stored => ({ pk: { S: collection }, sk: { S: id } });

function toItem(item: StoredItem): Stored {
  const { values, savedAt, expiresAt } = item;
  return {
    ...keyOf(item),
    data: { S: JSON.stringify(values) },
    savedAt: { N: String(savedAt) },
    ...(expiresAt !== undefined && {
      expiresAt: { N: String(expiresAt) },
      ttl: { N: String(Math.ceil(expiresAt / SECOND_MS)) },
    }),
  };
}

function fromItem(item: Record<string, unknown>): StoredItem {
  return {
    collection: item['pk'] as string,
    id: item['sk'] as string,
    values: JSON.parse(item['data'] as string) as ItemValues,
    savedAt: item['savedAt'] as number,
    ...(item['expiresAt'] !== undefined && { expiresAt: item['expiresAt'] as number }),
  };
}

export const collectionKinds: readonly StoredKind[] = [
  {
    kind: 'collection-item',
    table: 'collections',
    key: { partition: /^[a-z0-9][a-z0-9-]*$/, sort: /^.+$/s },
    what: 'An item of a collection, such as a product, with the fields that messages show',
    personalData: 'none',
    kept: { atMost: 'until the day that the item says' },
  },
];
