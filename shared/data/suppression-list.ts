import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import type { Page, PageRequest } from '../app/page.ts';
import type { Clock } from '../app/ports.ts';
import type { Channel } from '../domain/messaging/channel.ts';
import type { RemovedSuppression, Suppression } from '../domain/messaging/suppression.ts';
import { InvalidInput } from '../kernel/errors.ts';
import { suppressionItem } from './actor-keys.ts';
import { awsCall } from './aws-call.ts';
import { type Salts, suppressionStore, toSuppression } from './suppression-store.ts';

/** What `send` reads, and what only people do: taking a suppression away. */
export function suppressionList(client: DynamoDBClient, table: string, now?: Clock, salts?: Salts) {
  const store = suppressionStore(client, table, now, salts);
  return {
    ...store,
    async remove({ channel, topic, hashes }: RemovedSuppression): Promise<void> {
      for (const addressHash of [...hashes, ...(await store.saltedOf(channel, hashes))]) {
        const Key = suppressionItem({ channel, addressHash, topic });
        await awsCall(client.send(new DeleteItemCommand({ TableName: table, Key })));
      }
    },
    /** In the order of hashes. A page may have fewer than asked for, also none, and not be the last. */
    async list({ limit, cursor }: PageRequest): Promise<Page<Suppression>> {
      const command = new ScanCommand({
        TableName: table,
        Limit: limit,
        ...(cursor !== undefined && { ExclusiveStartKey: readCursor(cursor) }),
      });
      const { Items = [], LastEvaluatedKey: last } = await awsCall(client.send(command));
      // What only says that there are others has no reason.
      const data = Items.filter((item) => item['reason'] !== undefined).map(toSuppression);
      return last === undefined ? { data } : { data, nextCursor: writeCursor(last) };
    },
    /** What the customer had asked for themselves, of all topics. */
    async liftUnsubscribe(channel: Channel, hashes: readonly string[]): Promise<void> {
      for (const addressHash of [...hashes, ...(await store.saltedOf(channel, hashes))]) {
        const command = new DeleteItemCommand({
          TableName: table,
          Key: suppressionItem({ channel, addressHash, topic: null }),
          ConditionExpression: '#reason = :unsubscribe',
          ExpressionAttributeNames: { '#reason': 'reason' },
          ExpressionAttributeValues: { ':unsubscribe': { S: 'unsubscribe' } },
        });
        try {
          await awsCall(client.send(command));
        } catch (error) {
          if (!(error instanceof ConditionalCheckFailedException)) throw error;
        }
      }
    },
  };
}

type Key = Readonly<Record<string, AttributeValue>>;

const writeCursor = ({ pk, sk }: Key): string => Buffer.from(JSON.stringify([pk?.S, sk?.S])).toString('base64url');

function readCursor(cursor: string): Record<string, AttributeValue> {
  try {
    const read: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const [pk, sk] = Array.isArray(read) ? (read as unknown[]) : [];
    if (isKey(pk) && isKey(sk)) return { pk: { S: pk }, sk: { S: sk } };
  } catch {
    // Not JSON: not one of ours.
  }
  const problem = {
    pointer: '/cursor',
    code: 'cursor',
    detail: 'not a cursor of this list',
    fix: 'start without cursor',
  };
  throw new InvalidInput('list.cursor', 'cursor is none that this list gave', [problem]);
}

const isKey = (part: unknown): part is string => typeof part === 'string' && part !== '' && part.length <= 1_024;
