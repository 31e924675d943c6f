import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { AuditIntent, AuditQuery, AuditStore } from '../../shared/app/audit/entry.ts';
import { auditStore } from '../../shared/data/audit-store.ts';
import { createTable, type DynamoEmulator, startDynoxide } from '../emulators/dynamo.ts';

let emulator: DynamoEmulator;
let table: string;
let store: AuditStore;
let tables = 0;
beforeAll(async () => {
  emulator = await startDynoxide();
});
afterAll(() => emulator.stop());
beforeEach(async () => {
  table = await createTable(emulator.client, 'audit', `audit-${++tables}`);
  store = auditStore(emulator.client, table, 400);
});

const at = (text: string) => Date.parse(text);
const intent = (id: string, when: string, more: Partial<AuditIntent> = {}): AuditIntent => ({
  ...{ id, at: at(when), who: 'key:one', method: 'PUT', route: '/v1/topics/{id}', resource: '/v1/topics/news' },
  ...more,
});
const month = { from: at('2026-11-01T00:00:00Z'), to: at('2026-11-26T23:59:59.999Z'), limit: 200 };

async function all(query: Partial<AuditQuery> = {}) {
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await store.list({ ...month, ...query, ...(cursor !== undefined && { cursor }) });
    pages.push(page.data.map(({ id, outcome }) => `${id} ${outcome?.status ?? '?'}`));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return pages;
}

/** Three days with nothing between two of them; of the second one nobody knows what became of it. */
async function fill(): Promise<void> {
  const first = intent('a', '2026-11-03T10:00:00Z');
  const second = intent('b', '2026-11-25T23:59:59.999Z', { who: 'key:two' });
  const third = intent('c', '2026-11-26T00:00:00Z', { resource: '/v1/topics/offers' });
  const fourth = intent('d', '2026-11-26T00:00:00Z', { who: 'key:two', resource: '/v1/journeys/news' });
  for (const one of [first, second, third, fourth]) await store.intend(one);
  for (const one of [first, third, fourth]) await store.conclude(one, { status: 200 });
}

it('lists newest first, over days without entries, each with what became of it', async () => {
  await fill();
  expect(await all()).toEqual([['d 200', 'c 200', 'b ?', 'a 200']]);
});

it.each([1, 2, 3])('pages of %i give every entry once, with its outcome', async (limit) => {
  await fill();
  const pages = await all({ limit });
  expect(pages.flat()).toEqual(['d 200', 'c 200', 'b ?', 'a 200']);
  expect(pages.every((page) => page.length <= limit)).toBe(true);
});

it.each<[string, Partial<AuditQuery>, string[]]>([
  ['who', { who: 'key:two' }, ['d 200', 'b ?']],
  ['how the resource begins', { resource: '/v1/topics/' }, ['c 200', 'b ?', 'a 200']],
  ['both', { who: 'key:one', resource: '/v1/topics/o' }, ['c 200']],
  ['the first instant', { from: at('2026-11-25T23:59:59.999Z') }, ['d 200', 'c 200', 'b ?']],
  ['the last instant', { to: at('2026-11-25T23:59:59.999Z') }, ['b ?', 'a 200']],
  ['a time in which nothing was', { to: at('2026-11-02T00:00:00Z') }, []],
])('asked by %s', async (_, query, found) => {
  await fill();
  expect((await all(query)).flat()).toEqual(found);
  expect((await all({ ...query, limit: 1 })).flat()).toEqual(found);
});

it('a request looks at some days and answers with a cursor for the others', async () => {
  await store.intend(intent('old', '2026-05-01T00:00:00Z'));
  const pages = await all({ from: at('2026-01-01T00:00:00Z') });
  expect(pages.length).toBeGreaterThan(4);
  expect(pages.flat()).toEqual(['old ?']);
});

it.each(['x', '', Buffer.from('2026-11-26').toString('base64url'), Buffer.from('keys').toString('base64url')])(
  'refuses a cursor that is none: %j',
  async (cursor) => {
    await expect(store.list({ ...month, cursor })).rejects.toMatchObject({ code: 'list.cursor' });
  },
);

it('neither an intent nor an outcome is written over', async () => {
  const one = intent('a', '2026-11-26T10:00:00Z');
  await store.intend(one);
  await expect(store.intend({ ...one, who: 'key:other' })).rejects.toMatchObject({ code: 'audit.twice' });
  await store.conclude(one, { status: 403 });
  await expect(store.conclude(one, { status: 200 })).rejects.toMatchObject({ code: 'audit.twice' });
  expect(await store.list(month)).toMatchObject({ data: [{ who: 'key:one', outcome: { status: 403 } }] });
});

it.each([
  [400, at('2026-11-26T10:00:00Z') / 1_000 + 400 * 86_400],
  [undefined, undefined],
])('kept for %s days', async (days, ttl) => {
  const kept = auditStore(emulator.client, table, days);
  const one = intent('a', '2026-11-26T10:00:00Z');
  await kept.intend(one);
  await kept.conclude(one, { status: 200 });
  const { Items } = await emulator.client.send(new ScanCommand({ TableName: table }));
  expect(Items!.map((item) => unmarshall(item)['ttl'])).toEqual([ttl, ttl]);
});

it('what the SDK puts again because the answer got lost is there once, and no conflict', async () => {
  const one = intent('again', '2026-11-26T11:00:00Z');
  await store.intend(one);
  await store.intend(one);
  await store.conclude(one, { status: 200 });
  await store.conclude(one, { status: 200 });
  const { data } = await store.list(month);
  expect(data.filter(({ id }) => id === one.id)).toMatchObject([{ outcome: { status: 200 } }]);
});
