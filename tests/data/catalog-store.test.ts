import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CatalogStore, type Head, POLICY_ID } from '../../shared/app/catalog/ports.ts';
import { liveItemKey, versionKey } from '../../shared/data/catalog-keys.ts';
import { catalogStore, MAX_DOCUMENT_BYTES } from '../../shared/data/catalog-store.ts';
import { createTable, type DynamoEmulator, startDynalite, startDynoxide } from '../emulators/dynamo.ts';

const ann = (at: number) => ({ by: 'ann', at });
const at = Date.parse('2026-11-22T10:00:00Z');
const absent = { absent: true } as const;
const journey = (name: string) => ({ id: 'welcome', name });
let tableCount = 0;

describe('catalog store on dynoxide', () => {
  let emulator: DynamoEmulator;
  let table: string;
  let store: CatalogStore;
  beforeAll(async () => {
    emulator = await startDynoxide();
  });
  afterAll(() => emulator.stop());
  beforeEach(async () => {
    table = await createTable(emulator.client, 'catalog', `catalog-${++tableCount}`);
    store = catalogStore(emulator.client, table);
  });

  const publish = async (name: string): Promise<Head> => {
    const before = await store.readHead('journey', 'welcome');
    const document = journey(name);
    const head = await store.saveDraft('welcome', name, document, before ? { etag: before.etag } : absent, ann(at));
    return store.publishDraft(head, document, 'live', ann(at));
  };

  it('is empty at epoch 0, with a policy that forbids nothing', async () => {
    expect(await store.readEpoch()).toBe(0);
    expect(await store.readSnapshot()).toMatchObject({ epoch: 0, journeys: [], policy: { zone: 'UTC', caps: [] } });
  });

  it('keeps a draft out of the live catalog, and the epoch where it was', async () => {
    const head = await store.saveDraft('welcome', 'One', journey('One'), absent, ann(at));
    expect(head).toMatchObject({ state: 'draft', latest: 0, hasDraft: true });
    expect(await store.readDraft('welcome')).toMatchObject({ document: journey('One'), by: 'ann', at });
    expect(await store.readSnapshot()).toMatchObject({ epoch: 0, journeys: [] });
  });

  it('publishes versions that never change, one epoch each (G8)', async () => {
    await publish('One');
    const two = await publish('Two');
    expect(two).toMatchObject({ live: 2, latest: 2, state: 'live', hasDraft: false });
    expect(await store.readDraft('welcome')).toBeUndefined();
    expect(await store.readVersion('journey', 'welcome', 1)).toMatchObject({ version: 1, document: journey('One') });
    expect(await store.readSnapshot()).toMatchObject({
      epoch: 2,
      journeys: [{ id: 'welcome', version: 2, state: 'live', document: journey('Two') }],
    });
    const versions = await store.listVersions('journey', 'welcome', { limit: 10 });
    expect(versions.data.map((one) => one.version)).toEqual([2, 1]);
    expect(Object.keys(versions.data[0]!).sort()).toEqual(['at', 'by', 'etag', 'version']);
  });

  it('refuses a writer who saw something else', async () => {
    const stale = await store.saveDraft('welcome', 'One', journey('One'), absent, ann(at));
    const fresh = await store.saveDraft('welcome', 'Two', journey('Two'), { etag: stale.etag }, ann(at));
    const refused = { name: 'Conflict', kind: 'precondition-failed' };
    await expect(store.saveDraft('welcome', 'X', journey('X'), absent, ann(at))).rejects.toMatchObject(refused);
    await expect(store.saveDraft('welcome', 'X', journey('X'), { etag: stale.etag }, ann(at))).rejects.toMatchObject(
      refused,
    );
    await expect(store.publishDraft(stale, journey('One'), 'live', ann(at))).rejects.toMatchObject(refused);
    await expect(store.setJourneyState(stale, 'archived', ann(at))).rejects.toMatchObject(refused);
    expect(await store.readEpoch()).toBe(0);
    expect(await store.readHead('journey', 'welcome')).toEqual(fresh);
  });

  it('lets exactly one of many concurrent writers of one draft win', async () => {
    const { etag } = await store.saveDraft('welcome', 'One', journey('One'), absent, ann(at));
    const outcomes = await Promise.allSettled(
      [...'abcdefgh'].map((name) => store.saveDraft('welcome', name, journey(name), { etag }, ann(at))),
    );
    expect(outcomes.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
  });

  it('gives every one of many concurrent changes its own epoch (G5)', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e'];
    await Promise.all(ids.map((id) => store.saveLive('topic', id, id, { id }, absent, ann(at))));
    const snapshot = await store.readSnapshot();
    expect(snapshot.epoch).toBe(ids.length);
    expect(snapshot.topics.map((topic) => topic.id).sort()).toEqual(ids);
    const changes = await store.listChanges('2026-11', { limit: 50 });
    expect(changes.data.map((entry) => entry.epoch).sort()).toEqual([1, 2, 3, 4, 5]);
  });

  it('never reads a catalog between two epochs (G5): the content is a function of the epoch', async () => {
    await store.saveLive('topic', 't', 't', { n: 0 }, absent, ann(at));
    let head = (await store.readHead('topic', 't'))!;
    const writing = (async () => {
      for (let n = 1; n <= 15; n++) {
        head = await store.saveLive('topic', 't', 't', { n }, { etag: head.etag }, ann(at));
      }
    })();
    const seen: [number, unknown][] = [];
    let done = false;
    void writing.then(() => {
      done = true;
    });
    while (!done) {
      const snapshot = await store.readSnapshot().catch(() => undefined);
      if (snapshot) seen.push([snapshot.epoch, snapshot.topics[0]]);
    }
    await writing;
    expect(seen.length).toBeGreaterThan(0);
    for (const [epoch, topic] of seen) expect(topic).toEqual({ n: epoch - 1 });
  });

  it('moves a journey through its states where evaluation sees them, and keeps it when it is archived', async () => {
    let head = await publish('One');
    for (const state of ['paused', 'live', 'draining', 'stopped', 'archived'] as const) {
      head = await store.setJourneyState(head, state, ann(at));
      expect((await store.readSnapshot()).journeys).toMatchObject([{ id: 'welcome', state }]);
    }
    expect(await store.readEpoch()).toBe(6);
    expect(await store.readJourneyVersions([{ id: 'welcome', version: 1 }])).toEqual([
      { id: 'welcome', version: 1, document: journey('One') },
    ]);
  });

  it('remembers until when what was due is passed over, also when a version is published, until the next change of state', async () => {
    const live = await publish('One');
    const paused = await store.setJourneyState(live, 'paused', ann(at));
    const resumed = await store.setJourneyState(paused, 'live', ann(at), at + 5);
    expect((await store.readSnapshot()).journeys).toMatchObject([{ state: 'live', overdueUntil: at + 5 }]);
    const draft = await store.saveDraft('welcome', 'Two', journey('Two'), { etag: resumed.etag }, ann(at));
    const second = await store.publishDraft(draft, journey('Two'), 'live', ann(at));
    expect((await store.readSnapshot()).journeys).toMatchObject([{ version: 2, overdueUntil: at + 5 }]);
    await store.setJourneyState(second, 'paused', ann(at));
    expect((await store.readSnapshot()).journeys[0]).not.toHaveProperty('overdueUntil');
  });

  it('deletes the draft: what was never published is gone, what is live stays', async () => {
    await store.deleteDraft(await store.saveDraft('welcome', 'One', journey('One'), absent, ann(at)), ann(at));
    expect(await store.readHead('journey', 'welcome')).toBeUndefined();
    const live = await publish('One');
    const draft = await store.saveDraft('welcome', 'Two', journey('Two'), { etag: live.etag }, ann(at));
    await store.deleteDraft(draft, ann(at));
    expect(await store.readHead('journey', 'welcome')).toMatchObject({ etag: live.etag, hasDraft: false, live: 1 });
  });

  it('goes on counting versions after a removal', async () => {
    const head = await store.saveLive('template', 'hello', 'hello', { n: 1 }, absent, ann(at));
    await store.removeLive('template', head, ann(at));
    expect((await store.readSnapshot()).templates).toEqual([]);
    const again = await store.saveLive('template', 'hello', 'hello', { n: 2 }, absent, ann(at));
    expect(again.latest).toBe(2);
    expect(await store.readVersion('template', 'hello', 1)).toMatchObject({ document: { n: 1 } });
    expect((await store.readSnapshot()).templates).toEqual([{ id: 'hello', version: 2, document: { n: 2 } }]);
  });

  it('replaces the default policy', async () => {
    const policy = { schemaVersion: 1, zone: 'Europe/Berlin', locale: 'de', quietHours: [], caps: [] };
    await store.saveLive('policy', POLICY_ID, 'policy', policy, absent, ann(at));
    expect((await store.readSnapshot()).policy).toEqual(policy);
  });

  it('lists in pages and refuses a cursor of somewhere else', async () => {
    for (const id of ['a', 'b', 'c']) await store.saveLive('topic', id, id, { id }, absent, ann(at));
    const first = await store.listHeads('topic', { limit: 2 });
    expect(first.data.map((head) => head.id)).toEqual(['a', 'b']);
    const second = await store.listHeads('topic', { limit: 2, cursor: first.nextCursor! });
    expect(second.data.map((head) => head.id)).toEqual(['c']);
    for (const cursor of ['!', 'eA==', '', 'x'.repeat(3_000)]) {
      await expect(store.listHeads('topic', { limit: 2, cursor })).rejects.toMatchObject({ code: 'list.cursor' });
    }
    const foreign = Buffer.from('draft').toString('base64url');
    await expect(store.listVersions('journey', 'welcome', { limit: 2, cursor: foreign })).rejects.toMatchObject({
      code: 'list.cursor',
    });
  });

  it('refuses a document that no item can hold, and says the limit and the size (G13)', async () => {
    const document = { id: 'welcome', text: 'x'.repeat(MAX_DOCUMENT_BYTES) };
    await expect(store.saveDraft('welcome', 'big', document, absent, ann(at))).rejects.toMatchObject({
      name: 'InvalidInput',
      kind: 'too-large',
      problems: [{ limit: MAX_DOCUMENT_BYTES, actual: JSON.stringify(document).length }],
    });
  });

  it('stores the largest document it allows', async () => {
    const wrapper = JSON.stringify({ text: '' }).length;
    const document = { text: 'x'.repeat(MAX_DOCUMENT_BYTES - wrapper) };
    const head = await store.saveDraft('welcome', 'big', document, absent, ann(at));
    await store.publishDraft(head, document, 'live', ann(at));
    expect((await store.readSnapshot()).journeys[0]!.document).toEqual(document);
  });

  it('reads a catalog of several pages whole', async () => {
    const text = 'x'.repeat(300_000);
    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      await store.saveLive('template', id, id, { id, text }, absent, ann(at));
    }
    expect((await store.readSnapshot()).templates.map((one) => one.id)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('keeps kill switches, last word wins', async () => {
    await store.setKillSwitch({ target: 'all', on: true, at, by: 'ann' });
    await store.setKillSwitch({ target: 'journey:welcome', on: true, at, by: 'ann', note: 'wrong price' });
    await store.setKillSwitch({ target: 'all', on: false, at: at + 1, by: 'bob' });
    expect(await store.readKillSwitches()).toEqual([
      { target: 'all', on: false, at: at + 1, by: 'bob' },
      { target: 'journey:welcome', on: true, at, by: 'ann', note: 'wrong price' },
    ]);
  });

  it('says who changed what', async () => {
    await publish('One');
    const { data } = await store.listChanges('2026-11', { limit: 10 });
    expect(data).toContainEqual({ what: 'journey.published', subject: 'welcome', version: 1, epoch: 1, by: 'ann', at });
    expect(data).toContainEqual({ what: 'journey.draft-saved', subject: 'welcome', by: 'ann', at });
  });
});

describe('catalog store on dynalite, which knows no transactions: what evaluation reads', () => {
  let emulator: DynamoEmulator;
  beforeAll(async () => {
    emulator = await startDynalite();
  });
  afterAll(() => emulator.stop());

  it('reads snapshot, epoch and pinned versions', async () => {
    const table = await createTable(emulator.client, 'catalog');
    const put = (item: object) => emulator.client.send(new PutItemCommand({ TableName: table, Item: marshall(item) }));
    const document = JSON.stringify(journey('One'));
    await put({ pk: 'epoch', sk: 'epoch', n: 7 });
    await put({ ...liveItemKey('journey', 'welcome'), id: 'welcome', state: 'live', version: 2, document });
    await put({ ...versionKey('journey', 'welcome', 1), version: 1, document, etag: 'x', at, by: 'ann' });
    const store = catalogStore(emulator.client, table);
    expect(await store.readEpoch()).toBe(7);
    expect(await store.readSnapshot()).toMatchObject({ epoch: 7, journeys: [{ id: 'welcome', version: 2 }] });
    const wanted = [
      { id: 'welcome', version: 1 },
      { id: 'welcome', version: 9 },
    ];
    expect(await store.readJourneyVersions(wanted)).toEqual([{ id: 'welcome', version: 1, document: journey('One') }]);
  });
});
