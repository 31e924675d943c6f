import { type AttributeValue, DeleteItemCommand, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { ParkedRecords } from '../app/dead-letters/ports.ts';
import type { JournalEntry, ParkedNote } from '../app/ports.ts';
import type { Reason } from '../domain/decision.ts';
import type { Json } from '../kernel/canonical-json.ts';
import { InvalidInput } from '../kernel/errors.ts';
import { PARKED, parkedItem } from './actor-keys.ts';
import { awsCall } from './aws-call.ts';

/** By id, which says nothing of time: there are never many. */
export function parkedRecords(client: DynamoDBClient, table: string): ParkedRecords {
  const one = async (pk: string, jk: string) => {
    const query = new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk AND jk = :jk',
      ExpressionAttributeValues: { ':pk': { S: pk }, ':jk': { S: jk } },
      ConsistentRead: true,
    });
    return (await awsCall(client.send(query))).Items?.[0];
  };
  return {
    async list({ limit, cursor }) {
      const query = new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: PARKED } },
        ConsistentRead: true,
        Limit: limit,
        ...(cursor !== undefined && { ExclusiveStartKey: parkedItem(readCursor(cursor)) }),
      });
      const { Items = [], LastEvaluatedKey } = await awsCall(client.send(query));
      const data = Items.map(noteOf);
      const last = LastEvaluatedKey?.['jk']?.S;
      return last === undefined ? { data } : { data, nextCursor: last };
    },
    async read(id) {
      const item = await one(PARKED, id);
      return item && noteOf(item);
    },
    async entryOf({ key, jk }) {
      const item = await one(key, jk);
      if (item === undefined) return undefined;
      const input = item['in']?.S;
      const st = item['st']!.S as JournalEntry['st'];
      return { st, ...(input !== undefined && { in: JSON.parse(input) as Json }) };
    },
    async forget(id) {
      await awsCall(client.send(new DeleteItemCommand({ TableName: table, Key: parkedItem(id) })));
    },
  };
}

function noteOf(item: Record<string, AttributeValue>): ParkedNote {
  return {
    id: item['jk']!.S!,
    key: item['key']!.S!,
    jk: item['entry']!.S!,
    t: item['t']!.S as ParkedNote['t'],
    why: JSON.parse(item['why']!.S!) as Reason[],
    at: Number(item['at']!.N),
  };
}

function readCursor(cursor: string): string {
  if (/^[A-Za-z0-9_-]{22}$/.test(cursor)) return cursor;
  throw new InvalidInput('list.cursor', 'cursor is none that this list gave', [
    { pointer: '/cursor', code: 'cursor', detail: 'not a cursor of this list', fix: 'start without cursor' },
  ]);
}
