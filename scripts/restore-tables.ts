/**
 * Brings tables back as they were at an instant, beside those that are there, and makes the copies fit to be used:
 *
 *   node scripts/restore-tables.ts --at 2026-11-26T09:00:00Z profiles=<table name> journal=<table name>
 *
 * What recovery to a point in time leaves out is set again (DynamoDB API, RestoreTableToPointInTime: "You must manually set up the
 * following"): the attribute of TTL, recovery to points in time, protection from deletion. Which tables, and what comes
 * before and after: docs/runbooks/restore.md. Started twice, it goes on where it was.
 */
import { parseArgs } from 'node:util';
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceNotFoundException,
  RestoreTableToPointInTimeCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { parseInstant } from '../shared/kernel/time.ts';
import { tables } from '../shared/resources.ts';

export interface Restored {
  readonly table: string;
  readonly from: string;
  readonly to: string;
}

interface Asked {
  readonly table: keyof typeof tables;
  readonly from: string;
}

/** @param pause between two looks at whether a table has become usable. */
export async function restoreTables(
  client: Pick<DynamoDBClient, 'send'>,
  asked: readonly Asked[],
  at: number,
  pause: () => Promise<void>,
): Promise<readonly Restored[]> {
  // All or none: before the first one is begun, each of them must reach back so far.
  for (const one of asked) await mustReach(client, one, at);
  const restored = asked.map((one) => ({ ...one, to: `${one.from}-${stamp(at)}` }));
  for (const one of restored) await begin(client, one, at);
  for (const one of restored) await finish(client, one, pause);
  return restored;
}

const stamp = (at: number) => new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, '');

async function mustReach(client: Pick<DynamoDBClient, 'send'>, { table, from }: Asked, at: number): Promise<void> {
  const { ContinuousBackupsDescription } = await client.send(new DescribeContinuousBackupsCommand({ TableName: from }));
  const reach = ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
  const earliest = reach?.EarliestRestorableDateTime?.getTime();
  const latest = reach?.LatestRestorableDateTime?.getTime();
  if (earliest === undefined || latest === undefined)
    throw new Error(`${table} (${from}) has no point-in-time recovery`);
  if (at >= earliest && at <= latest) return;
  const [a, b] = [earliest, latest].map((one) => new Date(one).toISOString());
  throw new Error(`${table} can be brought back to any time from ${a} to ${b}, not to ${new Date(at).toISOString()}`);
}

async function begin(client: Pick<DynamoDBClient, 'send'>, { from, to }: Restored, at: number): Promise<void> {
  if ((await statusOf(client, to)) !== undefined) return;
  const command = { SourceTableName: from, TargetTableName: to, RestoreDateTime: new Date(at) };
  await client.send(new RestoreTableToPointInTimeCommand(command));
}

async function finish(
  client: Pick<DynamoDBClient, 'send'>,
  { table, to }: Restored,
  pause: () => Promise<void>,
): Promise<void> {
  while ((await statusOf(client, to)) !== 'ACTIVE') await pause();
  const TableName = to;
  await client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: true }));
  while ((await statusOf(client, to)) !== 'ACTIVE') await pause();
  const { ttl } = tables[table as Asked['table']] as { readonly ttl?: string };
  if (ttl !== undefined) await expire(client, to, ttl);
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
  await client.send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }));
}

/** Asked twice, DynamoDB refuses what is so already. */
async function expire(client: Pick<DynamoDBClient, 'send'>, TableName: string, ttl: string): Promise<void> {
  const TimeToLiveSpecification = { AttributeName: ttl, Enabled: true };
  try {
    await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  } catch (error) {
    if (!(error instanceof Error) || !/TimeToLive is already enabled/.test(error.message)) throw error;
  }
}

async function statusOf(client: Pick<DynamoDBClient, 'send'>, TableName: string): Promise<string | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName }))).Table?.TableStatus;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

export function readAsked(words: readonly string[]): Asked[] {
  if (words.length === 0) throw new Error('name the tables: profiles=<table name> journal=<table name>');
  return words.map((word) => {
    const [table = '', from = ''] = word.split('=');
    if (!(table in tables) || from === '') {
      throw new Error(
        `${JSON.stringify(word)}: write TABLE=<table name>, TABLE one of ${Object.keys(tables).join(', ')}`,
      );
    }
    return { table: table as Asked['table'], from };
  });
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({ options: { at: { type: 'string' } }, allowPositionals: true });
  const at = parseInstant(values.at ?? '');
  if (at === undefined) throw new Error('--at: an instant such as 2026-11-26T09:00:00Z');
  const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 15_000));
  for (const { table, to } of await restoreTables(new DynamoDBClient({}), readAsked(positionals), at, pause)) {
    console.log(`${table}=${to}`);
  }
}
