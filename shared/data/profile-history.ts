import { type AttributeValue, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { entriesWith } from '../app/delivery-entry.ts';
import type { Clock, JournalEntry, MessageRecord } from '../app/ports.ts';
import type { Held, ProfileHistory } from '../app/profiles/ports.ts';
import { asShown } from '../app/quiet-claim.ts';
import { awsCall } from './aws-call.ts';
import { isExpired } from './expired.ts';
import { fromItem as toMessage } from './message-store.ts';

/** A page is 1 MB, about a thousand entries; nobody looks through more. */
const MAX_PAGES = 8;

type Item = Record<string, AttributeValue>;

/**
 * All that is kept of one profile key. The sort keys are no times (a client's time stamp as written, a message's id),
 * so the order is made by who reads; 0.5 read units per 4 KB. To the journal belongs what messages carry of it.
 */
export const profileHistory = (
  client: DynamoDBClient,
  tables: { readonly journal: string; readonly messages: string },
  clock: Clock,
): ProfileHistory => {
  const messages = (key: string) =>
    heldIn<MessageRecord>(client, tables.messages, key, (item) => asShown(toMessage(item), clock()), clock());
  return {
    messages,
    async journal(key) {
      const [own, carriers] = await Promise.all([
        heldIn(client, tables.journal, key, toJournalEntry, clock()),
        messages(key),
      ]);
      // What was performed again before its message was claimed is in both.
      const known = new Set(own.data.map(({ jk }) => jk));
      const carried = carriers.data.flatMap(entriesWith).filter(({ jk }) => !known.has(jk));
      return { data: [...own.data, ...carried], complete: own.complete && carriers.complete };
    },
  };
};

/** A partition, from its highest sort key down, without what has expired by `now`. */
export async function heldIn<T>(
  client: DynamoDBClient,
  table: string,
  key: string,
  toEntry: (item: Item) => T,
  now: number,
): Promise<Held<T>> {
  const data: T[] = [];
  let from: Item | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const query = new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: key } },
      ScanIndexForward: false,
      ExclusiveStartKey: from,
    });
    const answer = await awsCall(client.send(query));
    data.push(...(answer.Items ?? []).filter((item) => !isExpired(item, now)).map(toEntry));
    from = answer.LastEvaluatedKey;
    if (from === undefined) return { data, complete: true };
  }
  return { data, complete: false };
}

export function toJournalEntry(item: Item): JournalEntry {
  const input = item['in']?.S;
  return {
    key: item['pk']!.S!,
    jk: item['jk']!.S!,
    v: Number(item['v']?.N ?? 0),
    st: item['st']!.S as JournalEntry['st'],
    t: item['t']!.S as JournalEntry['t'],
    ...(input !== undefined && { in: JSON.parse(input) as NonNullable<JournalEntry['in']> }),
    why: item['why']?.S === undefined ? [] : (JSON.parse(item['why'].S) as JournalEntry['why']),
    at: Number(item['at']!.N),
    ...(item['inc']?.N !== undefined && { inc: Number(item['inc'].N) }),
  };
}
