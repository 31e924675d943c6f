import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BatchWriteItemCommand,
  DynamoDBClient,
  ListTablesCommand,
  paginateScan,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import type { LocalCloud } from '../../local/cloud.ts';
import { readState, writeState } from '../../local/saved-state.ts';

/** Of a folder in states/: what an earlier commit left behind, and what it would have sent if it had gone on. */
const files = { cloud: 'cloud.json', items: 'items.ndjson', expected: 'expected.json' };

interface TableItem {
  readonly table: string;
  // biome-ignore lint/suspicious/noExplicitAny: an item as the table has it
  readonly item: any;
}

/** Tables as lines of DynamoDB's own JSON, and the executions that still sleep; pages of sent messages stay behind. */
export async function recordState(
  cloud: LocalCloud,
  dataDir: string,
  folder: string,
  expected: unknown,
): Promise<void> {
  const client = new DynamoDBClient(cloud.operator);
  const { TableNames: tables = [] } = await client.send(new ListTablesCommand());
  const lines: string[] = [];
  for (const table of tables.sort()) {
    for await (const { Items: items = [] } of paginateScan({ client }, { TableName: table })) {
      lines.push(...items.map((item) => JSON.stringify({ table, item } satisfies TableItem, bytesAsText)));
    }
  }
  const state = readState(dataDir)!;
  mkdirSync(folder, { recursive: true });
  const running = state.executions.filter(({ status }) => status === 'RUNNING');
  writeFileSync(join(folder, files.cloud), JSON.stringify({ ...state, executions: running, messages: [] }));
  writeFileSync(join(folder, files.items), `${lines.join('\n')}\n`);
  writeFileSync(join(folder, files.expected), `${JSON.stringify(expected, null, 1)}\n`);
}

/** Into an empty data directory, before the cloud boots on it. */
export function restoreCloud(folder: string, dataDir: string): void {
  writeState(dataDir, readState(folder)!);
}

/** Into the cloud's empty tables, before anything happens there. */
export async function restoreItems(folder: string, cloud: LocalCloud): Promise<void> {
  const client = new DynamoDBClient(cloud.operator);
  const lines = readFileSync(join(folder, files.items), 'utf8').trimEnd().split('\n');
  for (let at = 0; at < lines.length; at += 25) {
    const requests: Record<string, WriteRequest[]> = {};
    for (const line of lines.slice(at, at + 25)) {
      const { table, item } = JSON.parse(line, textAsBytes) as TableItem;
      requests[table] = [...(requests[table] ?? []), { PutRequest: { Item: item } }];
    }
    await client.send(new BatchWriteItemCommand({ RequestItems: requests }));
  }
}

export const expectedOf = (folder: string): unknown => JSON.parse(readFileSync(join(folder, files.expected), 'utf8'));

function bytesAsText(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value;
}

function textAsBytes(_key: string, value: unknown): unknown {
  const text = (value as { base64?: unknown } | null)?.base64;
  return typeof text === 'string' ? Buffer.from(text, 'base64') : value;
}
