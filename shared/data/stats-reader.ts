import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { JourneyCount, StatsReader } from '../app/profiles/ports.ts';
import { statsPartition } from './actor-keys.ts';
import { queryAll } from './pages.ts';

/** Sums the shards of each day; sort key `<day>#<shard>`, one attribute per counted thing. */
export function statsReader(client: DynamoDBClient, table: string): StatsReader {
  return {
    async read(journey, version) {
      const items = await queryAll(client, { TableName: table, partition: statsPartition(journey, version) });
      const sums = new Map<string, JourneyCount>();
      for (const { pk, sk, ...counts } of items) {
        const day = (sk as string).split('#')[0]!;
        for (const [what, count] of Object.entries(counts as Record<string, number>)) {
          const before = sums.get(`${day}|${what}`)?.count ?? 0;
          sums.set(`${day}|${what}`, { version, day, what, count: before + count });
        }
      }
      return [...sums.values()];
    },
  };
}
