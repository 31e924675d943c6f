import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jobStore } from '../../shared/data/job-store.ts';
import { profileStore } from '../../shared/data/profile-store.ts';
import { emptyProfile } from '../../shared/domain/profiles/profile.ts';
import { profileKey } from '../../shared/kernel/ids.ts';
import { type Api, startApi } from './api.ts';
import { journey, marketingTemplate } from './documents.ts';

let api: Api;
let keys = 0;
const send = (body: object, key = `key-${++keys}`) => api.post('/v1/broadcasts', body, { 'idempotency-key': key });
const get = async (path: string) => (await api.request({ path })).json;
async function publish(id: string, more: object = {}): Promise<void> {
  const { json } = await api.create(`/v1/journeys/${id}`, { ...journey(id), ...more });
  const published = await api.post(`/v1/journeys/${id}/publish`, { draftEtag: json.etag });
  expect(published.status).toBe(200);
}

beforeAll(async () => {
  api = await startApi();
  await api.create('/v1/topics/offers', { id: 'offers', kind: 'marketing', consent: { email: 'opt-out' } });
  await api.create('/v1/templates/hello', marketingTemplate('hello'));
  const where = 'profile.tier = "gold"';
  await api.create('/v1/segments/on-demand', { schemaVersion: 1, id: 'on-demand', name: 'On demand', where });
  await publish('spring', { entry: [{ on: 'api' }] });
  await publish('on-event', { entry: [{ on: 'event', event: 'Started' }] });
});
afterAll(() => api.stop());

describe('broadcasts', () => {
  it('of a journey begin at their time, at their pace, and are one under one id', async () => {
    const body = { id: 'one', journey: 'spring', where: 'profile.tier = "gold"', at: '2099-01-01T00:00:00Z' };
    expect((await send(body)).json).toMatchObject({ status: 422, code: 'broadcast.at' });
    const at = new Date(Date.now() + 3_600_000).toISOString();
    const first = await send({ ...body, at, perMinute: 30 });
    expect([first.status, first.headers['location']]).toEqual([202, '/v1/broadcasts/one']);
    expect(first.json).toMatchObject({ id: 'one', state: 'queued', journey: 'spring', at, perMinute: 30 });
    expect(api.executions.at(-1)).toMatchObject({ name: 'one-0-0', input: { job: 'one', begin: at, segments: 8 } });
    expect((await send({ ...body, at, perMinute: 30 })).json).toEqual(first.json);
    expect((await send({ id: 'one', journey: 'spring' })).json).toMatchObject({
      status: 409,
      code: 'broadcast.exists',
    });
  });

  it('of a template have a journey of one message, which is brought up to date', async () => {
    const made = await send({
      template: 'hello',
      topic: 'offers',
      list: [{ id: 'ann' }, { id: 'ann' }, { id: 'bob' }],
    });
    const id = 'broadcast-hello-offers';
    expect(made.json).toMatchObject({ journey: id, template: 'hello', topic: 'offers', list: 2, perMinute: 6_000 });
    expect(await get(`/v1/journeys/${id}`)).toMatchObject({
      steps: { message: { template: 'hello', channels: ['email'] } },
      reentry: { key: 'entry.broadcast', again: 'never' },
    });
    expect(api.executions.at(-1)!.input).toMatchObject({ segments: 1 });
    const again = await send({ template: 'hello', topic: 'offers' });
    expect(again.status).toBe(202);
    const versions = await get(`/v1/journeys/${id}/versions`);
    expect(versions.data).toHaveLength(1);
    // Somebody published its journey as a dry run: then nobody would get anything.
    const journey = await api.request({ path: `/v1/journeys/${id}` });
    await api.post(`/v1/journeys/${id}/stop`, { mode: 'now' });
    const draft = await api.replace(`/v1/journeys/${id}`, journey.json, journey.headers['etag']!.slice(1, -1));
    await api.post(`/v1/journeys/${id}/publish`, { draftEtag: draft.json.etag, dryRun: true });
    expect((await get(`/v1/journeys/${id}/versions`)).journey).toMatchObject({ state: 'live', live: 2, dryRun: true });
    expect((await send({ template: 'hello', topic: 'offers' })).status).toBe(202);
    expect((await get(`/v1/journeys/${id}/versions`)).journey).toMatchObject({ state: 'live', live: 3, dryRun: false });
    await api.post(`/v1/journeys/${id}/pause`, {});
    const paused = await send({ template: 'hello', topic: 'offers' });
    expect(paused.json).toMatchObject({ status: 409, code: 'journey.not-live' });
  });

  it('stop, go on under another execution, and change their pace', async () => {
    await send({ id: 'two', journey: 'spring' });
    const patch = (body: object) => api.request({ method: 'PATCH', path: '/v1/broadcasts/two', body });
    expect((await patch({ perMinute: 7 })).json).toMatchObject({ perMinute: 7, state: 'queued' });
    expect((await patch({ state: 'stopped' })).json).toMatchObject({ state: 'stopped' });
    expect((await patch({ state: 'stopped' })).status).toBe(200);
    expect((await patch({ state: 'running' })).json).toMatchObject({ state: 'queued', perMinute: 7 });
    expect(api.executions.at(-1)).toMatchObject({ name: 'two-1-0', input: { run: 1, round: 0 } });
    const jobs = jobStore(api.dynamo.client, 'jobs', Date.now);
    await jobs.change('two', ['queued'], { state: 'done' });
    for (const state of ['stopped', 'running'])
      expect((await patch({ state })).json).toMatchObject({ code: 'job.over' });
    expect((await get('/v1/broadcasts')).data.map(({ id }: { id: string }) => id)).toContain('two');
    expect(await get('/v1/broadcasts/two')).toMatchObject({
      progress: { scanned: 0, told: 0, entered: 0, refused: {} },
    });
  });

  it('to a segment ask for membership, and keep the segment from being removed until they are over', async () => {
    await api.create('/v1/segments/gold', { schemaVersion: 1, id: 'gold', name: 'Gold', where: 'did "Order" ever' });
    const member = { segment: 'gold', is: 'member' };
    const body = { id: 'to-gold', journey: 'spring', segment: 'gold' };
    expect((await send(body)).json.where).toEqual(member);
    const both = await send({ id: 'some-gold', journey: 'spring', segment: 'gold', where: 'not in segment gold' });
    expect(both.json.where).toEqual({ all: [member, { segment: 'gold', is: 'not-member' }] });
    const mistyped = await send({ journey: 'spring', segment: 'gould' });
    expect(mistyped.json.errors).toEqual([
      expect.objectContaining({ pointer: '/segment', fix: 'did you mean "gold"?' }),
    ]);

    const remove = () => api.request({ method: 'DELETE', path: '/v1/segments/gold' });
    const used = await remove();
    expect([used.status, used.json.code]).toEqual([409, 'segment.used']);
    expect(used.json.errors.map(({ detail }: { detail: string }) => detail).sort()).toEqual([
      'broadcast some-gold',
      'broadcast to-gold',
    ]);
    for (const id of ['to-gold', 'some-gold'])
      await api.request({ method: 'PATCH', path: `/v1/broadcasts/${id}`, body: { state: 'stopped' } });
    expect((await remove()).status).toBe(204);
    expect((await send(body)).json, 'asked again').toMatchObject({ id: 'to-gold', state: 'stopped' });
  });

  const template = { template: 'hello', topic: 'offers' };
  it.each<[code: string, status: number, body: object]>([
    ['broadcast.content', 422, {}],
    ['broadcast.content', 422, { journey: 'spring', template: 'hello', topic: 'offers' }],
    ['broadcast.topic', 422, { template: 'hello' }],
    ['broadcast.topic', 422, { journey: 'spring', topic: 'offers' }],
    ['broadcast.properties', 422, { ...template, properties: { a: 1 } }],
    ['broadcast.segment-unknown', 422, { ...template, segment: 'nobody' }],
    ['broadcast.segment-unknown', 422, { ...template, where: 'profile.a = 1 and not in segment nobody' }],
    ['broadcast.since-on-demand', 422, { ...template, where: 'in segment on-demand for at least 3 days' }],
    ['broadcast.not-yet', 422, { ...template, where: 'sent ever' }],
    ['broadcast.not-yet', 422, { ...template, where: 'did "Order" in last 3 days' }],
    ['broadcast.where-ref', 422, { ...template, where: 'event.total > 5' }],
    ['broadcast.where-size', 422, { ...template, where: { ref: 'profile.x', in: ['x'.repeat(5_000)] } }],
    ['journey.not-found', 404, { journey: 'none' }],
    ['journey.no-api-entry', 409, { journey: 'on-event' }],
    ['template.not-found', 404, { template: 'none', topic: 'offers' }],
  ])('G13: %s (%i): %j', async (code, status, body) => {
    expect((await send(body)).json).toMatchObject({ status, code });
  });
});

describe('who is where', () => {
  it('is a job, the same for the same question, and names people by their own ids', async () => {
    const ask = () => api.request({ path: '/v1/journeys/spring/runs', query: { step: 'hello' } });
    const first = await ask();
    expect(first.status).toBe(202);
    expect(first.json).toMatchObject({ kind: 'who', state: 'queued', params: { journey: 'spring', step: 'hello' } });
    const path = first.headers['location']!;
    const jobs = jobStore(api.dynamo.client, 'jobs', Date.now);
    const job = (await jobs.read(path.split('/').at(-1)!))!;

    const [ann, gone] = [profileKey('user', 'ann'), profileKey('user', 'gone')];
    const stored = { key: ann, version: 1, at: 0, epoch: 0, profile: { ...emptyProfile, ids: { user: 'ann' } } };
    await profileStore(api.dynamo.client, 'profiles').commit(stored);
    const standing = { version: 1, step: 'hello', state: 'wait', since: 0 };
    await jobs.keep(job, { segment: 0, page: 0 }, [{ key: ann, ...standing }]);
    await jobs.keep(job, { segment: 3, page: 0 }, [{ key: gone, ...standing }]);
    await jobs.writeSegment(job, 0, { page: 1, isDone: true, counts: { scanned: 5, 'at/1/hello/wait': 2 } });
    await jobs.change(job.id, ['queued'], { state: 'done' });

    const result = { people: 2, unnamed: 0, at: [{ version: 1, step: 'hello', state: 'wait', people: 2 }] };
    expect(await get(path)).toMatchObject({ state: 'done', progress: { scanned: 5 }, result });
    const page = await get(`${path}/people`);
    const since = '1970-01-01T00:00:00.000Z';
    expect(page.data).toEqual([{ id: 'ann', idType: 'userId', ...standing, since }]);
    const next = await api.request({ path: `${path}/people`, query: { cursor: page.nextCursor } });
    expect(next.json.data).toEqual([{ id: null, idType: null, ...standing, since }]);
  });

  it('of a journey that is not there: 404', async () => {
    expect((await api.request({ path: '/v1/journeys/none/runs' })).status).toBe(404);
  });
});
