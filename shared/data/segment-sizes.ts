import { type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { SegmentSizes } from '../app/statistics/ports.ts';
import { sizesPartition } from './actor-keys.ts';
import { awsCall } from './aws-call.ts';
import type { StoredKind } from './stored-kind.ts';

const CONCURRENT_WRITES = 25;

/** One item for each segment and day, kept for good: some 60 bytes, 22 KB a year. Personal data: none. */
export function segmentSizes(client: DynamoDBClient, table: string): SegmentSizes {
  return {
    async put(day, sizes) {
      const items = [...sizes].map(([segment, members]) => ({ pk: sizesPartition(segment), sk: day, members }));
      for (let from = 0; from < items.length; from += CONCURRENT_WRITES) {
        const some = items
          .slice(from, from + CONCURRENT_WRITES)
          .map((item) => client.send(new PutItemCommand({ TableName: table, Item: marshall(item) })));
        await awsCall(Promise.all(some));
      }
    },

    async read(segment, from, to) {
      // A day is an item, and what the API lets one ask for is far below the megabyte that one answer holds.
      const { Items: items = [] } = await awsCall(
        client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
            ExpressionAttributeValues: marshall({ ':pk': sizesPartition(segment), ':from': from, ':to': to }),
          }),
        ),
      );
      return items.map(({ sk, members }) => ({ day: sk!.S!, members: Number(members!.N) }));
    },
  };
}

export const segmentSizeKinds: readonly StoredKind[] = [
  {
    kind: 'segment-size',
    table: 'stats',
    key: { partition: /^segment#.+$/, sort: /^\d{4}-\d\d-\d\d$/ },
    what: 'How many members a segment had on a day',
    personalData: 'none',
    kept: 'until deleted',
  },
];
