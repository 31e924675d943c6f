// `npm run bench`: counts what AWS would bill, at the gateway of the local cloud, and writes BENCHMARKS.md. Nothing here
// is timed.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type AttributeValue, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { bootCloud, type LocalCloud, type MeterReading } from '../local/cloud.ts';
import { ApiClient } from '../local/demo/api-client.ts';
import { synthesize } from '../local/synthesize.ts';
import { textsOf } from '../shared/data/profile-item.ts';
import { measureIdentities } from './identity-rows.ts';
import { measureImports, ROWS } from './import-rows.ts';
import { prices } from './prices.ts';
import { referenceJourney } from './reference-journey.ts';
import type { Bench, Row } from './rows.ts';
import { measureSegments } from './segment-rows.ts';
import { writeSection } from './write-section.ts';

const root = join(import.meta.dirname, '..');
const DAY = 86_400_000;
const MINUTE = 60_000;
const CUSTOMERS = 200;

async function main(): Promise<void> {
  mkdirSync(join(root, '.godwit'), { recursive: true });
  const assembly = await synthesize(join(root, '.godwit', 'cdk.out.bench'));
  const cloud = await bootCloud({ assembly, frozen: true, seed: 1, startTime: Date.parse('2026-11-23T11:00:00Z') });
  try {
    const key = async (request: object) => ((await cloud.invoke('issue-key', request)) as { secret: string }).secret;
    const api = new ApiClient(cloud.api, await key({ name: 'bench', kind: 'api', scopes: ['*'] }));
    const writeKey = await key({ name: 'bench', kind: 'ingest' });
    await prepare(api);
    await cloud.advance(60_000);

    const rows: Row[] = [];
    const meter = async (work: () => Promise<void>): Promise<MeterReading> => {
      await cloud.settle();
      cloud.meter.reset();
      await work();
      await cloud.settle();
      return cloud.meter.read();
    };
    const measure = async (what: string, per: number, work: () => Promise<void>) => {
      rows.push({ what, per, reading: await meter(work) });
    };
    // The first sweep does not know how large the table is.
    await cloud.advance(DAY);
    const idleDay = await meter(() => cloud.advance(DAY));
    const post = (events: object[]) => postBatch(cloud, writeKey, events);
    const users = Array.from({ length: CUSTOMERS }, (_, i) => `customer-${i}`);
    const each = async (make: (userId: string) => object) => {
      for (const userId of users) await post([make(userId)]);
    };

    await measure('new profile: identify with name and e-mail', CUSTOMERS, () =>
      each((userId) => ({ type: 'identify', userId, traits: { firstName: 'Ada', email: `${userId}@mail.example` } })),
    );
    await measure('event that changes nothing, known profile', CUSTOMERS, () =>
      each((userId) => ({ type: 'track', userId, event: 'Looked Around', properties: { page: 7 } })),
    );
    await measure('event that moves a trait', CUSTOMERS, () =>
      each((userId) => ({ type: 'identify', userId, traits: { plan: 'gold' } })),
    );
    // Each profile reads its own journal, here of three entries; who is told is found by a scan.
    const count = async (event: string) => {
      const id = event.toLowerCase().replaceAll(' ', '-');
      await api.put(`/v1/segments/${id}`, { schemaVersion: 1, id, name: id, where: `did "${event}" ever` });
      await cloud.advance(5 * MINUTE);
    };
    await measure('counted back from the journal: found there', CUSTOMERS, () => count('Looked Around'));
    await measure('counted back from the journal: nothing there', CUSTOMERS, () => count('Never Happened'));
    const twelveDays = await meter(async () => {
      await each((userId) => ({ type: 'track', userId, event: 'Started' }));
      await cloud.advance(12 * DAY);
    });
    // What days cost without anybody is not 200 customers' to share.
    const reading = less(twelveDays, idleDay, 12);
    rows.push({ what: 'reference journey, one customer after another', per: CUSTOMERS, reading });

    const part = async <T>(work: (bench: Bench) => Promise<T>): Promise<{ found: T; rows: Row[] }> => {
      const own: Row[] = [];
      const found = await work({
        api,
        each,
        async measure(what, work, per = CUSTOMERS) {
          own.push({ what, per, reading: await meter(work) });
          process.stderr.write(`${what}\n`);
        },
        async advance() {
          await cloud.settle();
          await cloud.advance(5 * MINUTE);
        },
        now: () => cloud.now(),
        itemBytes: () => meanItemBytes(cloud),
      });
      return { found, rows: own };
    };
    const identities = await part(measureIdentities);
    const segments = await part(measureSegments);
    const imports = await part(measureImports);
    const more = { segments: segments.rows, itemBytes: segments.found, rest: [...identities.rows, ...imports.rows] };
    const report = render(rows, idleDay, more);
    writeSection('counts', report);
    process.stdout.write(report);
  } finally {
    await cloud.stop();
  }
}

async function prepare(api: ApiClient): Promise<void> {
  await api.put('/v1/topics/account', { id: 'account', kind: 'transactional', consent: { email: 'opt-out' } });
  await api.put('/v1/topics/offers', { id: 'offers', kind: 'marketing', consent: { email: 'opt-in' } });
  await api.put('/v1/templates/hello', {
    schemaVersion: 1,
    id: 'hello',
    variables: {},
    variants: [{ channel: 'email', content: { subject: 'Hello', html: '<p>Hello</p>' } }],
  });
  const etag = await api.put('/v1/journeys/reference', referenceJourney);
  await api.post('/v1/journeys/reference/publish', { draftEtag: etag.replaceAll('"', '') });
}

/** `godwit-local-evaluate godwit-local-data-TableProfiles85C6B87B-86139b5a` → `evaluate: Profiles` */
function nameOf(where: string): string {
  const [caller = '', table = ''] = where.replaceAll('godwit-local-', '').split(' ');
  return `${caller}: ${table.replace(/^data-Table(\w+?)[0-9A-F]{8}-\w+$/, '$1')}`;
}

/** Of the bench's customers, without identities and whoever was imported. */
async function meanItemBytes(cloud: LocalCloud): Promise<number> {
  const table = cloud.assembly.ofType('AWS::DynamoDB::Table').find(({ logicalId }) => /Profiles/.test(logicalId))!;
  const client = new DynamoDBClient(cloud.operator);
  const sizes: number[] = [];
  let from: Record<string, AttributeValue> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({ TableName: table.name, ...(from !== undefined && { ExclusiveStartKey: from }) }),
    );
    for (const item of page.Items ?? []) {
      if (textsOf(item).doc.includes('"user":"customer-')) sizes.push(bytesOf(item));
    }
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  if (sizes.length !== CUSTOMERS) throw new Error(`${sizes.length} profiles of ${CUSTOMERS} were found`);
  return Math.round(sizes.reduce((sum, bytes) => sum + bytes, 0) / sizes.length);
}

/** As DynamoDB counts: names and texts by their bytes; a number by half its digits, and one. */
const bytesOf = (item: Record<string, AttributeValue>): number =>
  Object.entries(item).reduce((sum, [name, { S: text, N: number, B: binary }]) => {
    const value =
      text !== undefined
        ? Buffer.byteLength(text)
        : (binary?.length ?? (number !== undefined ? number.length / 2 + 1 : 1));
    return sum + name.length + Math.ceil(value);
  }, 0);

let posted = 0;

async function postBatch(cloud: LocalCloud, writeKey: string, events: object[]): Promise<void> {
  const timestamp = new Date(cloud.now()).toISOString();
  const batch = events.map((event) => ({ messageId: `bench-${++posted}`, timestamp, ...event }));
  const response = await fetch(`${cloud.api}/v1/batch`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${writeKey}:`)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ batch, sentAt: timestamp }),
  });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
}

/** Number by number: `of` without `times` × `what`. */
function less<T>(of: T, what: T | undefined, times: number): T {
  if (typeof of === 'number') return (of - ((what as number | undefined) ?? 0) * times) as T;
  const parts = Object.entries(of as object).map(([name, value]) => [
    name,
    less(value, (what as Record<string, unknown> | undefined)?.[name], times),
  ]);
  return Object.fromEntries(parts) as T;
}

function dollarsOf(reading: MeterReading): number {
  return (
    reading.writeUnits * prices.writeUnit +
    reading.readUnits * prices.readUnit +
    reading.standardQueueRequests * prices.standardQueueRequest +
    reading.fifoQueueRequests * prices.fifoQueueRequest +
    reading.stateTransitions * prices.stateTransition +
    invocationsOf(reading) * prices.lambdaRequest +
    reading.apiUnits * prices.httpApiRequest
  );
}

const invocationsOf = ({ invocations }: MeterReading): number =>
  Object.values(invocations).reduce((sum, count) => sum + count, 0);

interface More {
  readonly segments: readonly Row[];
  /** Of a profile in them. */
  readonly itemBytes: number;
  readonly rest: readonly Row[];
}

function render(rows: readonly Row[], idleDay: MeterReading, more: More): string {
  const line = ({ what, per, reading }: Row) => {
    const each = (count: number) => (count / per).toFixed(2);
    const cells = [
      each(reading.writeUnits),
      each(reading.readUnits),
      each(reading.fifoQueueRequests),
      each(reading.standardQueueRequests),
      each(reading.stateTransitions),
      each(invocationsOf(reading)),
      `$${((dollarsOf(reading) / per) * 1e6).toFixed(2)}`,
    ];
    return `| ${what} | ${cells.join(' | ')} |`;
  };
  const head = `| what | write units | read units | FIFO requests | standard requests | transitions | invocations | per million |
| --- | --: | --: | --: | --: | --: | --: | --: |`;
  const reference = rows.at(-1)!;
  const byTable = Object.entries(reference.reading.capacity)
    .filter(([, units]) => units.writeUnits + units.readUnits > 0.5)
    .map(([where, units]) => ({ where, ...units }))
    .sort((a, b) => b.writeUnits - a.writeUnits || b.readUnits - a.readUnits);
  return `## What AWS would bill, per customer or event

Written by \`npm run bench\`. Counts are taken at the gateway of the local cloud: read and write units come out the same on
every machine, requests and invocations nearly so (which records share a batch depends on timing).

${CUSTOMERS} customers, one request per event. Write and read units, SQS requests of 64 KB (sends, receives, deletes;
receipts of e-mails included), state transitions and Lambda invocations, each divided by the number of customers.
Dollars per million, at the prices in \`bench/prices.ts\`, *without* Lambda's gigabyte-seconds.

${head}
${rows.map(line).join('\n')}

The reference journey: event → message → wait a day → message → wait three days → message → wait a week → check → exit.
${reference.reading.executions} executions carried its ${3 * CUSTOMERS} waits.

A day with nobody in it costs $${dollarsOf(idleDay).toFixed(4)}: the daily sweep, with ${idleDay.stateTransitions} transitions, ${invocationsOf(idleDay)} invocations and
${idleDay.writeUnits} write units, for up to a million customers. It is not in the table; what the sweep reads of customers is.

### Where the units of the reference journey go

| function and table | write units | read units |
| --- | --: | --: |
${byTable.map(({ where, writeUnits, readUnits }) => `| ${nameOf(where)} | ${(writeUnits / CUSTOMERS).toFixed(2)} | ${(readUnits / CUSTOMERS).toFixed(2)} |`).join('\n')}

### Computed traits and live segments

${head}
${more.segments.map(line).join('\n')}

After six orders an item with ten computed traits and ten memberships has ${more.itemBytes} bytes. What saving a document costs, which is told to every
profile once, is not in these rows.

### Identities and imports

By the default policy e-mail and phone are looked up. Imports are of ${ROWS} rows each, of some 60 bytes, and counted by the row.

${head}
${more.rest.map(line).join('\n')}

### What is not measured
- Lambda's duration on Lambda: worker threads of this machine say nothing about it.
- Batching under load: here one customer follows another, so hardly any batch holds more than one record, and SQS,
  invocations and statistics cost the most that they can. At 100 events a second they are shared.
- Logs, KMS requests, idle polling, point-in-time recovery, custom metrics, data transfer, SES.
`;
}

await main();
