// `npm run purchases [FILE.csv [YYYY-MM-DD]]`: a purchase history goes into the local cloud by the command, and the tables that come out
// are held against plain code. Without a file, 2,000 customers by the model of history.ts; the date is the morning after the last order.

import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { bootCloud, type LocalCloud } from '../../local/cloud.ts';
import { ApiClient } from '../../local/demo/api-client.ts';
import { synthesize } from '../../local/synthesize.ts';
import { makeHistory, type Order, printCsv, readCsv } from './history.ts';
import { type Borders, bordersOf, rfmOf, standings } from './recompute.ts';
import { type Exported, printTables } from './tables.ts';

const MINUTE = 60_000;
const CUSTOMERS = 2_000;
const root = join(import.meta.dirname, '../..');

const [file, day = '2026-07-01'] = process.argv.slice(2);
const now = new Date(`${day}T00:00:00Z`);
if (Number.isNaN(now.getTime())) throw new Error(`${day} is no date as 1998-07-01`);
const orders = file === undefined ? makeHistory(CUSTOMERS, now) : readCsv(readFileSync(file, 'utf8'));
const note = (line: string) => process.stderr.write(`${line}\n`);

const work = mkdtempSync(join(tmpdir(), 'godwit-purchases-'));
mkdirSync(join(root, '.godwit'), { recursive: true });
note('synthesising the stacks …');
const assembly = await synthesize(join(root, '.godwit', 'cdk.out.purchases'));
const cloud = await bootCloud({ assembly, frozen: true, seed: 1, startTime: now.getTime() });
try {
  const request = { name: 'purchases', kind: 'api', scopes: ['*'] };
  const { secret } = (await cloud.invoke('issue-key', request)) as { secret: string };
  cpSync(import.meta.dirname, work, { recursive: true });
  writeFileSync(join(work, 'godwit.yaml'), `environments: { local: { api: "${cloud.api}" } }\n`);
  writeFileSync(join(work, 'orders.csv'), printCsv(orders));

  await godwit(cloud, secret, 'push', '--yes');
  await cloud.advance(MINUTE);
  const pace = ['--per-minute', '60000', '--yes'];
  await godwit(cloud, secret, 'import', 'events', 'orders.csv', '--mapping', 'orders.mapping.yaml', ...pace);
  note('counting the base …');
  const api = new ApiClient(cloud.api, secret);
  await finish(
    cloud,
    api,
    (await api.post<{ id: string }>('/v1/statistics', {}, { 'idempotency-key': 'purchases' })).id,
  );
  await godwit(cloud, secret, 'export', 'profiles', 'out');

  const people = readdirSync(join(work, 'out')).flatMap((name) => readLines(join(work, 'out', name)));
  const segments = readdirSync(join(work, 'segments')).map((name) => name.replace(/\.yaml$/, ''));
  const { traits } = await api.get<{ traits: Record<string, { quintiles: number[] }> }>('/v1/statistics');
  const spread = (name: string) => traits[name]!.quintiles;
  const borders = { days: spread('days-since-last-order'), orders: spread('orders'), revenue: spread('revenue') };
  process.stdout.write(`${orders.length} orders of ${people.length} customers, as of ${day}\n\n`);
  process.stdout.write(`${printTables(people, segments)}\n\n${check(people, orders, borders, cloud.now())}\n`);
} finally {
  await cloud.stop();
  rmSync(work, { recursive: true, force: true });
}

/** The command as its users start it; the clock goes on while it waits. */
async function godwit(cloud: LocalCloud, key: string, ...args: string[]): Promise<void> {
  note(`$ godwit ${args.join(' ')}`);
  const env = { ...process.env, HOME: work, GODWIT_API_KEY: key };
  const command = [join(root, 'cli/godwit.mjs'), ...args];
  const child = spawn(process.execPath, command, { cwd: work, env, stdio: ['ignore', 2, 2] });
  let code: number | null | undefined;
  const ended = new Promise<void>((resolve, reject) =>
    child.on('error', reject).on('exit', (exit) => {
      code = exit;
      resolve();
    }),
  );
  while (code === undefined) {
    await cloud.settle();
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 1_000))]);
    if (code === undefined) await cloud.advance(1_000);
  }
  if (code !== 0) throw new Error(`godwit ${args[0]} ended with ${code}`);
}

async function finish(cloud: LocalCloud, api: ApiClient, job: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    await cloud.settle();
    const { state } = await api.get<{ state: string }>(`/v1/jobs/${job}`);
    // Then a look at live segments begins, and containers look for a new catalog.
    if (state === 'done') return cloud.advance(2 * MINUTE);
    if (state === 'failed') break;
    await cloud.advance(10_000);
  }
  throw new Error(`the job ${job} does not end`);
}

function readLines(path: string): Exported[] {
  const lines = gunzipSync(readFileSync(path)).toString().trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Exported);
}

/** Customer by customer; of scores also what the exact fifths would have said. */
function check(people: readonly Exported[], history: readonly Order[], told: Borders, at: number): string {
  const expected = standings(history, at);
  const exact = bordersOf([...expected.values()]);
  if (people.length !== expected.size) throw new Error(`${people.length} of ${expected.size} customers were exported`);
  let [agree, alike] = [0, 0];
  for (const { userId, computed, segments } of people) {
    const own = expected.get(userId)!;
    const [r, f, m] = rfmOf(own, told).split('').map(Number) as [number, number, number];
    const isIn = (id: string) => segments.some(({ segment }) => segment === id);
    const same =
      computed.orders === own.orders &&
      Math.abs(computed.revenue - own.revenue) < 0.005 &&
      computed['days-since-last-order'] === own.days &&
      computed['lifecycle-stage'] === own.stage &&
      computed.rfm === rfmOf(own, told) &&
      isIn(`stage-${own.stage}`) &&
      isIn('champions') === (r >= 4 && f >= 4 && m >= 4) &&
      isIn('slipping-away') === (r <= 2 && f >= 3);
    if (same) agree += 1;
    else note(`customer ${userId}: ${JSON.stringify({ computed, segments })}, but expected ${JSON.stringify(own)}`);
    if (computed.rfm === rfmOf(own, exact)) alike += 1;
  }
  if (agree < people.length) process.exitCode = 1;
  return [
    `${agree} of ${people.length} customers agree with plain code: orders, revenue, days, stage, scores, segments.`,
    `Fifths are within 1 % of the exact ones; with the exact ones ${alike} would have the same three scores.`,
  ].join('\n');
}
