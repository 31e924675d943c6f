import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Api, startApi } from './api.ts';
import { journey, marketingTemplate } from './documents.ts';

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const segment = (id: string, where: string) => ({ schemaVersion: 1, id, name: id, where });
const save = (id: string, where: string) => api.create(`/v1/segments/${id}`, segment(id, where));
const remove = (id: string, headers = {}) => api.request({ method: 'DELETE', path: `/v1/segments/${id}`, headers });
const usersOf = async (id: string) => {
  const { status, json } = await remove(id);
  return [status, json?.code, ...(json?.errors ?? []).map((one: { detail: string }) => one.detail)];
};

it('is saved, read as JSON, replaced by its ETag, listed, and in the catalog', async () => {
  const created = await save('gold', 'profile.plan = "gold"');
  expect(created).toMatchObject({ status: 201, json: { id: 'gold', version: 1 } });
  const read = await api.request({ path: '/v1/segments/gold' });
  expect(read.json.where).toEqual({ ref: 'profile.plan', is: 'gold' });
  expect(read.headers['etag']).toBe(`"${created.json.etag}"`);
  expect((await save('gold', 'profile.plan = "silver"')).status).toBe(412);
  const next = segment('gold', 'profile.plan in ("gold", "diamond")');
  expect((await api.replace('/v1/segments/gold', next, created.json.etag)).json.version).toBe(2);
  expect((await api.request({ path: '/v1/segments' })).json.data).toContainEqual(
    expect.objectContaining({ id: 'gold', version: 2, removed: false }),
  );
});

it.each([
  ['entry.plan = "gold"', 'segment.ref', '/where/ref'],
  ['in segment nobody', 'segment.unknown', '/where/segment'],
  ['in segment wrong', 'segment.circle', '/where'],
])('refuses %s', async (where, code, pointer) => {
  const { status, json } = await save('wrong', where);
  expect([status, json.code, json.errors[0].pointer]).toEqual([422, code, pointer]);
});

it('refuses a circle that another segment closes', async () => {
  await save('a', 'profile.a = 1');
  await save('b', 'in segment a');
  const { json } = await api.request({ path: '/v1/segments/a' });
  expect(json.id).toBe('a');
  const etag = (await api.request({ path: '/v1/segments/a' })).headers['etag']!.replaceAll('"', '');
  const closed = await api.replace('/v1/segments/a', segment('a', 'not (in segment b)'), etag);
  expect([closed.status, closed.json.code, closed.json.errors[0].detail]).toEqual([422, 'segment.circle', 'a → b → a']);
});

it('is not removed while a journey that people can be in, a segment or a template uses it; and says which', async () => {
  await api.create('/v1/topics/offers', { id: 'offers', kind: 'marketing', consent: { email: 'opt-out' } });
  await api.create('/v1/templates/hello', marketingTemplate('hello'));
  await save('vip', 'profile.vip = true');
  await save('best', 'in segment vip');
  expect(await usersOf('vip')).toEqual([409, 'segment.used', 'segment best']);
  expect(await usersOf('best')).toEqual([204, undefined]);
  const { json: before, headers } = await api.request({ path: '/v1/policy' });
  const channelOrder = [{ if: 'in segment vip', order: ['email'] }];
  const asking = await api.replace('/v1/policy', { ...before, channelOrder }, headers['etag']!.replaceAll('"', ''));
  expect(await usersOf('vip')).toEqual([409, 'segment.used', 'the policy']);
  expect((await api.replace('/v1/policy', before, asking.json.etag)).status).toBe(200);
  const where = { where: 'in segment vip' };
  const saved = await api.create('/v1/journeys/asks', journey('asks', where));
  const published = await api.post('/v1/journeys/asks/publish', { draftEtag: saved.json.etag });
  expect(published.status).toBe(200);
  expect(await usersOf('vip')).toEqual([409, 'segment.used', 'journey asks']);
  await api.post('/v1/journeys/asks/pause', {});
  expect(await usersOf('vip')).toEqual([409, 'segment.used', 'journey asks']);
  await api.post('/v1/journeys/asks/stop', { mode: 'now' });
  expect((await remove('vip', { 'if-match': '"other"' })).status).toBe(412);
  expect(await usersOf('vip')).toEqual([204, undefined]);
  expect((await api.request({ path: '/v1/segments/vip' })).status).toBe(404);
  expect((await remove('vip')).status).toBe(404);
  const lint = await api.post('/v1/journeys/asks/lint', journey('asks', where));
  expect(lint.json.findings).toContainEqual(expect.objectContaining({ code: 'journey.segment-unknown' }));
});

it('what nobody counted yet is counted from the journal, by a job; and again when it is asked for', async () => {
  const before = api.executions.length;
  await save('flat', 'profile.a = 1');
  expect(api.executions).toHaveLength(before);
  await save('buyers', 'did "Bought" in last 30 days and opened email in last 7 days');
  await save('others', 'not (did "Bought" in last 30 days)');
  expect(api.executions.slice(before).map(({ input }) => input.job)).toEqual([expect.stringMatching(/^backfill-/)]);
  const job = await api.request({ path: `/v1/jobs/${api.executions.at(-1)!.input.job}` });
  expect(job.json).toMatchObject({ kind: 'backfill', params: { of: 'segment buyers', isNew: true } });
  expect(job.json.params.clauses).toHaveLength(2);
  const again = (id: string, body = {}) => api.request({ method: 'POST', path: `/v1/segments/${id}/backfills`, body });
  const asked = await again('buyers', { perMinute: 60 });
  expect(asked).toMatchObject({
    status: 202,
    json: { kind: 'backfill', state: 'queued', params: { of: 'segment buyers' } },
  });
  expect(asked.headers['location']).toBe(`/v1/jobs/${asked.json.id}`);
  expect((await again('flat')).json).toMatchObject({ status: 422, code: 'backfill.nothing-to-count' });
  expect((await again('nobody')).status).toBe(404);
  expect((await again('buyers', { perMinute: 0 })).status).toBe(400);
});

const looks = () => api.executions.filter(({ name }) => name.startsWith('look-')).map(({ name }) => name);
const put = (document: { readonly id: string }) => api.create(`/v1/segments/${document.id}`, document);

it('a live one, or what it leads to, is looked at by a scan when its definition changes', async () => {
  await save('inner', 'profile.a = 1');
  expect(looks()).toEqual([]);
  const saved = await put({ ...segment('outer', 'in segment inner'), live: true } as never);
  expect(saved.status).toBe(201);
  expect(looks()).toHaveLength(1);
  const { json } = await api.request({ path: '/v1/segments/inner' });
  const etag = (await api.request({ path: '/v1/segments/inner' })).headers['etag']!.slice(1, -1);
  await api.replace('/v1/segments/inner', { ...json, where: 'profile.a = 2' }, etag);
  expect(new Set(looks()).size, 'two changes of one minute share a look').toBe(1);
  await save('other', 'profile.a = 1');
  expect(looks()).toHaveLength(2);
});

it.each<[code: string, pointer: string, document: object]>([
  ['segment.notify', '/notify', { where: 'profile.a = 1', notify: 'crm' }],
  ['segment.endpoint-unknown', '/notify', { where: 'profile.a = 1', live: true, notify: 'crm' }],
  ['segment.unknown-key', '/live', { list: true, live: true }],
])('G13: %s at %s', async (code, pointer, document) => {
  const { status, json } = await put({ schemaVersion: 1, id: 'bad', name: 'Bad', ...document } as never);
  expect([status >= 400, json.errors[0].code, json.errors[0].pointer]).toEqual([true, code, pointer]);
});

it('a list stays a list, and its id is never a list again when it is gone', async () => {
  const list = { schemaVersion: 1, id: 'listed', name: 'Listed', list: true };
  const made = await put(list);
  expect(made.status).toBe(201);
  const rule = segment('listed', 'profile.a = 1');
  expect((await api.replace('/v1/segments/listed', rule, made.json.etag)).json.code).toBe('segment.kind');
  expect((await api.replace('/v1/segments/listed', { ...list, name: 'All' }, made.json.etag)).status).toBe(200);
  expect((await remove('listed')).status).toBe(204);
  expect([(await put(list)).json.code, (await put(rule)).json.code]).toEqual(['segment.kind', 'segment.kind']);
});

it('members of a segment that a version is the first to enter on are let in by a broadcast', async () => {
  await put({ ...segment('best', 'profile.best = true'), live: true } as never);
  await api.create('/v1/templates/best', marketingTemplate('best'));
  const entry = [{ on: 'segment', segment: 'best', change: 'entered', existing: 'enroll' }];
  const publish = async (more: object) => {
    const path = '/v1/journeys/golden';
    const before = await api.request({ path });
    const document = { ...journey('golden'), entry, ...more };
    const saved =
      before.status === 404
        ? await api.create(path, document)
        : await api.replace(path, document, before.headers['etag']!.slice(1, -1));
    return (await api.post(`${path}/publish`, { draftEtag: saved.json.etag })).status;
  };
  const existing = () => api.executions.filter(({ name }) => name.startsWith('existing-')).length;
  expect(await publish({})).toBe(200);
  expect(existing()).toBe(1);
  expect(await publish({ name: 'Again' })).toBe(200);
  expect(existing(), 'the version before had it').toBe(1);
});
