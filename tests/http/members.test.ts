import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wilson } from '../../shared/app/segments/count-members.ts';
import { saveStatistics } from '../../shared/app/statistics/save-statistics.ts';
import { catalogStore } from '../../shared/data/catalog-store.ts';
import { profileStore } from '../../shared/data/profile-store.ts';
import { segmentSizes } from '../../shared/data/segment-sizes.ts';
import { statsStore } from '../../shared/data/stats-store.ts';
import { emptyProfile, type Profile } from '../../shared/domain/profiles/profile.ts';
import { profileKey } from '../../shared/kernel/ids.ts';
import { DAY_MS } from '../../shared/kernel/time.ts';
import { type Api, startApi } from './api.ts';

let api: Api;
const since = Date.UTC(2026, 10, 20, 9);
const trait = (value: string) => ({ value, at: since, source: 'identify' as const });
async function customer(user: string, profile: Partial<Profile>): Promise<void> {
  const known: Profile = { ...emptyProfile, ids: { user }, createdAt: since, ...profile };
  const key = profileKey('user', user);
  await profileStore(api.dynamo.client, 'profiles').commit({ key, version: 1, at: since, epoch: 1, profile: known });
}
const get = async (path: string) => (await api.request({ path })).json;

beforeAll(async () => {
  api = await startApi();
  const save = (id: string, said: object) =>
    api.create(`/v1/segments/${id}`, { schemaVersion: 1, id, name: id, ...said });
  await save('gold', { where: 'profile.plan = "gold" and profile.name exists', live: true });
  await save('named', { where: 'profile.name exists' });
  await save('vip', { list: true });
  await customer('ann', {
    traits: { plan: trait('gold'), name: trait('Ann') },
    memberships: { saw: 1, in: { gold: { since } } },
    lists: { vip: since },
  });
  await customer('bob', { traits: { name: trait('Bob') } });
  await customer('cid', {});
  await customer('moved', { movedTo: profileKey('user', 'ann'), traits: { name: trait('x') } });
});
afterAll(() => api.stop());

describe('memberships of a customer', () => {
  it('say since when, and why', async () => {
    const { data } = await get('/v1/profiles/ann/segments');
    expect(data).toEqual([
      {
        segment: 'gold',
        kind: 'live',
        since: '2026-11-20T09:00:00.000Z',
        because: [
          { part: 'profile.plan = "gold"', value: true, saw: '"gold"' },
          { part: 'profile.name exists', value: true, saw: '"Ann"' },
        ],
      },
      { segment: 'named', kind: 'on-demand', since: null, because: [expect.objectContaining({ value: true })] },
      { segment: 'vip', kind: 'list', since: '2026-11-20T09:00:00.000Z', because: [] },
    ]);
    expect((await get('/v1/profiles/cid/segments')).data).toEqual([]);
  });
});

describe('counts', () => {
  it('of a table that is small enough are of everybody', async () => {
    expect(await get('/v1/segments/named/count')).toEqual({ members: 2, by: 'everybody', sampled: 3 });
    expect(await get('/v1/segments/vip/count')).toMatchObject({ members: 1, by: 'everybody' });
    expect(await get('/v1/segments/none/count')).toMatchObject({ status: 404 });
  });

  it('are exact by a job, and members are listed by another', async () => {
    const exact = await api.request({ path: '/v1/segments/gold/count', query: { exact: 'true' } });
    expect([exact.status, exact.json]).toMatchObject([
      202,
      { kind: 'members', state: 'queued', params: { segment: 'gold' } },
    ]);
    const sample = await api.request({ path: '/v1/segments/gold/members', query: { sample: '10' } });
    expect(sample.json.params).toMatchObject({ segment: 'gold', keep: true, sample: 10 });
    expect(api.executions.at(-1)!.input).toMatchObject({ job: sample.json.id, segments: 1 });
    expect((await api.request({ path: '/v1/segments/gold/members', query: { sample: '0' } })).status).toBe(400);
  });

  it('of a live segment begin with the night, and go by who came and went since', async () => {
    const at = Math.floor(Date.now() / DAY_MS) * DAY_MS - DAY_MS / 2;
    const day = (instant: number) => new Date(instant).toISOString().slice(0, 10);
    const statistics = { schemaVersion: 1 as const, at, profiles: 900, traits: {} };
    await saveStatistics(catalogStore(api.dynamo.client, 'catalog'), statistics, { by: 'schedule', at });
    await segmentSizes(api.dynamo.client, 'stats').put(day(at), new Map([['gold', 100]]));
    const journey = ':gold';
    await statsStore(api.dynamo.client, 'stats').add(
      [
        { journey, version: 0, day: day(at - DAY_MS), counts: { entered: 40 } },
        { journey, version: 0, day: day(at), counts: { entered: 10, left: 2 } },
        { journey, version: 0, day: day(at + DAY_MS), counts: { entered: 3, found: 5, left: 1, lost: 1 } },
      ],
      profileKey('user', 'ann'),
    );
    const counted = await get('/v1/segments/gold/count');
    expect(counted).toEqual({ members: 100 + 4 + 6, by: 'live', at: new Date(at).toISOString() });
  });

  it.each([
    [0, 1_000, 0, 0.0038],
    [50, 1_000, 0.0381, 0.0653],
    [1_000, 1_000, 0.9962, 1],
    [0, 0, 0, 1],
  ])('%i of %i lies between %f and %f', (found, of, low, high) => {
    const [from, to] = wilson(found, of);
    expect([from.toFixed(4), to.toFixed(4)]).toEqual([low.toFixed(4), high.toFixed(4)]);
  });
});

describe('lists', () => {
  it('are changed by records; one fault does not lose the others', async () => {
    api.takeMail();
    const { status, json } = await api.post('/v1/segments/vip/members', {
      add: [{ id: 'bob' }, { id: 'no number', idType: 'phone' }],
      remove: [{ id: 'ann' }],
    });
    expect([status, json.results]).toEqual([
      202,
      [
        { change: 'join', index: 0, status: 'accepted' },
        expect.objectContaining({ change: 'join', index: 1, status: 'refused', code: 'id.malformed' }),
        { change: 'leave', index: 0, status: 'accepted' },
      ],
    ]);
    const told = api.takeMail().map(({ key, records }) => [key, records[0]]);
    expect(told).toHaveLength(2);
    expect(told).toEqual(
      expect.arrayContaining([
        [profileKey('user', 'bob'), expect.objectContaining({ t: 'list', segment: 'vip', change: 'join' })],
        [profileKey('user', 'ann'), expect.objectContaining({ t: 'list', segment: 'vip', change: 'leave' })],
      ]),
    );
    expect((await api.post('/v1/segments/gold/members', { add: [{ id: 'bob' }] })).json.code).toBe('segment.no-list');
  });
});
