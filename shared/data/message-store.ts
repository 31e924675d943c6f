import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { attributeOf, packEntry, unpackEntries, unpackEntry } from '../app/carried-entry.ts';
import type { CarriedEntries, Clock, MessageRecord, MessageStore } from '../app/ports.ts';
import { asShown } from '../app/quiet-claim.ts';
import { TEST_RUN_DAYS } from '../domain/profiles/limits.ts';
import type { Json } from '../kernel/canonical-json.ts';
import { isTestKey } from '../kernel/ids.ts';
import { DAY_MS } from '../kernel/time.ts';
import { messageItem, unknownItem } from './actor-keys.ts';
import { awsCall } from './aws-call.ts';
import { isExpired } from './expired.ts';
import { PROFILE_KEY, type StoredItem, type StoredKind, TEST_KEY } from './stored-kind.ts';

type Item = Record<string, AttributeValue>;

/** Of a record's own attributes; receipts write beside them, which is why changes are updates and not puts. */
const texts = [
  ...(['st', 'by', 'copy', 'why', 'channel', 'topic', 'journey', 'step', 'run', 'providerId', 'suppress'] as const),
  'unknownWhy',
] as const;
const numbers = ['at', 'inc', 'version', 'visit', 'decidedAt', 'renderedAt', 'unknownAt', 'notBefore'] as const;
/** Written once: a later change that does not say it leaves it. */
const lasting = ['requestedAt', 'tries'] as const;
/** Said of a message once and for all. */
const flags = ['unasked', 'quiet'] as const;
const documents = ['detail', 'answer', 'gone'] as const;

/** `retentionDays` must be 60 at least and not below the journal's: a claim is what keeps a message from being sent twice. */
export function messageStore(client: DynamoDBClient, table: string, retentionDays: number): MessageStore {
  return {
    async read(key, id) {
      const item = await readItem(client, table, key, id);
      return item && fromItem(item);
    },

    async put(record, expected) {
      const { key, id } = record;
      const attributes: Item = { ...toItem(record), ttl: ttlOf(record) };
      try {
        if (expected === 'absent') {
          // An empty map: a path into one that is not there is an error, and receipts write into it.
          const Item = { ...messageItem(key, id), ...attributes, receipts: { M: {} } };
          const ConditionExpression = 'attribute_not_exists(pk)';
          await awsCall(client.send(new PutItemCommand({ TableName: table, Item, ConditionExpression })));
        } else {
          const Key = messageItem(key, id);
          const change = update(attributes, expected, record.receipts);
          await awsCall(client.send(new UpdateItemCommand({ TableName: table, Key, ...change })));
        }
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },

    async noteUnknown(record) {
      if (isTestKey(record.key)) return;
      const Item = { ...unknownItem(record), key: { S: record.key }, message: { S: record.id }, ttl: ttlOf(record) };
      await awsCall(client.send(new PutItemCommand({ TableName: table, Item })));
    },
  };

  function ttlOf({ key, at }: Pick<MessageRecord, 'key' | 'at'>): AttributeValue {
    const days = isTestKey(key) ? TEST_RUN_DAYS : retentionDays;
    return { N: String(Math.ceil((at + days * DAY_MS) / 1_000)) };
  }
}

async function readItem(client: DynamoDBClient, table: string, key: string, id: string): Promise<Item | undefined> {
  const get = new GetItemCommand({ TableName: table, Key: messageItem(key, id), ConsistentRead: true });
  return (await awsCall(client.send(get))).Item;
}

/** For whoever shows messages: one whose time is over is not there. For whoever sends, its claim is (messageStore). */
export const messageReader = (client: DynamoDBClient, table: string, clock: Clock): Pick<MessageStore, 'read'> => ({
  async read(key, id) {
    const item = await readItem(client, table, key, id);
    return item === undefined || isExpired(item, clock()) ? undefined : asShown(fromItem(item), clock());
  },
});

function update(
  attributes: Item,
  expected: Exclude<Parameters<MessageStore['put']>[1], 'absent'>,
  receipts: MessageRecord['receipts'] = {},
) {
  const gone = [...texts, ...numbers, ...documents].filter((name) => attributes[name] === undefined);
  const values: Item = {};
  const names: Record<string, string> = {};
  const name = (attribute: string) => {
    names[`#${attribute}`] = attribute;
    return `#${attribute}`;
  };
  const value = (attribute: string, index: number | string, stored: AttributeValue) => {
    values[`:${attribute}${index}`] = stored;
    return `:${attribute}${index}`;
  };
  const set = Object.entries(attributes).map(([key, stored]) => `${name(key)} = ${value(key, '', stored)}`);
  for (const [was, at] of Object.entries(receipts)) {
    set.push(`${name('receipts')}.${name(was)} = ${value(was, '', { N: String(at) })}`);
  }
  const alternatives = expected.map((one, index) => {
    const terms = Object.entries(one).map(([key, wanted]) => `${name(key)} = ${value(key, index, { S: wanted })}`);
    return `(${['attribute_exists(pk)', ...terms].join(' AND ')})`;
  });
  const remove = gone.length === 0 ? '' : ` REMOVE ${gone.map(name).join(', ')}`;
  return {
    UpdateExpression: `SET ${set.join(', ')}${remove}`,
    ConditionExpression: alternatives.join(' OR '),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  };
}

function toItem(record: MessageRecord): Item {
  const item: Item = {};
  for (const name of texts) if (record[name] !== undefined) item[name] = { S: record[name] };
  for (const name of [...numbers, ...lasting]) if (record[name] !== undefined) item[name] = { N: String(record[name]) };
  for (const name of flags) if (record[name]) item[name] = { BOOL: true };
  for (const name of documents) if (record[name] !== undefined) item[name] = { S: JSON.stringify(record[name]) };
  for (const entry of record.entries ?? []) item[attributeOf(entry.v)] = { S: packEntry(entry) };
  return item;
}

export function fromItem(item: Item): MessageRecord {
  const entries: [string, Json][] = [
    ['key', item['pk']!.S!],
    ['id', item['id']!.S!],
  ];
  for (const name of texts) if (item[name]) entries.push([name, item[name].S!]);
  for (const name of [...numbers, ...lasting]) if (item[name]) entries.push([name, Number(item[name].N)]);
  for (const name of flags) if (item[name]?.BOOL) entries.push([name, true]);
  for (const name of documents) if (item[name]) entries.push([name, JSON.parse(item[name].S!) as Json]);
  const receipts = Object.entries(item['receipts']?.M ?? {}).map(([was, at]) => [was, Number(at.N)]);
  if (receipts.length > 0) entries.push(['receipts', Object.fromEntries(receipts) as Json]);
  const carried = unpackEntries(Object.entries(item).map(([name, { S: text }]) => [name, text]));
  if (carried.length > 0) entries.push(['entries', carried as unknown as Json]);
  return Object.fromEntries(entries) as unknown as MessageRecord;
}

/**
 * @param retention in days. A reason must not be kept for longer than the journal would keep it, because it was sent with a
 * message.
 */
export const carriedEntries = (
  client: DynamoDBClient,
  table: string,
  retention: { readonly journal: number; readonly messages: number },
): CarriedEntries => ({
  mayCarry: retention.messages <= retention.journal,
  async has(key, message, { jk, v }) {
    const [Key, name] = [messageItem(key, message), attributeOf(v)];
    const get = new GetItemCommand({ TableName: table, Key, ProjectionExpression: name });
    const found = (await awsCall(client.send(get))).Item?.[name]?.S;
    return found !== undefined && unpackEntry(v, found).jk === jk;
  },
});

export const messageKinds: readonly StoredKind[] = [
  {
    kind: 'message',
    table: 'messages',
    key: { partition: PROFILE_KEY, sort: /^[\w-]+$/ },
    what: 'What became of one message: journey, step, channel, topic, times, receipts, the provider’s id of it, the answer of a webhook that a run waits for, and of a wake that sent it what was decided, with reasons. Not its text (in a sink its subject line), nor the address.',
    personalData: 'erase',
    found: { by: 'profile' },
    kept: { for: '`retention.messageDays` after its last change' },
  },
  {
    kind: 'test-message',
    table: 'messages',
    key: { partition: TEST_KEY, sort: /^[\w-]+$/ },
    what: 'The same of a message that went to an author',
    personalData: { retain: 'it does not say whose copy the test was made with, and goes after a week' },
    found: { not: 'it does not say whose copy the test was made with' },
    kept: { for: `${TEST_RUN_DAYS} days after its last change` },
  },
  {
    kind: 'unknown-message',
    table: 'messages',
    key: { partition: /^unknown#\d{4}-\d\d-\d\d$/, sort: /^\d{4}-[^#]+Z#[\w-]+$/ },
    what: 'That nobody could tell whether a message was sent, with the profile’s key, by day',
    personalData: 'erase',
    found: { by: 'item', of: 'message', keysIn: notesOf },
    kept: { for: '`retention.messageDays`' },
  },
];

/** It was noted at the time at which it became unknown, which stays when it is settled. */
function notesOf(message: StoredItem): StoredItem[] {
  const { id, st, at, unknownAt } = fromItem({ ...message });
  const since = [...(st === 'unknown' ? [at] : []), ...(unknownAt === undefined ? [] : [unknownAt])];
  return [...new Set(since)].map((one) => unknownItem({ id, at: one }));
}
