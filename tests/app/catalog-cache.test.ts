import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CatalogStore, Head } from '../../shared/app/catalog/ports.ts';
import { type CatalogCache, catalogCache } from '../../shared/app/catalog-cache.ts';
import { catalogStore } from '../../shared/data/catalog-store.ts';
import type { CatalogSnapshot, JourneyVersion } from '../../shared/domain/catalog.ts';
import { createTable, type DynamoEmulator, startDynoxide } from '../emulators/dynamo.ts';

interface Seen {
  readonly epoch: number;
  readonly known: ReadonlySet<string>;
}
const compile = (snapshot: CatalogSnapshot, pinned: readonly JourneyVersion[]): Seen => ({
  epoch: snapshot.epoch,
  known: new Set([...snapshot.journeys, ...pinned].map((one) => `${one.id}@${one.version}`)),
});
const extend = (seen: Seen, versions: readonly JourneyVersion[]): Seen => ({
  ...seen,
  known: new Set([...seen.known, ...versions.map((one) => `${one.id}@${one.version}`)]),
});
const actor = { by: 'ann', at: 0 };
const stored = {
  id: 'a.x',
  journey: 'a',
  version: 3,
  moves: { default: 'same-step' },
  publishable: true,
  findings: [],
  from: [],
  expiresAt: 1_000,
} as const;

describe('catalog cache', () => {
  let emulator: DynamoEmulator;
  let store: CatalogStore;
  let cache: CatalogCache<Seen>;
  let clock = 0;
  let reads = { epoch: 0, snapshot: 0, versions: 0 };
  let tables = 0;
  beforeAll(async () => {
    emulator = await startDynoxide();
  });
  afterAll(() => emulator.stop());
  beforeEach(async () => {
    store = catalogStore(emulator.client, await createTable(emulator.client, 'catalog', `catalog-${++tables}`));
    reads = { epoch: 0, snapshot: 0, versions: 0 };
    clock = 1_000_000;
    cache = catalogCache({ store: counted(store), compile, extend, now: () => clock });
  });

  function counting<T>(what: keyof typeof reads, answer: Promise<T>): Promise<T> {
    reads[what]++;
    return answer;
  }
  function counted(inner: CatalogStore): CatalogStore {
    return {
      ...inner,
      readEpoch: () => counting('epoch', inner.readEpoch()),
      readSnapshot: () => counting('snapshot', inner.readSnapshot()),
      readJourneyVersions: (wanted) => counting('versions', inner.readJourneyVersions(wanted)),
    };
  }
  async function publish(id: string, name: string): Promise<Head> {
    const before = await store.readHead('journey', id);
    const expected = before === undefined ? ({ absent: true } as const) : { etag: before.etag };
    const head = await store.saveDraft(id, name, { id, name }, expected, actor);
    return store.publishDraft(head, { id, name }, 'live', actor);
  }

  it('loads once, asks for the epoch alone every few seconds, and loads again when it grew', async () => {
    await publish('a', 'One');
    for (let i = 0; i < 5; i++) expect((await cache.current()).epoch).toBe(1);
    expect(reads).toEqual({ epoch: 0, snapshot: 1, versions: 0 });
    clock += 5_000;
    await cache.current();
    await cache.current();
    expect(reads).toEqual({ epoch: 1, snapshot: 1, versions: 0 });
    await publish('a', 'Two');
    expect((await cache.current()).epoch).toBe(1);
    clock += 5_000;
    expect((await cache.current()).epoch).toBe(2);
    expect(reads).toEqual({ epoch: 2, snapshot: 2, versions: 0 });
  });

  it('loads the versions that plans lead to beside those that runs are on (G8)', async () => {
    for (const name of ['One', 'Two']) await publish('a', name);
    const head = (await store.readHead('journey', 'a'))!;
    const plan = { id: 'a.x', version: 3, at: 0, moves: { default: 'same-step' } } as const;
    const draft = await store.saveDraft('a', 'Three', { id: 'a' }, { etag: head.etag }, actor);
    await store.savePlan({ ...actor, ...stored, draftEtag: draft.etag });
    await store.publishDraft(draft, { id: 'a' }, 'live', actor, { plan: { id: 'a.x', plans: [plan] } });
    await publish('a', 'Four');
    expect([...(await cache.current(0, [{ journey: 'a', version: 2 }])).known].sort()).toEqual(['a@2', 'a@3', 'a@4']);
    await cache.current(0, [{ journey: 'a', version: 2 }]);
    expect(reads.versions).toBe(1);
  });

  it('is never older than the epoch a profile was decided at (G8)', async () => {
    await cache.current();
    await publish('a', 'One');
    expect((await cache.current(1)).epoch).toBe(1);
    await expect(cache.current(2)).rejects.toMatchObject({ name: 'Transient', code: 'catalog.behind' });
  });

  it('loads once for many who come at the same time', async () => {
    await publish('a', 'One');
    await Promise.all(Array.from({ length: 20 }, () => cache.current(1)));
    expect(reads.snapshot).toBe(1);
  });

  it('does not go back when an older answer comes late (G8)', async () => {
    await publish('a', 'One');
    const old = await store.readSnapshot();
    await publish('a', 'Two');
    const answers = [await store.readSnapshot(), old, old];
    const slow = { ...store, readSnapshot: async () => answers.shift()! };
    const odd = catalogCache({ store: slow, compile, extend, now: () => clock });
    expect((await odd.current()).epoch).toBe(2);
    await expect(odd.current(3)).rejects.toMatchObject({ name: 'Transient' });
    expect((await odd.current()).epoch).toBe(2);
  });

  it('keeps the versions people are in after a publish, without reading them', async () => {
    await publish('a', 'One');
    await cache.current();
    await publish('a', 'Two');
    expect([...(await cache.current(2)).known].sort()).toEqual(['a@1', 'a@2']);
    expect([...(await cache.current(0, [{ journey: 'a', version: 1 }])).known].sort()).toEqual(['a@1', 'a@2']);
    expect(reads.versions).toBe(0);
  });

  it('reads a pinned version that is unknown here, once, and keeps it over reloads', async () => {
    await publish('a', 'One');
    await publish('a', 'Two');
    for (let i = 0; i < 3; i++) expect((await cache.current(0, [{ journey: 'a', version: 1 }])).known).toContain('a@1');
    await publish('b', 'One');
    expect([...(await cache.current(3)).known].sort()).toEqual(['a@1', 'a@2', 'b@1']);
    expect(reads.versions).toBe(1);
  });

  it('says Transient for a version that nobody has: the run waits, it is not dropped (G8)', async () => {
    await publish('a', 'One');
    const wanted = [{ journey: 'a', version: 9 }];
    await expect(cache.current(0, wanted)).rejects.toMatchObject({
      name: 'Transient',
      code: 'catalog.version-missing',
    });
    expect((await cache.current()).epoch).toBe(1);
  });
});
