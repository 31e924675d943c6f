import { afterAll, beforeAll, expect, it } from 'vitest';
import { saveStatistics } from '../../shared/app/statistics/save-statistics.ts';
import { catalogStore } from '../../shared/data/catalog-store.ts';
import { segmentSizes } from '../../shared/data/segment-sizes.ts';
import { DAY_MS } from '../../shared/kernel/time.ts';
import { type Api, startApi } from './api.ts';

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

it('shows what the last job has found, starts another one, and has nothing before the first', async () => {
  const none = await api.request({ path: '/v1/statistics' });
  expect([none.status, none.json.code]).toEqual([404, 'statistics.none-yet']);
  const quintiles: [number, number, number, number] = [1, 2, 3, 4];
  const found = { schemaVersion: 1 as const, profiles: 9, traits: { spent: { n: 5, mean: 2.5, sd: 1.25, quintiles } } };
  const at = Date.UTC(2026, 10, 25, 2);
  await saveStatistics(catalogStore(api.dynamo.client, 'catalog'), { ...found, at }, { by: 'schedule', at });
  const shown = await api.request({ path: '/v1/statistics' });
  expect(shown).toMatchObject({ status: 200, json: { ...found, at: '2026-11-25T02:00:00.000Z' } });

  const asked = await api.request({ method: 'POST', path: '/v1/statistics', body: {} });
  expect(asked).toMatchObject({ status: 202, json: { kind: 'statistics', state: 'queued' } });
  expect(asked.headers['location']).toBe(`/v1/jobs/${asked.json.id}`);
  expect(api.executions.at(-1)).toMatchObject({ input: { job: asked.json.id } });
  const reader = await api.newKey('settings:read');
  const forbidden = await api.request({ method: 'POST', path: '/v1/statistics', body: {}, key: reader });
  expect(forbidden.status).toBe(403);
});

it('reads the sizes of a segment, both days in it, and refuses what is no span of days', async () => {
  const where = 'profile.plan = "gold"';
  await api.create('/v1/segments/gold', { schemaVersion: 1, id: 'gold', name: 'Gold', where });
  const sizes = segmentSizes(api.dynamo.client, 'stats');
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const day = (ago: number) => new Date(today - ago * DAY_MS).toISOString().slice(0, 10);
  for (const ago of [0, 1, 29, 30, 500]) await sizes.put(day(ago), new Map([['gold', ago]]));
  const read = async (query: Record<string, string>, id = 'gold') => {
    const { status, json } = await api.request({ path: `/v1/segments/${id}/sizes`, query });
    return [status, json.data?.map((one: { members: number }) => one.members) ?? json.code];
  };
  expect(await read({})).toEqual([200, [29, 1, 0]]);
  expect(await read({ from: day(30), to: day(1) })).toEqual([200, [30, 29, 1]]);
  expect(await read({ from: day(510), to: day(490) })).toEqual([200, [500]]);
  expect(await read({ from: day(400) })).toEqual([400, 'sizes.span']);
  expect(await read({ from: day(1), to: day(2) })).toEqual([400, 'sizes.span']);
  expect((await read({ from: '2026-02-30' }))[0]).toBe(400);
  expect(await read({}, 'nobody')).toEqual([404, 'segment.not-found']);
});
