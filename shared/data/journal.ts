import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Journal, JournalEntry } from '../app/ports.ts';
import type { Reason } from '../domain/decision.ts';
import { TEST_RUN_DAYS } from '../domain/profiles/limits.ts';
import type { Json } from '../kernel/canonical-json.ts';
import { isTestKey } from '../kernel/ids.ts';
import { DAY_MS } from '../kernel/time.ts';
import { journalItem, parkedId, parkedItem } from './actor-keys.ts';
import { awsCall } from './aws-call.ts';
import { type Gets, singleGets } from './gathered-gets.ts';
import { PROFILE_KEY, type StoredItem, type StoredKind, TEST_KEY } from './stored-kind.ts';

/**
 * pk · jk · v · st · t · in, why (JSON text) · at · ttl, from the time of arrival and never from the event's own.
 * `tries` only while `st` is trying.
 */
export function journal(
  client: DynamoDBClient,
  table: string,
  retentionDays: number,
  gets: Gets = singleGets,
): Journal {
  const ttl = (key: string, at: number) => {
    const days = isTestKey(key) ? TEST_RUN_DAYS : retentionDays;
    return { N: String(Math.ceil((at + days * DAY_MS) / 1_000)) };
  };
  const put = async (item: Record<string, AttributeValue>, condition: Partial<PutItemCommandInput> = {}) => {
    try {
      await awsCall(client.send(new PutItemCommand({ TableName: table, Item: item, ...condition })));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  };
  const toItem = ({ key, jk, v, st, t, at, why, ...rest }: JournalEntry): Record<string, AttributeValue> => ({
    ...journalItem(key, jk),
    v: { N: String(v) },
    st: { S: st },
    t: { S: t },
    ...(rest.in !== undefined && { in: { S: fitting(rest.in, MAX_INPUT_BYTES) } }),
    ...(why.length > 0 && { why: { S: fitting(why, MAX_REASONS_BYTES) } }),
    at: { N: String(at) },
    ...(rest.inc !== undefined && { inc: { N: String(rest.inc) } }),
    ttl: ttl(key, at),
  });
  const read = gets(client, { table, consistent: true, only: ['v', 'st', 'in'] });
  const readSoon = gets(client, { table, consistent: false, only: ['v', 'st'] });
  const get = async (key: string, jk: string) => {
    const command = { TableName: table, Key: journalItem(key, jk), ConsistentRead: true };
    return (await awsCall(client.send(new GetItemCommand(command)))).Item;
  };
  /**
   * Puts and no updates, so that the role needs no more. A parked entry stays one: the copy that is tried may be another one of
   * a record that has been acknowledged since, and then nobody would know of it any more.
   */
  const setTries = async (
    { key, jk, t, at, inc }: Parameters<Journal['countTry']>[0],
    next: (tries: number) => number,
  ): Promise<number> => {
    const before = await get(key, jk);
    const tries = next(Number(before?.['tries']?.N ?? 0));
    const item = toItem({ key, jk, v: 0, st: 'trying', t, at, why: [], ...(inc !== undefined && { inc }) });
    const kept = before?.['in'] && { in: before['in'] };
    const isParked = before?.['st']?.S === 'parked';
    const entry = isParked ? before : { ...item, ...kept };
    const isPut = await put({ ...entry, tries: { N: String(tries) } }, isParked ? undecided : unparked);
    return isPut ? tries : 0;
  };

  return {
    async read(key, jk, consistency) {
      const isStrong = consistency === 'strong';
      const item = await (isStrong ? read : readSoon)(journalItem(key, jk));
      if (item === undefined) return undefined;
      const state = { v: Number(item['v']!.N), st: item['st']!.S as JournalEntry['st'] };
      return { ...state, ...(isStrong && item['in'] === undefined && { lacksInput: true }) };
    },
    async put(entry) {
      await put(toItem(entry), entry.in === undefined ? notOfCommit(entry.v) : {});
    },
    putIfAbsent: (entry) => put(toItem(entry), undecided),
    async putInput({ key, jk, in: input }) {
      const found = await get(key, jk);
      if (found === undefined || found['in'] !== undefined) return;
      await put(
        { ...found, in: { S: fitting(input, MAX_INPUT_BYTES) } },
        {
          ConditionExpression: 'v = :v AND attribute_not_exists(#in)',
          ExpressionAttributeNames: { '#in': 'in' },
          ExpressionAttributeValues: { ':v': found['v']! },
        },
      );
    },
    async listParked({ key, jk, t, why, at }) {
      await put({
        ...parkedItem(parkedId(key, jk)),
        ...{ key: { S: key }, entry: { S: jk }, t: { S: t }, why: { S: fitting(why, MAX_REASONS_BYTES) } },
        ...{ at: { N: String(at) }, ttl: ttl(key, at) },
      });
    },
    countTry: (entry) => setTries(entry, (tries) => tries + 1),
    async forgetTries(entry) {
      await setTries(entry, () => 0);
    },
  };
}

/** An item has at most 400 KB. What is larger is not kept, and must not block its profile. */
const MAX_INPUT_BYTES = 300_000;
const MAX_REASONS_BYTES = 80_000;

function fitting(value: Json | readonly Reason[], limitBytes: number): string {
  const text = JSON.stringify(value);
  const actualBytes = Buffer.byteLength(text);
  if (actualBytes <= limitBytes) return text;
  return JSON.stringify(
    Array.isArray(value)
      ? [{ code: 'reasons.too-large', saw: { limitBytes, actualBytes } }]
      : { tooLarge: { limitBytes, actualBytes } },
  );
}

const notOfCommit = (v: number): Partial<PutItemCommandInput> => ({
  ConditionExpression: 'attribute_not_exists(pk) OR v <> :v',
  ExpressionAttributeValues: { ':v': { N: String(v) } },
});

const undecided = {
  ConditionExpression: 'attribute_not_exists(pk) OR st IN (:parked, :trying)',
  ExpressionAttributeValues: { ':parked': { S: 'parked' }, ':trying': { S: 'trying' } },
} as const;

const unparked = {
  ConditionExpression: 'attribute_not_exists(pk) OR st = :trying',
  ExpressionAttributeValues: { ':trying': { S: 'trying' } },
} as const;

const parkedKeysIn = ({ pk, jk, st }: StoredItem): readonly StoredItem[] =>
  st?.S === 'parked' ? [parkedItem(parkedId(pk!.S as JournalEntry['key'], jk!.S!))] : [];

export const journalKinds: readonly StoredKind[] = [
  {
    kind: 'journal-entry',
    table: 'journal',
    key: { partition: PROFILE_KEY, sort: /^.+$/s },
    what: 'A record that a profile was told (an event with its properties, a receipt, a wish), and what was decided of it, with reasons',
    personalData: 'erase',
    found: { by: 'profile' },
    kept: { for: '`retention.journalDays` after it arrived' },
  },
  {
    kind: 'test-journal-entry',
    table: 'journal',
    key: { partition: TEST_KEY, sort: /^.+$/s },
    what: 'The same of a test run, which begins with the copy of a customer',
    personalData: { retain: 'it does not say whose copy it is, and goes after a week' },
    found: { not: 'it does not say whose copy it is' },
    kept: { for: `${TEST_RUN_DAYS} days after it arrived` },
  },
  {
    kind: 'parked-record',
    table: 'journal',
    key: { partition: /^parked$/, sort: /^[\w-]{22}$/ },
    what: 'That an entry of the journal could not be decided: whose it is, and why',
    personalData: 'erase',
    found: { by: 'item', of: 'journal-entry', keysIn: parkedKeysIn },
    kept: { for: 'as long as the entry' },
  },
];
