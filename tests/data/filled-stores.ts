import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import type { CarriedEntry, MessageRecord, StoredProfile } from '../../shared/app/ports.ts';
import type { Job } from '../../shared/app/scans/job.ts';
import { accessStore } from '../../shared/data/access-store.ts';
import { approvalStore } from '../../shared/data/approval-store.ts';
import { auditStore } from '../../shared/data/audit-store.ts';
import { catalogStore } from '../../shared/data/catalog-store.ts';
import { consentStore } from '../../shared/data/consent-store.ts';
import { counterStore } from '../../shared/data/counter-store.ts';
import { idempotencyStore } from '../../shared/data/idempotency-store.ts';
import { inboxStore } from '../../shared/data/inbox-store.ts';
import { intakeStore } from '../../shared/data/intake-store.ts';
import { itemStore } from '../../shared/data/item-store.ts';
import { jobStore } from '../../shared/data/job-store.ts';
import { journal } from '../../shared/data/journal.ts';
import { messageStore } from '../../shared/data/message-store.ts';
import { outageStore } from '../../shared/data/outage-store.ts';
import { profileStore } from '../../shared/data/profile-store.ts';
import { proposalStore } from '../../shared/data/proposal-store.ts';
import { secretStore } from '../../shared/data/secret-store.ts';
import { segmentSizes } from '../../shared/data/segment-sizes.ts';
import { statsStore } from '../../shared/data/stats-store.ts';
import type { StoredItem, StoredTable } from '../../shared/data/stored-kind.ts';
import { type Salts, suppressionStore } from '../../shared/data/suppression-store.ts';
import { addressHash, asHashed, keyOfAddress } from '../../shared/domain/messaging/address.ts';
import { emptyProfile, type Profile } from '../../shared/domain/profiles/profile.ts';
import { type ProfileKey, profileKey, testKey } from '../../shared/kernel/ids.ts';
import { DAY_MS } from '../../shared/kernel/time.ts';
import { tables } from '../../shared/resources.ts';
import { createTable } from '../emulators/dynamo.ts';

export const at = Date.UTC(2026, 10, 22, 9);
const day = '2026-11-22';
const RETENTION_DAYS = 90;

/** Two customers; each has a device, an address of their own, and one thing of every kind that is stored of anybody. */
export const [ann, bob] = ['ann', 'bob'].map((name) => ({
  name,
  user: profileKey('user', name),
  visitor: profileKey('anonymous', `${name}-browser`),
  asked: profileKey('anonymous', `${name}-phone`),
  email: `${name}@example.com`,
  phone: name === 'ann' ? '+14155550100' : '+14155550101',
  token: `${name}-token`,
})) as [Customer, Customer];

interface Customer {
  readonly name: string;
  readonly user: ProfileKey;
  readonly visitor: ProfileKey;
  readonly asked: ProfileKey;
  readonly email: string;
  readonly phone: string;
  readonly token: string;
}

/** What a message of each carries of the journal. */
export const woken = {
  jk: `${day}T09:00:00.000Z|w|2`,
  ...{ v: 2, at },
  why: [{ code: 'message.decided', journey: 'welcome', run: 'r1' }],
} satisfies CarriedEntry;

/** All tables, with at least one item of every declared kind, written by the stores themselves. */
export async function fillStores(client: DynamoDBClient): Promise<void> {
  for (const table of allTables) await createTable(client, table);
  for (const customer of [ann, bob]) await fillCustomer(client, customer);
  await fillTest(client);
  await fillCatalog(client);
  await fillOthers(client);
}

export const allTables = Object.keys(tables) as StoredTable[];

export async function everyItem(client: DynamoDBClient): Promise<{ table: StoredTable; item: StoredItem }[]> {
  const all: { table: StoredTable; item: StoredItem }[] = [];
  for (const table of allTables) {
    for await (const { Items = [] } of paginateScan({ client }, { TableName: table })) {
      all.push(...Items.map((item) => ({ table, item })));
    }
  }
  return all;
}

const stored = (key: ProfileKey, profile: Partial<Profile>): StoredProfile => ({
  ...{ key, version: 1, at, epoch: 3 },
  profile: { ...emptyProfile, createdAt: at, ...profile },
});

const message = (key: ProfileKey, id: string, more: Partial<MessageRecord> = {}): MessageRecord => ({
  ...{ key, id, st: 'sent', by: 'one/0', copy: 'c', decidedAt: at, at, channel: 'email', topic: 'news' },
  ...more,
});

async function fillCustomer(client: DynamoDBClient, { name, user, visitor, asked, email, phone, token }: Customer) {
  const profiles = profileStore(client, 'profiles');
  const trait = (value: string) => ({ value, at, source: 'identify' }) as const;
  const owned = {
    ids: { user: name, anonymous: [`${name}-browser`], named: { email: [email] } },
    traits: { email: trait(email), phone: trait(phone), nickname: trait(`<b>${name}</b>`) },
    devices: { [token]: { platform: 'fcm', at } },
  } as const;
  const merging = { [asked]: { since: at, origin: 'identify' } } as const;
  // A device that was asked as well, and belongs to the other customer.
  const other = name === 'ann' ? bob.visitor : ann.visitor;
  const declining = { [other]: { since: at, origin: 'identify' } } as const;
  await profiles.commit(stored(user, { ...owned, aliases: [visitor], asked: { ...merging, ...declining } }));
  await profiles.commit(stored(visitor, { movedTo: user }));
  await profiles.commit(stored(asked, { ids: { anonymous: [`${name}-phone`] } }));
  for (const identity of [profileKey('email', email), profileKey('push-token', token)]) {
    await profiles.commit(stored(identity, { createdAt: 0, holders: { [user]: at } }));
  }
  const journalOf = journal(client, 'journal', RETENTION_DAYS);
  const messages = messageStore(client, 'messages', RETENTION_DAYS);
  const statements = consentStore(client, 'consents');
  const inbox = inboxStore(client, 'inbox');
  // What was sent to an address alone: one that remembers it, and one that decided against it and is not there.
  const stranger = keyOfAddress(addressHash('email', email));
  const sends = [
    { id: `${stranger}-m1`, at, channel: 'email', topic: 'news', to: addressHash('email', email) },
  ] as const;
  await profiles.commit(stored(stranger, { sends }));
  for (const key of [user, visitor, asked, stranger, keyOfAddress(addressHash('sms', phone))]) {
    await journalOf.put({ key, jk: `${day}|e`, v: 1, st: 'moved', t: 'event', why: [], at, in: { name: 'Seen' } });
    const quiet = { st: 'handing', quiet: true, entries: [woken] } as const;
    await messages.put(message(key, `${key}-m1`, key === user ? quiet : {}), 'absent');
  }
  const parked = { key: user, jk: `${day}|p`, t: 'event', why: [], at } as const;
  await journalOf.put({ ...parked, v: 0, st: 'parked', in: { name: 'Seen' } });
  await journalOf.listParked(parked);
  for (const [id, record] of [
    ['unknown', { st: 'unknown', at: at + 1 }],
    ['settled', { at: at + DAY_MS, unknownAt: at + 2 }],
  ] as const) {
    const one = message(user, `${user}-${id}`, record);
    await messages.put(one, 'absent');
    await messages.noteUnknown({ ...one, at: one.unknownAt ?? one.at });
  }
  const said = { channel: 'email', topic: 'news', state: 'granted', at, source: 'form', recordedAt: at } as const;
  await statements.put(user, { ...said, outcome: 'held' });
  await inbox.put({
    ...{ key: user, id: `${user}-i1`, topic: 'news', at, expiresAt: at + DAY_MS },
    content: { title: 'Hello', body: name },
  });
  const suppressions = suppressionStore(client, 'suppressions');
  const unsubscribed = { topic: 'offers', reason: 'unsubscribe', at } as const;
  await suppressions.put({ channel: 'email', addressHash: addressHash('email', email), ...unsubscribed });
  await suppressions.put({ channel: 'sms', addressHash: asHashed('sms', phone), ...unsubscribed, topic: null });
  await suppressions.put({ channel: 'push', addressHash: addressHash('push', token), ...unsubscribed, topic: null });
}

/** The same in every run, so that what is left can be compared. */
const salts: Salts = { keys: async () => ({ current: 'k', keys: { k: new Uint8Array(32) } }) };

async function fillTest(client: DynamoDBClient) {
  const key = testKey('welcome', 'r1');
  const test = { journey: 'welcome', version: -5, sendTo: 'me@team.example', speed: 60, startedAt: at };
  await profileStore(client, 'profiles').commit(stored(key, { test }));
  const entry = { key, jk: `${day}|e`, v: 1, st: 'moved', t: 'event', why: [], at } as const;
  await journal(client, 'journal', RETENTION_DAYS).put(entry);
  await messageStore(client, 'messages', RETENTION_DAYS).put(message(key, `${key}-m1`), 'absent');
  const content = { title: 'Hello', body: 'author' };
  const kept = { key, id: `${key}-i1`, topic: 'news', at, expiresAt: at + 90 * DAY_MS, content };
  await inboxStore(client, 'inbox').put(kept);
}

async function fillCatalog(client: DynamoDBClient) {
  const store = catalogStore(client, 'catalog');
  const by = { by: 'key:1', at };
  const absent = { absent: true } as const;
  const journey = { id: 'welcome', name: 'Welcome' };
  const drafted = await store.saveDraft('welcome', 'Welcome', journey, absent, by);
  const plan = { ...by, id: 'welcome.p1', journey: 'welcome', draftEtag: drafted.etag, version: 1, moves: {} };
  const approval = { journey: 'welcome', draftEtag: drafted.etag, who: 'key:2', at };
  await approvalStore(client, 'catalog').approve(approval);
  const proposals = proposalStore(client, 'catalog');
  const proposal = { id: `p-${'A'.repeat(22)}`, what: 'template hello', method: 'DELETE', path: '/v1/templates/hello' };
  await proposals.propose({ ...proposal, who: 'key:1', at, expiresAt: at + DAY_MS });
  await proposals.approve({ proposal: proposal.id, who: 'key:2', at, expiresAt: at + DAY_MS });
  await store.savePlan({ ...plan, publishable: true, findings: [], from: [], expiresAt: at + DAY_MS } as never);
  await store.publishDraft(drafted, journey, 'live', by, { plan: { id: 'welcome.p1', plans: [] } });
  const published = (await store.readHead('journey', 'welcome'))!;
  await store.saveDraft('welcome', 'Welcome again', journey, { etag: published.etag }, by);
  await store.saveTestVersion('welcome', { ...by, document: journey, etag: 'e' }, by);
  await store.saveLive('topic', 'news', 'News', { id: 'news' }, absent, by);
  await store.setKillSwitch({ target: 'channel:email', on: true, reason: 'drill', ...by } as never);
}

async function fillOthers(client: DynamoDBClient) {
  const gone = { channel: 'email', addressHash: addressHash('email', 'gone@example.com'), topic: null } as const;
  await suppressionStore(client, 'suppressions', () => at, salts).keepSalted({ ...gone, reason: 'complaint', at });
  await statsStore(client, 'stats').add([{ journey: 'welcome', version: 1, day, counts: { entered: 1 } }], ann.user);
  await segmentSizes(client, 'stats').put(day, new Map([['vip', 3]]));
  const counters = counterStore(client, 'limits');
  const range = { floor: 0, ceiling: 10 };
  await counters.advance({ journey: 'welcome', name: 'entries#total' }, 1, range, 0);
  await counters.advance({ journey: 'sending#warm-up', name: `shop#${day}`, over: at + DAY_MS }, 1, range, 0);
  await counters.advance({ journey: 'sending#email', name: 'rate', over: at + DAY_MS }, 1, range, 0);
  await outageStore(client, 'limits').put(
    { provider: 'email', why: 'throttled', since: at, tryAt: at, tries: 1 },
    undefined,
  );
  const intake = intakeStore(client, 'intake', () => at);
  const refused = { eventId: 'e1', code: 'event.bad', fields: [], bytes: 10, at, writeKey: 'k1' };
  await intake.keepRejected([refused as never]);
  await intake.see({ name: 'Bought', kind: 'track', shapes: ['price:number'], hour: at });
  const access = accessStore(client, 'access');
  const session = {
    id: 's1',
    who: 'arn:aws:iam::1:user/ann',
    roles: ['marketer'],
    createdAt: at,
    expiresAt: at,
  } as const;
  await access.putSession('hash', session);
  await access.putKey('hash', { id: 'k1', name: 'shop', kind: 'ingest', scopes: [], createdAt: at } as never);
  const request = { id: 'r1', at, who: 'key:1', method: 'DELETE', route: '/v1/keys/{id}', resource: '/v1/keys/k1' };
  await auditStore(client, 'audit', 400).intend(request);
  await idempotencyStore(client, 'access').claim('key:1', 'once', 'hash', at);
  await secretStore(client, 'access').keys('links');
  const job: Job = {
    id: 'j1',
    kind: 'who',
    state: 'queued',
    params: {},
    segments: 1,
    at,
    begin: at,
    run: 0,
    by: 'key:1',
  };
  const jobs = jobStore(client, 'jobs', () => at);
  await jobs.create(job);
  await jobs.writeSegment(job, 0, { page: 1, isDone: true, counts: {} });
  await jobs.keep(job, { segment: 0, page: 1 }, [{ key: ann.user }]);
  const item = { collection: 'products', id: 'wax', values: { name: 'Wax' }, savedAt: at };
  await itemStore(client, 'collections').put(item);
}
