import { type AttributeValue, type DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { SubjectItem, SubjectItems } from '../app/rights/ports.ts';
import type { Subject } from '../app/rights/subject.ts';
import { tables } from '../resources.ts';
import { suppressionPartition } from './actor-keys.ts';
import { awsCall } from './aws-call.ts';
import type { Found, StoredItem, StoredKind, StoredTable } from './stored-kind.ts';
import { kindsOf, storedKinds } from './stored-kinds.ts';

type By = Extract<Found, { readonly by: string }>['by'];

/** Where something of a customer may lie: one partition of one table. */
interface Place {
  readonly table: StoredTable;
  readonly partition: string;
  readonly by: By;
}

/** Most partitions of a customer are empty; so many are looked into before a page is given back all the same. */
const MAX_READS = 25;

/** What is asked for in one answer of DynamoDB: 1 MB (DynamoDB, "Querying tables"), or fewer items. */
const PAGE_ITEMS = 500;

/**
 * @param names of the tables, of those alone that the caller may read.
 */
export function subjectItems(client: DynamoDBClient, names: { readonly [T in StoredTable]?: string }): SubjectItems {
  async function read({ table, partition }: Place, from: StoredItem | undefined) {
    if (!('sort' in tables[table])) {
      const found = await get(table, { pk: { S: partition } });
      return { Items: found === undefined ? [] : [found], LastEvaluatedKey: undefined };
    }
    const query = new QueryCommand({
      TableName: names[table]!,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: partition } },
      ConsistentRead: true,
      Limit: PAGE_ITEMS,
      ExclusiveStartKey: from as Record<string, AttributeValue> | undefined,
    });
    return awsCall(client.send(query));
  }

  async function get(table: StoredTable, key: StoredItem): Promise<StoredItem | undefined> {
    const Key = { ...key };
    return (await awsCall(client.send(new GetItemCommand({ TableName: names[table]!, Key, ConsistentRead: true }))))
      .Item;
  }

  /** The item, where it is of a kind that is found this way, and those that it leads to. */
  async function met({ table, by }: Place, item: StoredItem): Promise<SubjectItem[]> {
    const kind = foundBy(by, kindsOf(table, item));
    if (kind === undefined) return [];
    const others = await Promise.all(ledTo(kind, item).map((key) => get(table, key)));
    const found = subjectItem(kind, item);
    const ledHere = others.filter((one) => one !== undefined).flatMap((one) => told(table, one, 'item') ?? []);
    return [found, ...ledHere.map((one) => ({ ...one, ledBy: found.item }))];
  }

  return {
    async page(subject, cursor) {
      const places = placesOf(subject).filter(({ table }) => names[table] !== undefined);
      let { place, from } = readCursor(cursor);
      const items: SubjectItem[] = [];
      for (let reads = 0; place < places.length && items.length === 0 && reads < MAX_READS; reads++) {
        const here = places[place]!;
        const answer = await read(here, from);
        for (const item of answer.Items ?? []) items.push(...(await met(here, item)));
        from = answer.LastEvaluatedKey;
        if (from === undefined) place += 1;
      }
      return { items, ...(place < places.length && { cursor: JSON.stringify({ place, from }) }) };
    },
  };
}

/** Tables by how the kinds in them are found: a kind that is added is walked with the others. */
const tablesBy = (by: By): StoredTable[] => [
  ...new Set(storedKinds.filter((kind) => foundBy(by, [kind]) !== undefined).map(({ table }) => table)),
];

function placesOf({ keys, identities, addresses }: Subject): Place[] {
  const partitions: readonly [By, readonly string[]][] = [
    ['profile', keys],
    ['identity', identities],
    ['address', addresses.map(suppressionPartition)],
  ];
  return partitions.flatMap(([by, all]) =>
    tablesBy(by).flatMap((table) => all.map((partition) => ({ table, partition, by }))),
  );
}

const foundBy = (by: By, kinds: readonly StoredKind[]): StoredKind | undefined =>
  kinds.find((kind) => kind.personalData !== 'none' && 'by' in kind.found && kind.found.by === by);

const ledTo = ({ kind }: StoredKind, item: StoredItem): StoredItem[] =>
  storedKinds.flatMap((one) =>
    one.personalData !== 'none' && 'by' in one.found && one.found.by === 'item' && one.found.of === kind
      ? one.found.keysIn(item)
      : [],
  );

function told(table: StoredTable, item: StoredItem, by: By): SubjectItem | undefined {
  const kind = foundBy(by, kindsOf(table, item));
  return kind && subjectItem(kind, item);
}

function subjectItem({ kind, table }: StoredKind, item: StoredItem): SubjectItem {
  const { partition, sort }: { readonly partition: string; readonly sort?: string } = tables[table];
  const attributes = sort === undefined ? [partition] : [partition, sort];
  const key = Object.fromEntries(attributes.map((name) => [name, item[name]!.S!]));
  return { kind, table, key, item: unmarshall({ ...item }) };
}

function readCursor(cursor: string | undefined): { place: number; from: StoredItem | undefined } {
  return cursor === undefined ? { place: 0, from: undefined } : JSON.parse(cursor);
}
