import { afterAll, beforeAll, expect, it } from 'vitest';
import { catalogCache } from '../../../shared/app/catalog-cache.ts';
import { finishScan } from '../../../shared/app/scans/finish-scan.ts';
import { type Job, progressOf } from '../../../shared/app/scans/job.ts';
import type { ScanPorts } from '../../../shared/app/scans/scan-kind.ts';
import { scanSegment } from '../../../shared/app/scans/scan-segment.ts';
import { readStatistics } from '../../../shared/app/statistics/save-statistics.ts';
import { startStatistics } from '../../../shared/app/statistics/start-statistics.ts';
import { catalogStore } from '../../../shared/data/catalog-store.ts';
import { jobStore } from '../../../shared/data/job-store.ts';
import { profileStore } from '../../../shared/data/profile-store.ts';
import { segmentSizes } from '../../../shared/data/segment-sizes.ts';
import { compileCatalog, withVersions } from '../../../shared/domain/compiled-catalog.ts';
import { emptyProfile, type Profile } from '../../../shared/domain/profiles/profile.ts';
import { profileKey, testKey } from '../../../shared/kernel/ids.ts';
import { DAY_MS } from '../../../shared/kernel/time.ts';
import { createTable, type DynamoEmulator, startDynoxide } from '../../emulators/dynamo.ts';
import { scanWorld } from './world.ts';

/** The nightly job with its real stores; calls come one after the other, as the state machine makes them. */
let dynamo: DynamoEmulator;
let clock = Date.UTC(2026, 10, 25, 2, 17);
beforeAll(async () => {
  dynamo = await startDynoxide();
  for (const table of ['profiles', 'catalog', 'stats', 'jobs'] as const) await createTable(dynamo.client, table);
});
afterAll(() => dynamo.stop());

function world() {
  const store = catalogStore(dynamo.client, 'catalog');
  const { ports: rest, started } = scanWorld([]);
  const ports: ScanPorts = {
    ...rest,
    clock: () => clock,
    profiles: profileStore(dynamo.client, 'profiles'),
    catalogs: catalogCache({ store, compile: compileCatalog, extend: withVersions, now: () => clock }),
    jobs: jobStore(dynamo.client, 'jobs', () => clock),
    documents: store,
    sizes: segmentSizes(dynamo.client, 'stats'),
  };
  return { store, ports, started, profiles: profileStore(dynamo.client, 'profiles') };
}
type World = ReturnType<typeof world>;

async function work({ ports, started }: World, times = 1): Promise<Job> {
  const { job: id, segments } = started.at(-1)![1];
  for (let segment = 0; segment < segments; segment += 1) {
    while ((await scanSegment({ job: id, run: 0, segment }, () => true, ports)).next === 'more');
  }
  const job = (await ports.jobs.read(id))!;
  for (let time = 0; time < times; time += 1) {
    await finishScan({ job: id, run: 0, round: 0 }, { ...ports, jobs: { ...ports.jobs, read: async () => job } });
  }
  return (await ports.jobs.read(id))!;
}

const trait = (value: Profile['traits'][string]['value']) => ({ value, at: 0, source: 'api' as const });
const person = (traits: Profile['traits'], more: Partial<Profile> = {}): Profile => ({
  ...emptyProfile,
  ids: { user: 'somebody' },
  traits,
  ...more,
});

it('a night: people are counted once, segments too, and the document is one', async () => {
  const one = world();
  const { store, profiles, ports } = one;
  const put = (key: string, profile: Profile) => profiles.commit({ key, version: 1, at: clock, epoch: 0, profile });
  for (let spent = 1; spent <= 10; spent += 1) {
    const traits = { spent: trait(spent * 1.5), orders: trait(spent % 3), plan: trait('gold'), gone: trait(null) };
    await put(profileKey('user', `u${spent}`), person(traits));
  }
  const cart = { ...trait({ total: 12, note: 'x' }), flag: 'outlier' as const };
  await put(profileKey('user', 'carter'), person({ cart, far: trait(1e16) }));
  await put(profileKey('user', 'merged'), person({ spent: trait(1e6) }, { movedTo: profileKey('user', 'u1') }));
  await put(profileKey('user', 'erased'), { ...emptyProfile, traits: { spent: trait(1e6) } });
  await put(testKey('try', profileKey('user', 'u1')), person({ spent: trait(1e6) }));
  const policy = { schemaVersion: 1, zone: 'UTC', locale: 'en', quietHours: [], caps: [] };
  const traits = { 'cart.total': { type: 'number' }, 'cart.note': { type: 'string' } };
  const asked = { absent: true } as const;
  await store.saveLive('policy', 'policy', 'P', { ...policy, traits }, asked, { by: 'ann', at: clock });
  const segment = (id: string, where: string) => ({ schemaVersion: 1, id, name: id, where });
  const spenders = { ref: 'profile.spent', gte: 12 };
  const by = { by: 'ann', at: clock };
  await store.saveLive(
    'segment',
    'spenders',
    'S',
    { ...segment('spenders', ''), where: spenders },
    { absent: true },
    by,
  );
  await store.saveLive(
    'segment',
    'nobody',
    'N',
    { ...segment('nobody', ''), where: { any: [] } },
    { absent: true },
    by,
  );
  const nested = { segment: 'spenders', is: 'not-member' };
  await store.saveLive('segment', 'others', 'O', { ...segment('others', ''), where: nested }, { absent: true }, by);

  expect(await readStatistics(store)).toBeUndefined();
  await startStatistics(ports);
  expect(one.started).toMatchObject([['statistics-2026-11-25-0-0', { segments: 8 }]]);
  const epoch = await store.readEpoch('newest');
  // Its end is lost, and comes again.
  expect(await work(one, 2)).toMatchObject({ state: 'done', kind: 'statistics' });
  expect(await progressOf(ports.jobs, 'statistics-2026-11-25')).toMatchObject({ people: 11, outliers: 1 });
  expect(await store.readEpoch('newest')).toBe(epoch + 1);

  const saved = await readStatistics(store);
  expect(saved).toEqual({
    schemaVersion: 1,
    at: clock,
    profiles: 11,
    traits: {
      'cart.total': { n: 1, mean: 12, sd: 0, quintiles: [12, 12, 12, 12] },
      orders: { n: 10, mean: 1, sd: expect.closeTo(Math.sqrt(0.6), 9), quintiles: [0, 1, 1, 2] },
      spent: {
        n: 10,
        mean: 8.25,
        sd: expect.closeTo(1.5 * Math.sqrt(8.25), 9),
        quintiles: expect.any(Array),
      },
    },
  });
  const exact = [1, 3, 5, 7].map((rank) => (rank + 1) * 1.5);
  for (const [i, answer] of saved!.traits['spent']!.quintiles.entries()) {
    expect(Math.abs(answer - exact[i]!) / exact[i]!).toBeLessThanOrEqual(0.01);
  }
  expect((await store.readSnapshot()).statistics).toEqual(saved);
  const sizes = (id: string) => segmentSizes(dynamo.client, 'stats').read(id, '2026-11-01', '2026-11-30');
  expect(await sizes('spenders')).toEqual([{ day: '2026-11-25', members: 3 }]);
  expect(await sizes('others')).toEqual([{ day: '2026-11-25', members: 8 }]);
  expect(await sizes('nobody')).toEqual([{ day: '2026-11-25', members: 0 }]);
});

it('the next night overwrites nothing of the one before, needs fewer segments, and what is late changes nothing', async () => {
  clock += DAY_MS;
  const late = world();
  await startStatistics(late.ports, 'by-hand');
  clock += 1;
  const next = world();
  await startStatistics(next.ports);
  expect(next.started).toMatchObject([['statistics-2026-11-26-0-0', { segments: 1 }]]);
  await work(next);
  const saved = await readStatistics(next.store);
  expect(saved!.at).toBe(clock);
  expect(saved!.traits['spent']).toHaveProperty('before');
  await work(late);
  expect(await readStatistics(next.store)).toEqual(saved);
  const versions = await next.store.listVersions('statistics', 'base', { limit: 10 });
  expect(versions.data.map(({ version }) => version)).toEqual([2, 1]);
  const sizes = await segmentSizes(dynamo.client, 'stats').read('others', '2026-11-25', '2026-11-26');
  expect(sizes.map(({ day }) => day)).toEqual(['2026-11-25', '2026-11-26']);
});
