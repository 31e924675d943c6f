import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { bootCloud, type CloudOptions, type LocalCloud, type MeterReading, type Queue } from '../../local/cloud.ts';
import { ApiClient } from '../../local/demo/api-client.ts';
import { synthesize } from '../../local/synthesize.ts';
import { profileKey } from '../../shared/kernel/ids.ts';

/** A Monday; the daily jobs run in its early hours. */
const START = Date.parse('2026-11-23T11:00:00Z');
export const MINUTE = 60_000;
export const DAY = 1_440 * MINUTE;

/** A local cloud with an empty environment, and a meter at its gateway. */
export interface BenchCloud {
  readonly cloud: LocalCloud;
  readonly api: ApiClient;
  /** What happens until everything is at rest. */
  meter(work: () => Promise<unknown>): Promise<MeterReading>;
  /** One request; events without an id and a time get them. */
  post(events: readonly object[]): Promise<void>;
  /** In requests of so many events, each at rest before the next is sent. */
  postInTurn(events: readonly object[], size?: number): Promise<void>;
  /** Jobs that saving a document starts come to an end. */
  rest(): Promise<void>;
}

const assemblies = new Map<string, Promise<string>>();

/** What an app synthesises, once; a folder of this process, so that two parts can be run side by side. */
export function assembly(app = 'local/app.ts'): Promise<string> {
  const known = assemblies.get(app);
  if (known !== undefined) return known;
  const folder = mkdtempSync(join(tmpdir(), 'godwit-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const made = synthesize(folder, app);
  assemblies.set(app, made);
  return made;
}

/** Boots an environment for one part of the benchmark, and stops it whatever happens. */
export async function withCloud<T>(
  work: (bench: BenchCloud) => Promise<T>,
  options: Partial<CloudOptions> = {},
): Promise<T> {
  const cloud = await bootCloud({ assembly: await assembly(), frozen: true, seed: 1, startTime: START, ...options });
  try {
    const key = async (request: object) => ((await cloud.invoke('issue-key', request)) as { secret: string }).secret;
    const api = new ApiClient(cloud.api, await key({ name: 'bench', kind: 'api', scopes: ['*'] }));
    const writeKey = await key({ name: 'bench', kind: 'ingest' });
    await api.put('/v1/topics/account', { id: 'account', kind: 'transactional', consent: { email: 'opt-out' } });
    await api.put('/v1/topics/offers', { id: 'offers', kind: 'marketing', consent: { email: 'opt-in' } });
    await api.put('/v1/templates/hello', {
      ...{ schemaVersion: 1, id: 'hello', variables: {} },
      variants: [{ channel: 'email', content: { subject: 'Hello', html: '<p>Hello</p>' } }],
    });
    await cloud.advance(MINUTE);
    return await work(around(cloud, api, writeKey));
  } finally {
    await cloud.stop();
  }
}

function around(cloud: LocalCloud, api: ApiClient, writeKey: string): BenchCloud {
  let posted = 0;
  const post = async (events: readonly object[]) => {
    const timestamp = new Date(cloud.now()).toISOString();
    const batch = events.map((event) => ({ messageId: `bench-${++posted}`, timestamp, ...event }));
    const response = await fetch(`${cloud.api}/v1/batch`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${writeKey}:`)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ batch, sentAt: timestamp }),
    });
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  };
  return {
    cloud,
    api,
    post,
    async meter(work) {
      await cloud.settle();
      cloud.meter.reset();
      await work();
      await cloud.settle();
      return cloud.meter.read();
    },
    async postInTurn(events, size = 1) {
      for (let from = 0; from < events.length; from += size) {
        await post(events.slice(from, from + size));
        await cloud.settle();
      }
    },
    async rest() {
      await cloud.settle();
      await cloud.advance(5 * MINUTE);
    },
  };
}

/** Nothing is taken out of mailboxes while the work goes on; what has come lies there together when they open. */
export async function whileClosed(
  { cloud }: BenchCloud,
  work: (mailboxes: readonly Queue[]) => Promise<void>,
): Promise<void> {
  const sources = cloud.eventSources().filter(({ queue }) => /-Mailbox\d/.test(queue.settings.name));
  if (sources.length === 0) throw new Error('the environment has no mailbox');
  for (const source of sources) source.enable(false);
  await work(sources.map(({ queue }) => queue));
  for (const source of sources) source.enable(true);
}

export async function publish(api: ApiClient, journey: { readonly id: string }): Promise<void> {
  const etag = await api.put(`/v1/journeys/${journey.id}`, journey);
  await api.post(`/v1/journeys/${journey.id}/publish`, { draftEtag: etag.replaceAll('"', '') });
}

/** So many of the promises at once. */
export async function inParallel<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

export const profilesTable = ({ cloud }: Pick<BenchCloud, 'cloud'>): string =>
  cloud.assembly.ofType('AWS::DynamoDB::Table').find(({ logicalId }) => /Profiles/.test(logicalId))!.name;

/** Of a customer's item as DynamoDB counts it: names, texts by their bytes, numbers by half their digits and one. */
export async function itemBytes({ cloud }: BenchCloud, userId: string): Promise<number> {
  const client = new DynamoDBClient(cloud.operator);
  const Key = { pk: { S: profileKey('user', userId) } };
  const { Item = {} } = await client.send(new GetItemCommand({ TableName: profilesTable({ cloud }), Key }));
  client.destroy();
  return Object.entries(Item).reduce((sum, [name, { S: text, N: number }]) => {
    const value = text !== undefined ? Buffer.byteLength(text) : number !== undefined ? number.length / 2 + 1 : 1;
    return sum + name.length + Math.ceil(value);
  }, 0);
}
