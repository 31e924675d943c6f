import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isExpired } from '../../shared/app/collections/items.ts';
import { isShown } from '../../shared/app/inbox/read-inbox.ts';
import { auditStore } from '../../shared/data/audit-store.ts';
import { inboxStore } from '../../shared/data/inbox-store.ts';
import { intakeStore } from '../../shared/data/intake-store.ts';
import { itemStore } from '../../shared/data/item-store.ts';
import { jobStore } from '../../shared/data/job-store.ts';
import { journal } from '../../shared/data/journal.ts';
import { journalPast } from '../../shared/data/journal-past.ts';
import { journalSearch } from '../../shared/data/journal-search.ts';
import { messageReader, messageStore } from '../../shared/data/message-store.ts';
import { profileHistory } from '../../shared/data/profile-history.ts';
import { unknownMessages } from '../../shared/data/unknown-messages.ts';
import { profileKey } from '../../shared/kernel/ids.ts';
import { DAY_MS } from '../../shared/kernel/time.ts';
import { createTable, type DynamoEmulator, startDynoxide } from '../emulators/dynamo.ts';

/** The emulator deletes nothing that has expired, as DynamoDB does not for some days. */
let dynamo: DynamoEmulator;
beforeAll(async () => {
  dynamo = await startDynoxide();
  for (const table of ['journal', 'messages', 'jobs', 'intake', 'inbox', 'collections', 'audit'] as const) {
    await createTable(dynamo.client, table);
  }
});
afterAll(() => dynamo.stop());

const at = Date.UTC(2026, 10, 22, 9);
const key = profileKey('user', 'ann');
const RETENTION_DAYS = 90;

/** How many each reader finds at an instant; and after how many days it should find nothing. */
interface Reader {
  readonly days: number;
  readonly write: () => Promise<unknown>;
  readonly read: (now: number) => Promise<number>;
}

const entry = { key, jk: '2026-11-22|e1', v: 1, st: 'moved', t: 'event', at, in: { name: 'Bought' } } as const;
const message = { key, id: 'm1', st: 'unknown', by: 'x', copy: 'c', decidedAt: at, at, channel: 'email' } as const;
const job = { id: 'j1', kind: 'who', state: 'done', params: {}, segments: 1, at, begin: at, run: 0, by: 'k' } as const;
const refused = { eventId: 'e1', code: 'event.bad', fields: [], at, writeKey: 'k' };
const content = { title: 'Hello', body: 'you' };
const changed = { id: 'r1', at, who: 'key:1', method: 'DELETE', route: '/v1/keys/{id}', resource: '/v1/keys/k1' };
const expiresAt = at + 5 * DAY_MS;
const inboxed = { key, id: 'i1', topic: 'news', at, expiresAt, content };

const entries = () => journal(dynamo.client, 'journal', RETENTION_DAYS);
const messages = () => messageStore(dynamo.client, 'messages', RETENTION_DAYS);
const tables = { journal: 'journal', messages: 'messages' };
const history = (now: number) => profileHistory(dynamo.client, tables, () => now);
const jobs = (now: number) => jobStore(dynamo.client, 'jobs', () => now);
const audit = (now: number) => auditStore(dynamo.client, 'audit', 400, () => now);
const intake = (now: number) => intakeStore(dynamo.client, 'intake', () => now);
const asked = { events: new Set(['Bought']), messages: false };
const one = (found: unknown): number => (found === undefined ? 0 : 1);
const writeJob = async () => {
  await jobs(at).create(job);
  await jobs(at).keep(job, { segment: 0, page: 1 }, [{ key }]);
};
const item = { collection: 'products', id: 'wax', values: { name: 'Wax' }, savedAt: at, expiresAt };

const readers: Record<string, Reader> = {
  'the timeline': {
    days: 90,
    write: () => entries().put({ ...entry, why: [] }),
    read: async (now) => (await history(now).journal(key)).data.length,
  },
  'the search for an event': {
    days: 90,
    write: () => entries().put({ ...entry, why: [] }),
    read: async (now) => (await journalSearch(dynamo.client, 'journal', () => now).findBySuffix(key, 'e1')).length,
  },
  'what is counted back from the journal': {
    days: 90,
    write: () => entries().put({ ...entry, why: [] }),
    read: async (now) =>
      (await journalPast(dynamo.client, tables, RETENTION_DAYS, () => now).read(key, asked, 1e6)).entries.length,
  },
  'the list of messages': {
    days: 90,
    write: () => messages().put(message, 'absent'),
    read: async (now) => (await history(now).messages(key)).data.length,
  },
  'one message': {
    days: 90,
    write: () => messages().put(message, 'absent'),
    read: async (now) => one(await messageReader(dynamo.client, 'messages', () => now).read(key, 'm1')),
  },
  'messages that are unknown': {
    days: 90,
    write: () => messages().noteUnknown(message),
    read: async (now) =>
      (await unknownMessages(dynamo.client, 'messages', () => now).list('2026-11-22', { limit: 9 })).data.length,
  },
  'a job': { days: 90, write: writeJob, read: async (now) => one(await jobs(now).read('j1')) },
  'a job that is kept for longer': {
    days: 400,
    write: () => jobStore(dynamo.client, 'jobs', () => at, 400).create({ ...job, id: 'j2' }),
    read: async (now) => one(await jobStore(dynamo.client, 'jobs', () => now, 400).read('j2')),
  },
  'the list of jobs': {
    days: 90,
    write: writeJob,
    read: async (now) => (await jobs(now).list({ limit: 9 })).data.filter(({ id }) => id === 'j1').length,
  },
  'what a job has found': {
    days: 90,
    write: writeJob,
    read: async (now) => (await jobs(now).listKept('j1', { limit: 9 })).data.length,
  },
  'events that were refused': {
    days: 7,
    write: () => intake(at).keepRejected([refused as never]),
    read: async (now) => (await intake(now).listRejected('2026-11-22', { limit: 1 })).data.length,
  },
  'an event that was refused': {
    days: 7,
    write: () => intake(at).keepRejected([refused as never]),
    read: async (now) => Math.min(1, (await intake(now).findRejected('e1')).length),
  },
  'the audit log': {
    days: 400,
    write: async () => {
      await audit(at).intend(changed);
      await audit(at).conclude(changed, { status: 200 });
    },
    read: async (now) => (await audit(now).list({ from: at, to: at, limit: 9 })).data.length,
  },
  'an inbox': {
    days: 5,
    write: () => inboxStore(dynamo.client, 'inbox').put(inboxed),
    read: async (now) =>
      (await inboxStore(dynamo.client, 'inbox').list(key)).filter((found) => isShown(found, {}, now)).length,
  },
  'an item of a collection': {
    days: 5,
    write: () => itemStore(dynamo.client, 'collections').put(item),
    read: async (now) =>
      (await itemStore(dynamo.client, 'collections').read([item])).filter((found) => !isExpired(found, now)).length,
  },
};

describe.each(Object.entries(readers))('%s', (_, { days, write, read }) => {
  it(`finds it until its ${days} days are over, and nothing from then on, be it deleted or not`, async () => {
    await write();
    expect(await read(at + days * DAY_MS - 1)).toBe(1);
    expect(await read(at + days * DAY_MS)).toBe(0);
    expect(await read(at + days * DAY_MS - 1), 'it is there all the time').toBe(1);
  });
});

it('a claim and a journal entry keep something from being done twice for as long as they are there', async () => {
  await entries().put({ ...entry, why: [] });
  expect(await entries().read(key, entry.jk, 'strong')).toMatchObject({ st: 'moved' });
  await messages().put(message, 'absent');
  expect(await messages().put(message, 'absent')).toBe(false);
});
