import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  type DynamoDBClientConfig,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { InboxMessage, InboxStore } from '../app/inbox/inbox.ts';
import type { InAppContent } from '../domain/messaging/render/in-app-content.ts';
import { TEST_RUN_DAYS } from '../domain/profiles/limits.ts';
import { isTestKey, type ProfileKey } from '../kernel/ids.ts';
import { DAY_MS } from '../kernel/time.ts';
import { messageItem } from './actor-keys.ts';
import { awsCall } from './aws-call.ts';
import { PROFILE_KEY, type StoredKind, TEST_KEY } from './stored-kind.ts';

/** For a channel's adapter: one attempt, and whoever asks tries again (tests/channels/adapter-contract.ts). */
export const oneCall = {
  maxAttempts: 1,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
} satisfies DynamoDBClientConfig;

type Item = Record<string, AttributeValue>;

/** Of 1 MB each: what read-inbox.ts leaves fits into three, and this is a stop for what nobody has foreseen. */
const maxPages = 8;

/**
 * Inbox: pk <profile key>, id <message id>. The message's id is the key, so that a message that is stored again after
 * whatever befell it is the same one. There is no order in it: a customer has about a hundred at most, the query for
 * `unread` reads all of them anyway, and no index has to be written.
 */
export function inboxStore(client: DynamoDBClient, table: string): InboxStore {
  async function itemsOf(key: ProfileKey) {
    const items: Item[] = [];
    let from: Item | undefined;
    for (let page = 0; page < maxPages; page++) {
      const answer = await awsCall(
        client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: 'pk = :pk',
            ExpressionAttributeValues: { ':pk': { S: key } },
            // What was marked as read a moment ago is not unread again.
            ConsistentRead: true,
            ExclusiveStartKey: from,
            FilterExpression: 'attribute_exists(content)',
          }),
        ),
      );
      items.push(...(answer.Items ?? []));
      from = answer.LastEvaluatedKey;
      if (from === undefined) break;
    }
    return items;
  }

  async function change(
    { key, id }: Pick<InboxMessage, 'key' | 'id'>,
    at: number,
    what: { readonly UpdateExpression: string; readonly ConditionExpression: string },
  ): Promise<boolean> {
    const ExpressionAttributeValues = { ':at': { N: String(at) } };
    const command = { TableName: table, Key: messageItem(key, id), ExpressionAttributeValues, ...what };
    return unlessRefused(awsCall(client.send(new UpdateItemCommand(command))));
  }

  return {
    put: (message) =>
      unlessRefused(
        client.send(
          new PutItemCommand({
            TableName: table,
            Item: toItem(message),
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        ),
      ),

    async list(key) {
      return (await itemsOf(key)).map(fromItem);
    },

    async read(key, id) {
      const get = new GetItemCommand({ TableName: table, Key: messageItem(key, id), ConsistentRead: true });
      const { Item: item } = await awsCall(client.send(get));
      return item?.['content'] === undefined ? undefined : fromItem(item);
    },

    async note(message, what, at) {
      await change(message, at, {
        UpdateExpression: `SET ${what} = :at`,
        ConditionExpression: `attribute_exists(pk) AND attribute_not_exists(${what})`,
      });
    },

    dismiss: (message, at) =>
      change(message, at, {
        UpdateExpression: 'SET dismissedAt = if_not_exists(dismissedAt, :at) REMOVE content',
        ConditionExpression: 'attribute_exists(pk)',
      }),

    async remove(messages) {
      const deletes = messages.map(({ key, id }) =>
        awsCall(client.send(new DeleteItemCommand({ TableName: table, Key: messageItem(key, id) }))),
      );
      await Promise.all(deletes);
    },
  };
}

/** False when the condition does not hold. */
async function unlessRefused(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

const texts = ['topic', 'journey', 'step'] as const;
const times = ['expiresAt', 'readAt', 'clickedAt'] as const;

function toItem(message: InboxMessage): Item {
  const { key, id, content, at, expiresAt } = message;
  const gone = isTestKey(key) ? Math.min(expiresAt, at + TEST_RUN_DAYS * DAY_MS) : expiresAt;
  const item: Item = {
    ...messageItem(key, id),
    content: { S: JSON.stringify(content) },
    storedAt: { N: String(at) },
    ttl: { N: String(Math.ceil(gone / 1_000)) },
  };
  for (const name of texts) if (message[name] !== undefined) item[name] = { S: message[name] };
  for (const name of times) if (message[name] !== undefined) item[name] = { N: String(message[name]) };
  return item;
}

function fromItem(item: Item): InboxMessage {
  const content = JSON.parse(item['content']!.S!) as InAppContent;
  const known = { key: item['pk']!.S!, id: item['id']!.S!, content, at: Number(item['storedAt']!.N) };
  const named = texts.filter((name) => item[name] !== undefined).map((name) => [name, item[name]!.S!]);
  const timed = times.filter((name) => item[name] !== undefined).map((name) => [name, Number(item[name]!.N)]);
  return { ...known, ...Object.fromEntries([...named, ...timed]) } as InboxMessage;
}

export const inboxKinds: readonly StoredKind[] = [
  {
    kind: 'inbox-message',
    table: 'inbox',
    key: { partition: PROFILE_KEY, sort: /^[\w-]+$/ },
    what: 'A message that the customer’s apps show, as it was written for them, and when it was read',
    personalData: 'erase',
    found: { by: 'profile' },
    kept: { for: 'as long as the message says, by default `inbox.keptDays`' },
  },
  {
    kind: 'test-inbox-message',
    table: 'inbox',
    key: { partition: TEST_KEY, sort: /^[\w-]+$/ },
    what: 'The same of a test run',
    personalData: { retain: 'it does not say whose copy the test was made with, and goes after a week' },
    found: { not: 'it does not say whose copy the test was made with' },
    kept: { for: `${TEST_RUN_DAYS} days, or less where the message says so` },
  },
];
