import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
} from '@aws-sdk/client-dynamodb';
import { awsCall } from './aws-call.ts';

export type Item = Record<string, AttributeValue>;

/** What one table is asked for, alike for all keys. */
export interface GetForm {
  readonly table: string;
  readonly consistent: boolean;
  /** Names of attributes; absent: all. */
  readonly only?: readonly string[];
}

interface Asked {
  readonly key: Item;
  readonly resolve: (found: Promise<Item | undefined>) => void;
}

/** BatchGetItem takes 100 keys, each of them once (DynamoDB API). */
const MAX_KEYS = 100;

export type Get = (key: Item) => Promise<Item | undefined>;

/** How a table is read: one GetItem for each key, or `gatheredGets`. */
export type Gets = (client: DynamoDBClient, form: GetForm) => Get;

export const singleGets: Gets = (client, form) => (key) => getAlone(client, form, key);

/**
 * GetItem for one, BatchGetItem for several that are asked for in the same turn of the event loop: a batch of records of
 * ten profiles asks ten times at every step of the protocol. Read units are the same; calls, and what each costs, are not.
 *
 * 1. Whoever asks has asked alone: what a batch leaves unanswered, or a batch that fails, is asked for one by one, so
 *    that no profile fails for its neighbours.
 * 2. An answer is never older than the question: nothing is kept.
 */
export const gatheredGets: Gets = (client, form) => {
  let waiting: Asked[] = [];
  const flush = () => {
    const asked = waiting;
    waiting = [];
    for (let from = 0; from < asked.length; from += MAX_KEYS) answer(client, form, asked.slice(from, from + MAX_KEYS));
  };
  return (key) =>
    new Promise((resolve) => {
      waiting.push({ key, resolve });
      if (waiting.length === 1) setImmediate(flush);
    });
};

function answer(client: DynamoDBClient, form: GetForm, asked: readonly Asked[]): void {
  const byKey = Map.groupBy(asked, ({ key }) => nameOf(key));
  const keys = [...byKey.values()].map(([first]) => first!.key);
  const found =
    keys.length > 1 ? getTogether(client, form, keys) : Promise.resolve(new Map<string, Item | undefined>());
  for (const [name, same] of byKey) {
    const one = found.then((items) => (items.has(name) ? items.get(name) : getAlone(client, form, same[0]!.key)));
    for (const { resolve } of same) resolve(one);
  }
}

async function getAlone(client: DynamoDBClient, form: GetForm, key: Item): Promise<Item | undefined> {
  const { table, consistent } = form;
  const command = new GetItemCommand({
    TableName: table,
    Key: key,
    ConsistentRead: consistent,
    ...projection(form.only),
  });
  return (await awsCall(client.send(command))).Item;
}

/** By the names of their keys: undefined for what is not there, and nothing for what was not answered. */
async function getTogether(
  client: DynamoDBClient,
  form: GetForm,
  keys: readonly Item[],
): Promise<Map<string, Item | undefined>> {
  const { table, consistent, only } = form;
  const names = Object.keys(keys[0]!);
  const request = { Keys: [...keys], ConsistentRead: consistent, ...projection(only && [...names, ...only]) };
  try {
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({ RequestItems: { [table]: request } }),
    );
    const items = new Map<string, Item | undefined>(keys.map((key) => [nameOf(key), undefined]));
    for (const item of Responses?.[table] ?? []) {
      items.set(nameOf(Object.fromEntries(names.map((name) => [name, item[name]!]))), item);
    }
    for (const key of UnprocessedKeys?.[table]?.Keys ?? []) items.delete(nameOf(key));
    return items;
  } catch {
    return new Map();
  }
}

/** Of keys that are texts, as all of ours are. */
const nameOf = (key: Item): string =>
  Object.keys(key)
    .sort()
    .map((name) => JSON.stringify(key[name]?.S))
    .join();

/** Any name may be a reserved word (DynamoDB, "Reserved words in DynamoDB"). */
function projection(only: readonly string[] | undefined) {
  if (only === undefined) return {};
  return {
    ProjectionExpression: only.map((_, index) => `#${index}`).join(),
    ExpressionAttributeNames: Object.fromEntries(only.map((name, index) => [`#${index}`, name])),
  };
}
