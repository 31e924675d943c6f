import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { AccessKey, AccessStore } from '../app/access/ports.ts';
import { awsCall } from './aws-call.ts';
import { type Item, queryAll } from './pages.ts';
import type { StoredKind } from './stored-kind.ts';

/**
 * Keys of the access table: pk `keys`, sk the SHA-256 of the key. What is stored opens nothing: 256 random bits
 * cannot be guessed from their hash. No personal data beyond the name that an operator gave.
 */
const partition = 'keys';
const keyOf = (hash: string) => marshall({ pk: partition, sk: hash });

export function accessStore(client: DynamoDBClient, table: string): AccessStore {
  return {
    async findKey(hash) {
      const { Item } = await awsCall(client.send(new GetItemCommand({ TableName: table, Key: keyOf(hash) })));
      return Item && toKey(unmarshall(Item));
    },

    async listKeys() {
      const items = await queryAll(client, { TableName: table, partition, ConsistentRead: true });
      return items.map(toKey).sort((a, b) => b.createdAt - a.createdAt);
    },

    async putKey(hash, key) {
      await awsCall(
        client.send(
          new PutItemCommand({
            TableName: table,
            Item: marshall({ pk: partition, sk: hash, ...key }, { removeUndefinedValues: true }),
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        ),
      );
    },

    async removeKey(id) {
      const items = await queryAll(client, { TableName: table, partition, ConsistentRead: true });
      const hash = items.find((item) => item['id'] === id)?.['sk'] as string | undefined;
      if (hash === undefined) return false;
      await awsCall(client.send(new DeleteItemCommand({ TableName: table, Key: keyOf(hash) })));
      return true;
    },

    async touchKey(hash, at) {
      try {
        await awsCall(
          client.send(
            new UpdateItemCommand({
              TableName: table,
              Key: keyOf(hash),
              UpdateExpression: 'SET lastUsedAt = :at',
              ConditionExpression: 'attribute_exists(pk)',
              ExpressionAttributeValues: marshall({ ':at': at }),
            }),
          ),
        );
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
  };
}

function toKey(item: Item): AccessKey {
  const { pk, sk, ...key } = item;
  return key as unknown as AccessKey;
}

export const accessKinds: readonly StoredKind[] = [
  {
    kind: 'access-key',
    table: 'access',
    key: { partition: /^keys$/, sort: /^.+$/ },
    what: 'A key of the API or of ingest: the hash of it, its scopes, the name that an operator gave it, when it was used last',
    personalData: 'none',
    kept: 'until deleted',
  },
];
