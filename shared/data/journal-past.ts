import {
  type AttributeValue,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { entriesWith } from '../app/delivery-entry.ts';
import type { PastReader } from '../app/past.ts';
import type { Clock, JournalEntry } from '../app/ports.ts';
import type { PastAsk } from '../domain/profiles/past.ts';
import { parseClientInstant } from '../kernel/time.ts';
import { awsCall } from './aws-call.ts';
import { isExpired } from './expired.ts';
import { fromItem as toMessage } from './message-store.ts';
import { toJournalEntry } from './profile-history.ts';

type Item = Record<string, AttributeValue>;

/** One answer of a query is at most 1 MB before the filter (DynamoDB, "Querying tables"). */
const PAGE_BYTES = 1024 * 1024;
/** Time stamps are compared as their clients wrote them, in whatever zone: two of them are at most 26 hours apart. */
const ZONES_MS = 26 * 3_600_000;
/** The filter names that many events; with more of them every event is taken. */
const MAX_NAMES = 50;

/** A read unit for each 4 KB of what the key has, whatever the filter leaves of it; and, if messages are asked for, of its messages. */
export function journalPast(
  client: DynamoDBClient,
  tables: { readonly journal: string; readonly messages: string },
  retentionDays: number,
  clock: Clock,
): PastReader {
  /** From the highest sort key down; `from` is where it had to stop. */
  const readAll = async (query: Partial<QueryCommandInput> & { readonly TableName: string }, mostBytes: number) => {
    const items: Item[] = [];
    let from: Item | undefined;
    let bytes = 0;
    while (bytes < mostBytes) {
      const page = { ...query, ConsistentRead: true, ScanIndexForward: false, ExclusiveStartKey: from };
      const answer = await awsCall(client.send(new QueryCommand(page)));
      const now = clock();
      items.push(...(answer.Items ?? []).filter((item) => !isExpired(item, now)));
      from = answer.LastEvaluatedKey;
      if (from === undefined) return { items, bytes };
      bytes += PAGE_BYTES;
    }
    return { items, bytes, from: from ?? {} };
  };
  return {
    retentionDays,
    async read(key, ask, mostBytes) {
      if (ask.events.size === 0 && !ask.messages) return { entries: [], bytes: 0 };
      const KeyConditionExpression = 'pk = :pk';
      const own = { TableName: tables.journal, KeyConditionExpression, ...filterOf(key, ask) };
      const ofMessages = { KeyConditionExpression, ExpressionAttributeValues: { ':pk': { S: key } } };
      const found = await readAll(own, mostBytes);
      const entries: JournalEntry[] = found.items.map(toJournalEntry);
      const cut = found.from === undefined ? [] : [cutAt(found.from['jk']?.S)];
      let { bytes } = found;
      if (ask.messages) {
        const carriers = await readAll({ TableName: tables.messages, ...ofMessages }, mostBytes - bytes);
        entries.push(...carriers.items.map(toMessage).flatMap(entriesWith));
        bytes += carriers.bytes;
        if (carriers.from !== undefined) cut.push(cutAt(undefined));
      }
      return { entries, bytes, ...(cut.length > 0 && { since: Math.max(...cut) }) };
    },
  };
}

/** What was left out has a lower key; where that tells no time, it may be of any. */
function cutAt(jk: string | undefined): number {
  const at = parseClientInstant(jk?.split('|')[0] ?? '');
  return at === undefined ? Number.MAX_SAFE_INTEGER : at + ZONES_MS;
}

/** DynamoDB refuses values that are not used, and parentheses that are not needed. */
function filterOf(key: string, { events, messages }: PastAsk) {
  const names = events.size > MAX_NAMES ? [] : [...events].map((name) => `"name":${JSON.stringify(name)}`);
  const values: Item = { ':pk': { S: key }, ':moved': { S: 'moved' }, ':inert': { S: 'inert' } };
  const wanted: string[] = [];
  if (events.size > 0) {
    values[':event'] = { S: 'event' };
    for (const [i, name] of names.entries()) values[`:n${i}`] = { S: name };
    const named = names.map((_, i) => `contains(#in, :n${i})`);
    wanted.push(named.length === 0 ? 't = :event' : `t = :event AND ${either(named)}`);
  }
  if (messages) {
    const told = { ':receipt': { S: 'receipt' }, ':outcome': { S: 'outcome' }, ':decided': { S: '"message.decided"' } };
    Object.assign(values, told);
    wanted.push('t IN (:receipt, :outcome)', 'contains(why, :decided)');
  }
  return {
    FilterExpression: `st IN (:moved, :inert) AND ${wanted.length === 1 ? wanted[0] : either(wanted)}`,
    ExpressionAttributeValues: values,
    ...(names.length > 0 && { ExpressionAttributeNames: { '#in': 'in' } }),
  };
}

/** AND binds closer than OR. */
const either = (all: readonly string[]): string => (all.length === 1 ? all[0]! : `(${all.join(' OR ')})`);
