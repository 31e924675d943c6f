import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { StatsStore } from '../app/ports.ts';
import { shardOf, statsItem, statsShards } from './actor-keys.ts';
import { awsCall } from './aws-call.ts';
import type { StoredKind } from './stored-kind.ts';

/** One attribute per counted thing (`step/<id>/visited`), so that one ADD counts all of a batch. */
export function statsStore(client: DynamoDBClient, table: string): StatsStore {
  return {
    async add(tallies, spread) {
      const shard = shardOf(spread, statsShards);
      const updates = tallies.map(({ journey, version, day, counts }) => {
        const counted = Object.entries(counts);
        return client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: statsItem(journey, version, day, shard),
            UpdateExpression: `ADD ${counted.map((_, index) => `#${index} :${index}`).join(', ')}`,
            ExpressionAttributeNames: Object.fromEntries(counted.map(([what], index) => [`#${index}`, what])),
            ExpressionAttributeValues: Object.fromEntries(
              counted.map(([, count], index) => [`:${index}`, { N: String(count) }]),
            ),
          }),
        );
      });
      await awsCall(Promise.all(updates));
    },
  };
}

export const statsKinds: readonly StoredKind[] = [
  {
    kind: 'journey-counts',
    table: 'stats',
    key: { partition: /^[^#@]+@-?\d+$/, sort: /^\d{4}-\d\d-\d\d#\d+$/ },
    what: 'Live counters of one version of a journey, by day',
    personalData: 'none',
    kept: 'until deleted',
  },
];
