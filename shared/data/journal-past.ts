import { type AttributeValue, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { PastReader, ReadPast } from '../app/past.ts';
import type { Clock, JournalEntry } from '../app/ports.ts';
import type { PastAsk } from '../domain/profiles/past.ts';
import { parseClientInstant } from '../kernel/time.ts';
import { awsCall } from './aws-call.ts';
import { deliveryIn } from './delivery-entry.ts';
import { isExpired } from './expired.ts';
import { heldIn, toJournalEntry } from './profile-history.ts';

type Item = Record<string, AttributeValue>;

/** One answer of a query is at most 1 MB before the filter (DynamoDB, "Querying tables"). */
const PAGE_BYTES = 1024 * 1024;
/** Time stamps are compared as their clients wrote them, in whatever zone: two of them are at most 26 hours apart. */
const ZONES_MS = 26 * 3_600_000;
/** The filter names that many events; with more of them every event is taken. */
const MAX_NAMES = 50;

/**
 * A read unit for each 4 KB of what the key has, whatever the filter leaves of it. Where deliveries are asked for, those
 * that lie with their messages are read, too: their profile was not told of them.
 */
export function journalPast(
  client: DynamoDBClient,
  tables: { readonly journal: string; readonly messages: string },
  retentionDays: number,
  clock: Clock,
): PastReader {
  const deliveries = async (key: string): Promise<JournalEntry[]> =>
    (await heldIn(client, tables.messages, key, deliveryIn, clock())).data.flat();
  return {
    retentionDays,
    async read(key, ask, mostBytes) {
      const entries: JournalEntry[] = [];
      if (ask.events.size === 0 && !ask.messages) return { entries, bytes: 0 };
      if (ask.messages) entries.push(...(await deliveries(key)));
      let from: Item | undefined;
      let bytes = 0;
      while (bytes < mostBytes) {
        const query = new QueryCommand({
          TableName: tables.journal,
          KeyConditionExpression: 'pk = :pk',
          ...filterOf(key, ask),
          ConsistentRead: true,
          ScanIndexForward: false,
          ExclusiveStartKey: from,
        });
        const answer = await awsCall(client.send(query));
        const now = clock();
        entries.push(...(answer.Items ?? []).filter((item) => !isExpired(item, now)).map(toJournalEntry));
        from = answer.LastEvaluatedKey;
        if (from === undefined) return { entries, bytes };
        bytes += PAGE_BYTES;
      }
      return { entries, bytes, ...cutAt(from?.['jk']?.S) };
    },
  };
}

/** What was left out has a lower key; where that tells no time, it may be of any. */
function cutAt(jk: string | undefined): Pick<ReadPast, 'since'> {
  const at = parseClientInstant(jk?.split('|')[0] ?? '');
  return { since: at === undefined ? Number.MAX_SAFE_INTEGER : at + ZONES_MS };
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
