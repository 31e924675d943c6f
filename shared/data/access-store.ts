import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { AccessKey, AccessStore, Session } from '../app/access/ports.ts';
import type { Scope } from '../app/access/scopes.ts';
import { Conflict } from '../kernel/errors.ts';
import { DAY_MS } from '../kernel/time.ts';
import { awsCall } from './aws-call.ts';
import { type Item, queryAll } from './pages.ts';
import type { StoredKind } from './stored-kind.ts';

/**
 * Keys of the access table: pk `keys`, sk the SHA-256 of the key; sessions likewise, with a TTL. What is stored opens nothing: 256 random bits
 * cannot be guessed from their hash. No personal data beyond the name that an operator gave.
 */
const partition = 'keys';
const sessions = 'sessions';
/** 1, which is not written: `profiles:read` meant personal data too. Up to 2: `profiles:write` meant to erase as well. */
const SCHEMA = 3;
const keyOf = (hash: string) => marshall({ pk: partition, sk: hash });

export function accessStore(client: DynamoDBClient, table: string): AccessStore {
  const putOf = (hash: string, key: AccessKey) => ({
    TableName: table,
    Item: marshall(
      {
        pk: partition,
        sk: hash,
        schema: SCHEMA,
        ...key,
        ...(key.expiresAt !== undefined && { ttl: ttlOf(key.expiresAt) }),
      },
      { removeUndefinedValues: true },
    ),
    ConditionExpression: 'attribute_not_exists(pk)',
  });

  async function removeById(pk: string, id: string): Promise<boolean> {
    const items = await queryAll(client, { TableName: table, partition: pk, ConsistentRead: true });
    const sk = items.find((item) => item['id'] === id)?.['sk'] as string | undefined;
    if (sk === undefined) return false;
    await awsCall(client.send(new DeleteItemCommand({ TableName: table, Key: marshall({ pk, sk }) })));
    return true;
  }

  return {
    async findSession(hash) {
      const Key = marshall({ pk: sessions, sk: hash });
      const read = new GetItemCommand({ TableName: table, Key, ConsistentRead: true });
      const { Item } = await awsCall(client.send(read));
      return Item && toSession(unmarshall(Item));
    },

    async putSession(hash, session) {
      await awsCall(
        client.send(
          new PutItemCommand({
            TableName: table,
            Item: marshall({ pk: sessions, sk: hash, ...session, ttl: Math.ceil(session.expiresAt / 1_000) }),
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        ),
      );
    },

    async listSessions() {
      const items = await queryAll(client, { TableName: table, partition: sessions, ConsistentRead: true });
      return items.map(toSession).sort((a, b) => b.createdAt - a.createdAt);
    },

    removeSession: (id) => removeById(sessions, id),

    async findKey(hash) {
      const { Item } = await awsCall(client.send(new GetItemCommand({ TableName: table, Key: keyOf(hash) })));
      return Item && toKey(unmarshall(Item));
    },

    async listKeys() {
      const items = await queryAll(client, { TableName: table, partition, ConsistentRead: true });
      return items.map(toKey).sort((a, b) => b.createdAt - a.createdAt);
    },

    async putKey(hash, key) {
      await awsCall(client.send(new PutItemCommand(putOf(hash, key))));
    },

    async replaceKey(before, endsAt, hash, next) {
      const items = await queryAll(client, { TableName: table, partition, ConsistentRead: true });
      const old = items.find((item) => item['id'] === before.id)?.['sk'] as string | undefined;
      if (old === undefined) throw replaced();
      const end = {
        TableName: table,
        Key: keyOf(old),
        UpdateExpression: 'SET expiresAt = :ends, replacedBy = :next, #ttl = :ttl',
        ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(replacedBy)',
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ExpressionAttributeValues: marshall({ ':ends': endsAt, ':next': next.id, ':ttl': ttlOf(endsAt) }),
      };
      try {
        const TransactItems = [{ Put: putOf(hash, next) }, { Update: end }];
        await awsCall(client.send(new TransactWriteItemsCommand({ TransactItems })));
      } catch (error) {
        if (!(error instanceof TransactionCanceledException)) throw error;
        throw replaced();
      }
    },

    removeKey: (id) => removeById(partition, id),

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

function toSession({ pk, sk, ttl, ...session }: Item): Session {
  return session as unknown as Session;
}

/** A key that has ended is listed for a month more, for whoever wonders. */
const ttlOf = (endsAt: number) => Math.ceil((endsAt + 30 * DAY_MS) / 1_000);

const replaced = () => new Conflict('key.replaced', 'somebody else rotated or revoked it in the meantime');

/** What a scope meant before the schema since which another one says so: keys that are there keep what they may. */
const narrowed = [
  { since: 2, from: 'profiles:read', to: 'profiles:personal' },
  { since: 3, from: 'profiles:write', to: 'profiles:erase' },
] as const satisfies readonly { readonly since: number; readonly from: Scope; readonly to: Scope }[];

function toKey(item: Item): AccessKey {
  const { pk, sk, ttl, schema, ...key } = item;
  const scopes = key['scopes'] as AccessKey['scopes'];
  const meant = narrowed.flatMap(({ since, from, to }) =>
    Number(schema ?? 1) < since && scopes.includes(from) && !scopes.includes(to) ? [to] : [],
  );
  return { ...key, ...(meant.length > 0 && { scopes: [...scopes, ...meant] }) } as unknown as AccessKey;
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
  {
    kind: 'access-session',
    table: 'access',
    key: { partition: /^sessions$/, sort: /^.+$/ },
    what: 'A session of somebody of the team: the hash of it, the ARN of who signed in, their roles',
    personalData: 'none',
    kept: { atMost: 'an hour' },
  },
];
