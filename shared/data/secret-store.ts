import { randomBytes } from 'node:crypto';
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { newKeyId, type SecretKeys, type SecretRotation, type SecretStore, type StoredSecret } from '../app/secrets.ts';
import { Transient } from '../kernel/errors.ts';
import { awsCall } from './aws-call.ts';
import type { StoredKind } from './stored-kind.ts';

/**
 * Signing keys in the access table: pk `secret|<name>`, sk `keys`, `{ current, keys: { id: bytes }, until?, madeAt?, revision? }`.
 * No TTL: links in old mails must go on working. Rotating: add a key, make it `current`, and leave the old ones.
 */
export function secretStore(client: DynamoDBClient, table: string): SecretStore & SecretRotation {
  const keyOf = (name: string) => ({ pk: `secret|${name}`, sk: 'keys' });

  async function read(name: string): Promise<StoredSecret | undefined> {
    const answer = await awsCall(
      client.send(new GetItemCommand({ TableName: table, Key: marshall(keyOf(name)), ConsistentRead: true })),
    );
    if (answer.Item === undefined) return undefined;
    const { pk: _pk, sk: _sk, revision = 0, ...keys } = unmarshall(answer.Item);
    return { ...(keys as SecretKeys), revision: Number(revision) };
  }

  async function replace(name: string, next: SecretKeys, before: StoredSecret | undefined): Promise<boolean> {
    const revision = before === undefined ? 0 : before.revision + 1;
    const Item = marshall({ ...keyOf(name), ...next, revision });
    try {
      await awsCall(client.send(new PutItemCommand({ TableName: table, Item, ...unchanged(before) })));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  return {
    read,
    replace,
    async keys(name) {
      const stored = await read(name);
      if (stored !== undefined) return stored;
      const id = newKeyId();
      const made: SecretKeys = { current: id, keys: { [id]: randomBytes(32) } };
      if (await replace(name, made, undefined)) return made;
      const first = await read(name);
      if (first === undefined) throw new Transient('secret.gone', 'the key that was just there is gone', 1);
      return first;
    },
  };
}

/** Of a secret that an earlier release wrote, the revision is not there. */
function unchanged(before: StoredSecret | undefined) {
  if (before === undefined) return { ConditionExpression: 'attribute_not_exists(pk)' };
  const values = { ':revision': { N: String(before.revision) }, ':current': { S: before.current } };
  if (before.revision > 0) {
    return {
      ConditionExpression: 'revision = :revision AND #current = :current',
      ...named,
      ExpressionAttributeValues: values,
    };
  }
  return {
    ConditionExpression: '#current = :current AND (attribute_not_exists(revision) OR revision = :revision)',
    ...named,
    ExpressionAttributeValues: values,
  };
}

const named = { ExpressionAttributeNames: { '#current': 'current' } };

export const secretKinds: readonly StoredKind[] = [
  {
    kind: 'signing-key',
    table: 'access',
    key: { partition: /^secret\|.+$/, sort: /^keys$/ },
    what: 'Keys that sign links in messages, and requests to webhooks',
    personalData: 'none',
    kept: 'until deleted',
  },
];
