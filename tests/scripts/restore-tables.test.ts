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
import { mockClient } from 'aws-sdk-client-mock';
import { expect, it } from 'vitest';
import { readAsked, restoreTables } from '../../scripts/restore-tables.ts';

/** No stand-in for DynamoDB knows recovery to a point in time: these answers are those of its API reference. */
function recovery({ latest = '2026-11-26T10:00:00Z' } = {}) {
  const client = mockClient(DynamoDBClient);
  const made = new Map<string, number>();
  client.on(DescribeContinuousBackupsCommand).resolves({
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: {
        EarliestRestorableDateTime: new Date('2026-10-26T00:00:00Z'),
        LatestRestorableDateTime: new Date(latest),
      },
    },
  });
  client.on(RestoreTableToPointInTimeCommand).callsFake(({ TargetTableName }) => {
    made.set(TargetTableName, 0);
    return {};
  });
  client.on(DescribeTableCommand).callsFake(({ TableName }) => {
    const looks = made.get(TableName);
    if (looks === undefined) throw new ResourceNotFoundException({ message: 'no such table', $metadata: {} });
    made.set(TableName, looks + 1);
    return { Table: { TableStatus: looks < 2 ? 'CREATING' : 'ACTIVE' } };
  });
  const expiring = new Set<string>();
  client.on(UpdateTimeToLiveCommand).callsFake(({ TableName }) => {
    if (expiring.has(TableName)) throw new Error('TimeToLive is already enabled');
    expiring.add(TableName);
    return {};
  });
  return client;
}

const at = Date.parse('2026-11-26T09:00:00Z');
const asked = readAsked(['profiles=p-1', 'consents=c-1']);
const pause = async () => {};

it('makes copies as of the instant, and sets again what a copy lacks', async () => {
  const mock = recovery();
  const restored = await restoreTables(new DynamoDBClient({}), asked, at, pause);
  expect(restored.map(({ table, to }) => [table, to])).toEqual([
    ['profiles', 'p-1-20261126T090000'],
    ['consents', 'c-1-20261126T090000'],
  ]);
  const inputs = (command: Parameters<typeof mock.commandCalls>[0]) =>
    mock.commandCalls(command).map(({ args: [{ input }] }) => input);
  expect(inputs(RestoreTableToPointInTimeCommand)).toMatchObject([
    { SourceTableName: 'p-1', RestoreDateTime: new Date(at) },
    { SourceTableName: 'c-1', RestoreDateTime: new Date(at) },
  ]);
  expect(inputs(UpdateTableCommand)).toMatchObject([
    { DeletionProtectionEnabled: true },
    { DeletionProtectionEnabled: true },
  ]);
  // Statements of consent never expire.
  expect(inputs(UpdateTimeToLiveCommand)).toMatchObject([
    { TableName: 'p-1-20261126T090000', TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true } },
  ]);
  expect(inputs(UpdateContinuousBackupsCommand)).toHaveLength(2);
});

it('begins nothing when one of them does not reach back so far', async () => {
  const mock = recovery({ latest: '2026-11-26T08:55:00Z' });
  await expect(restoreTables(new DynamoDBClient({}), asked, at, pause)).rejects.toThrow(
    'profiles can be brought back to any time from 2026-10-26T00:00:00.000Z to 2026-11-26T08:55:00.000Z',
  );
  expect(mock.commandCalls(RestoreTableToPointInTimeCommand)).toEqual([]);
});

it('goes on where it was', async () => {
  const mock = recovery();
  const client = new DynamoDBClient({});
  await restoreTables(client, asked, at, pause);
  await restoreTables(client, asked, at, pause);
  expect(mock.commandCalls(RestoreTableToPointInTimeCommand)).toHaveLength(2);
});

it.each([[[]], [['profiles']], [['people=p-1']], [['profiles=']]])('does not know what %j means', (words) => {
  expect(() => readAsked(words)).toThrow(/=<table name>/);
});
