import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bootEnvironment, type Environment, journeyOf, MINUTE, message } from './environment.ts';

let env: Environment;
let folder: string;
beforeAll(async () => {
  env = await bootEnvironment();
  folder = mkdtempSync(join(tmpdir(), 'godwit-import-'));
  await env.publish(journeyOf('bought', { mail: message('first') }, { entry: [{ on: 'event', event: 'Bought' }] }));
  await env.publish(
    journeyOf(
      'loyal',
      { mail: message('second') },
      {
        entry: [{ on: 'event', event: 'Looked' }],
        where: 'did "Bought" at least 50 times in last 30 days',
      },
    ),
  );
});
afterAll(async () => {
  await env?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const ok = async (method: string, path: string, body?: unknown) => {
  const answer = await env.call(method, `/v1/${path}`, body);
  expect(answer.status, `${method} ${path}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  return answer.body;
};

async function upload(bytes: Buffer): Promise<string> {
  const { id, url } = await ok('POST', 'uploads');
  expect((await fetch(url, { method: 'PUT', body: new Uint8Array(bytes) })).status).toBe(200);
  return id;
}

async function over(id: string) {
  for (let tries = 0; tries < 120; tries += 1) {
    await env.cloud.settle();
    const job = await ok('GET', `jobs/${id}`);
    if (!['queued', 'running'].includes(job.state)) return job;
    await env.cloud.advance(MINUTE);
  }
  throw new Error(`${id} does not end`);
}

/** Journal entries of events, of everybody. */
async function eventsDecided(): Promise<number> {
  const client = new DynamoDBClient(env.cloud.operator);
  const table = env.cloud.assembly.ofType('AWS::DynamoDB::Table').find(({ logicalId }) => /Journal/.test(logicalId))!;
  let count = 0;
  let from: Record<string, never> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({
        TableName: table.name,
        FilterExpression: '#t = :event',
        ExpressionAttributeNames: { '#t': 't' },
        ExpressionAttributeValues: { ':event': { S: 'event' } },
        ...(from !== undefined && { ExclusiveStartKey: from }),
      }),
    );
    count += page.Count ?? 0;
    from = page.LastEvaluatedKey as typeof from;
  } while (from !== undefined);
  return count;
}

const ROWS = 1_500;
/** Every hundredth row has no customer, every five-hundredth an open quote; thirty customers bought fifty times. */
const isBad = (row: number) => row % 100 === 50 || row % 500 === 499;
const history = () => {
  const lines = Array.from({ length: ROWS }, (_, row) => {
    const at = new Date(env.cloud.now() - (ROWS - row) * MINUTE).toISOString();
    if (row % 500 === 499) return `"u${row % 30},Bought,${at}`;
    return `${isBad(row) ? '' : `u${row % 30}`},Bought,${at}`;
  });
  return Buffer.from(['userId,event,timestamp', ...lines].join('\n'));
};
const bad = Array.from({ length: ROWS }, (_, row) => row).filter(isBad);

describe('an import of a history', { timeout: 600_000 }, () => {
  it('is cut off, stopped and resumed, and takes effect once: nobody is let in, everything is known', async () => {
    const id = await upload(gzipSync(history()));
    // The function dies in the middle of the second page, after some of its mail was sent.
    let sends = 0;
    env.cloud.onCall(({ functionName, action }) =>
      functionName.includes('scan-profiles') && action === 'sqs:SendMessage' && ++sends === 5 ? 'crash-after' : 'pass',
    );
    const request = { kind: 'events', upload: id, perMinute: 500 };
    const { id: job } = await ok('POST', 'imports', request);
    await env.cloud.settle();
    await env.cloud.advance(MINUTE);
    expect(sends).toBeGreaterThanOrEqual(5);
    env.cloud.onCall(undefined);
    expect((await ok('PATCH', `imports/${job}`, { state: 'stopped' })).state).toBe('stopped');
    await env.cloud.advance(5 * MINUTE);
    const { progress } = await ok('GET', `jobs/${job}`);
    expect(progress.scanned).toBeGreaterThan(0);
    expect(progress.scanned).toBeLessThan(ROWS);
    await ok('PATCH', `imports/${job}`, { state: 'running' });

    const accepted = ROWS - bad.length;
    expect(await over(job)).toMatchObject({
      state: 'done',
      result: { rows: ROWS, accepted, rejected: bad.length },
    });
    const rejected: { line: number }[] = [];
    let cursor = '';
    do {
      const page = await ok(
        'GET',
        `imports/${job}/rejected${cursor === '' ? '' : `?cursor=${encodeURIComponent(cursor)}`}`,
      );
      rejected.push(...page.data);
      cursor = page.nextCursor ?? '';
    } while (cursor !== '');
    expect(rejected.map(({ line }) => line)).toEqual(bad.map((row) => row + 2));

    await env.cloud.settle();
    expect(await eventsDecided()).toBe(accepted);
    expect(env.cloud.messages()).toEqual([]);
    expect(await env.reasons('u1')).toEqual(expect.arrayContaining([expect.objectContaining({ code: 'entry.quiet' })]));
    // What they did is known: who bought often enough is let in by what happens now.
    await env.post(
      { event: 'Looked', userId: 'u1' },
      { type: 'identify', userId: 'u1', traits: { email: 'u1@mail.example' } },
    );
    await env.cloud.settle();
    expect((await env.reasons('u1')).map(({ code }) => code)).toContain('entry.entered');

    // The same file again changes nothing.
    const again = await ok('POST', 'imports', { ...request, perMinute: 60_000 });
    expect(await over(again.id)).toMatchObject({ state: 'done', result: { accepted } });
    await env.cloud.settle();
    expect(await eventsDecided()).toBe(accepted + 2);
  });
});

describe('the command', { timeout: 600_000 }, () => {
  const godwit = (...args: string[]) =>
    new Promise<{ code: number | null; text: string }>((resolve, reject) => {
      const command = join(import.meta.dirname, '../../cli/godwit.mjs');
      const child = spawn(process.execPath, [command, ...args], {
        cwd: folder,
        env: { PATH: process.env['PATH']!, HOME: folder, GODWIT_API_KEY: env.adminKey },
      });
      let text = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
      child.on('error', reject).on('close', (code) => resolve({ code, text }));
    });

  it('imports profiles by a mapping, writes down what is left out, and exports them', async () => {
    writeFileSync(join(folder, 'godwit.yaml'), `environments: { local: { api: "${env.cloud.api}" } }\n`);
    writeFileSync(
      join(folder, 'kunden.yaml'),
      'columns:\n  Nr: userId\n  Seit: { to: traits.since, type: date, format: dd.MM.yyyy }\n  Umsatz: { to: traits.spent, type: number, decimal: "," }\n  Newsletter: { to: consents.email/news, values: { ja: granted, nein: withdrawn } }\n',
    );
    const rows = ['k1;01.02.2024;1.234,50;ja', 'k2;31.02.2024;1,00;nein', 'k3;05.02.2024;7,00;nein', ';05.02.2024;;'];
    writeFileSync(join(folder, 'kunden.csv'), ['Nr;Seit;Umsatz;Newsletter', ...rows].join('\r\n'));

    const check = await godwit('import', 'profiles', 'kunden.csv', '--mapping', 'kunden.yaml', '--check');
    expect([check.code, check.text]).toEqual([1, expect.stringContaining('4 rows, 2 of them would be left out')]);
    expect(check.text).toContain('kunden.csv:3: Seit: not a date written as dd.MM.yyyy');

    const arguments_ = ['import', 'profiles', 'kunden.csv', '--mapping', 'kunden.yaml', '--yes'];
    const imported = await godwit(...arguments_);
    expect([imported.code, imported.text]).toEqual([1, expect.stringContaining('2 of 4 rows are in the mailboxes')]);
    const rejected = readFileSync(join(folder, 'kunden.csv.rejected.ndjson'), 'utf8').trim().split('\n');
    expect(rejected.map((line) => JSON.parse(line))).toMatchObject([
      { line: 3, row: rows[1], errors: [{ code: 'row.value', pointer: 'Seit' }] },
      { line: 5, row: rows[3], errors: [{ code: 'id.missing' }] },
    ]);
    await env.cloud.settle();
    expect((await env.profile('k1')).body).toMatchObject({
      traits: { since: { value: '2024-02-01', source: 'api' }, spent: { value: 1234.5 } },
      consents: [{ channel: 'email', topic: 'news', state: 'granted', source: 'import' }],
    });
    expect((await godwit(...arguments_)).text).toContain('is imported by import-');

    const exported = await godwit('export', 'profiles', 'out');
    expect(exported).toMatchObject({ code: 0 });
    const lines = readdirSync(join(folder, 'out')).flatMap((file) =>
      gunzipSync(readFileSync(join(folder, 'out', file)))
        .toString()
        .trim()
        .split('\n'),
    );
    const people = lines.map((line) => JSON.parse(line) as { userId: string });
    expect(people.map(({ userId }) => userId).sort()).toEqual(
      ['k1', 'k3', ...Array.from({ length: 30 }, (_, n) => `u${n}`)].sort(),
    );
    expect(people.find(({ userId }) => userId === 'k3')).toMatchObject({
      traits: { spent: { value: 7, source: 'api' } },
      consents: [{ state: 'withdrawn' }],
    });

    const big = { schemaVersion: 1, id: 'big', name: 'Big', where: 'profile.spent > 100' };
    expect((await env.call('PUT', '/v1/segments/big', big, { 'if-none-match': '*' })).status).toBe(201);
    const second = await godwit('export', 'memberships', 'out', '--segment', 'big');
    expect([second.code, second.text]).toEqual([2, expect.stringContaining('out is not empty')]);
    expect(await godwit('export', 'memberships', 'members', '--segment', 'big')).toMatchObject({ code: 0 });
    const members = readdirSync(join(folder, 'members')).flatMap((file) =>
      gunzipSync(readFileSync(join(folder, 'members', file)))
        .toString()
        .trim()
        .split('\n'),
    );
    expect(members.map((line) => JSON.parse(line))).toMatchObject([{ segment: 'big', ids: { user: 'k1' } }]);
  });
});
