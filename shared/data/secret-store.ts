import { randomBytes } from 'node:crypto';
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { SecretKeys, SecretStore } from '../app/secrets.ts';
import { Transient } from '../kernel/errors.ts';
import { awsCall } from './aws-call.ts';

/**
 * Signing keys in the access table: pk `secret|<name>`, sk `keys`, `{ current, keys: { id: bytes } }`. No TTL: links in
 * old mails must go on working. Rotating: add a key, make it `current`, and leave the old ones.
 */
export function secretStore(client: DynamoDBClient, table: string): SecretStore {
  const keyOf = (name: string) => ({ pk: `secret|${name}`, sk: 'keys' });

  async function read(name: string): Promise<SecretKeys | undefined> {
    const answer = await awsCall(
      client.send(new GetItemCommand({ TableName: table, Key: marshall(keyOf(name)), ConsistentRead: true })),
    );
    if (answer.Item === undefined) return undefined;
    const { current, keys } = unmarshall(answer.Item) as SecretKeys;
    return { current, keys };
  }

  return {
    async keys(name) {
      const stored = await read(name);
      if (stored !== undefined) return stored;
      const id = randomBytes(4).toString('hex');
      const made: SecretKeys = { current: id, keys: { [id]: randomBytes(32) } };
      try {
        const Item = marshall({ ...keyOf(name), ...made });
        const ConditionExpression = 'attribute_not_exists(pk)';
        await awsCall(client.send(new PutItemCommand({ TableName: table, Item, ConditionExpression })));
        return made;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        const first = await read(name);
        if (first === undefined) throw new Transient('secret.gone', 'the key that was just there is gone', 1);
        return first;
      }
    },
  };
}
