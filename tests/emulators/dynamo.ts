import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer as createSocket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateTableCommand, DynamoDBClient, ListTablesCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { kindsOf } from '../../shared/data/stored-kinds.ts';
import { tables } from '../../shared/resources.ts';

export interface DynamoEmulator {
  readonly client: DynamoDBClient;
  readonly endpoint: string;
  stop(): Promise<void>;
}

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const clientOf = (endpoint: string) => new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });

async function freePort(): Promise<number> {
  const socket = createSocket().listen(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address() as AddressInfo;
  socket.close();
  await once(socket, 'close');
  return port;
}

export async function startDynoxide(): Promise<DynamoEmulator> {
  const binary = createRequire(import.meta.url).resolve('@dynoxide/linux-x64/dynoxide');
  const port = await freePort();
  const child: ChildProcess = spawn(binary, ['serve', '--port', String(port)], { stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  const client = clientOf(endpoint);
  for (let tries = 0; ; tries++) {
    try {
      await client.send(new ListTablesCommand({}));
      break;
    } catch (error) {
      if (tries > 200 || child.exitCode !== null) throw error;
      await sleep(20);
    }
  }
  return {
    client,
    endpoint,
    async stop() {
      try {
        if (!child.killed) await expectKnownKinds(client);
      } finally {
        client.destroy();
        child.kill();
        if (child.exitCode === null) await once(child, 'exit');
      }
    },
  };
}

/** Knows no transactions: for what reads, and for single conditional writes. */
export async function startDynalite(): Promise<DynamoEmulator> {
  const dynalite = createRequire(import.meta.url)('dynalite') as (options: object) => ReturnType<typeof createServer>;
  const server = dynalite({ createTableMs: 0 }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = clientOf(endpoint);
  return {
    client,
    endpoint,
    async stop() {
      try {
        if (server.listening) await expectKnownKinds(client);
      } finally {
        client.destroy();
        server.close();
      }
    },
  };
}

/** By the client that made them: what a table is called in a test, and what it is. */
const made = new WeakMap<DynamoDBClient, Map<string, keyof typeof tables>>();

/**
 * Whatever tests have stored must be of one kind that a store has declared (shared/data/stored-kinds.ts): else nobody
 * exports it, erases it, or says how long it is kept.
 */
export async function expectKnownKinds(
  client: DynamoDBClient,
  named: Iterable<readonly [name: string, table: keyof typeof tables]> = made.get(client) ?? [],
): Promise<void> {
  const faults = new Set<string>();
  for (const [TableName, table] of named) {
    for await (const { Items = [] } of paginateScan({ client }, { TableName })) {
      for (const item of Items) {
        const kinds = kindsOf(table, item).map(({ kind }) => kind);
        const { pk, sk, id, jk } = item;
        const key = [pk, sk ?? id ?? jk].map((one) => one?.S).join(' · ');
        if (kinds.length !== 1) faults.add(`${table}: ${key} is ${kinds.join(' and ') || 'of no kind'}`);
      }
    }
  }
  const some = [...faults].slice(0, 20);
  if (some.length > 0) throw new Error(`stored items of no declared kind:\n${some.join('\n')}`);
}

/** A table with the keys that infra gives it; `name` may differ from its kind, so that suites do not meet. */
export async function createTable(
  client: DynamoDBClient,
  kind: keyof typeof tables,
  name: string = kind,
): Promise<string> {
  const keys: { partition: string; sort?: string } = tables[kind];
  const names = [keys.partition, ...(keys.sort === undefined ? [] : [keys.sort])];
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
      KeySchema: names.map((AttributeName, index) => ({
        AttributeName,
        KeyType: index === 0 ? ('HASH' as const) : ('RANGE' as const),
      })),
    }),
  );
  made.set(client, (made.get(client) ?? new Map()).set(name, kind));
  return name;
}
