import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withoutChecksums } from '../../shared/data/file-store.ts';
import { jobStore } from '../../shared/data/job-store.ts';
import { profileStore } from '../../shared/data/profile-store.ts';
import { emptyProfile } from '../../shared/domain/profiles/profile.ts';
import { profileKey } from '../../shared/kernel/ids.ts';
import { DAY_MS } from '../../shared/kernel/time.ts';
import { type Api, startApi } from './api.ts';

let api: Api;
let client: S3Client;
beforeAll(async () => {
  api = await startApi();
  client = new S3Client(withoutChecksums);
}, 60_000);
afterAll(() => api?.stop());

const once = (key: string) => ({ 'idempotency-key': key });
const upload = async (body: string) => {
  const { status, json } = await api.post('/v1/uploads', undefined);
  expect(status).toBe(201);
  await client.send(new PutObjectCommand({ Bucket: 'files', Key: `uploads/${json.id}`, Body: body }));
  return json.id as string;
};

describe('uploads', () => {
  it('answer a signed address, each a new one', async () => {
    const one = await api.post('/v1/uploads', undefined);
    const two = await api.post('/v1/uploads', undefined);
    expect(one.json).toMatchObject({ method: 'PUT', limitBytes: 5 * 1024 ** 3 });
    expect(two.json.id).not.toBe(one.json.id);
    const url = new URL(one.json.url);
    expect(url.pathname).toContain(`uploads/${one.json.id}`);
    expect([...url.searchParams.keys()]).toEqual(expect.arrayContaining(['X-Amz-Signature', 'X-Amz-Expires']));
    expect(url.search).not.toMatch(/checksum/i);
  });

  it('ask for the right to import', async () => {
    const key = await api.newKey('profiles:write');
    expect((await api.request({ method: 'POST', path: '/v1/uploads', key })).status).toBe(403);
    expect((await api.request({ method: 'POST', path: '/v1/exports', body: { kind: 'profiles' }, key })).status).toBe(
      403,
    );
  });
});

describe('imports', () => {
  it('start a job, quietly and at a pace unless asked otherwise, once for one id', async () => {
    const id = await upload('userId\nann');
    const body = { id: 'import-x', kind: 'profiles', upload: id, mapping: { constants: { 'traits.a': 1 } } };
    const before = api.executions.length;
    const { status, json, headers } = await api.post('/v1/imports', body);
    expect([status, headers['location']]).toEqual([202, '/v1/jobs/import-x']);
    expect(json).toMatchObject({
      kind: 'import',
      state: 'queued',
      params: { what: 'profiles', upload: id, bytes: 10, trigger: false, mapping: body.mapping },
    });
    expect((await api.post('/v1/imports', { ...body, trigger: true })).json.params.trigger).toBe(false);
    expect(new Set(api.executions.slice(before).map(({ name }) => name))).toEqual(new Set(['import-x-0-0']));
  });

  it('stop, and go on with another pace', async () => {
    const id = await upload('userId\nann');
    await api.post('/v1/imports', { id: 'import-y', kind: 'profiles', upload: id });
    const patch = (body: object) => api.request({ method: 'PATCH', path: '/v1/imports/import-y', body });
    expect((await patch({ state: 'stopped' })).json.state).toBe('stopped');
    expect((await patch({ state: 'running', perMinute: 60 })).json.state).toBe('queued');
    expect(api.executions.at(-1)!.name).toBe('import-y-1-0');
    expect((await api.request({ path: '/v1/imports/import-y/rejected' })).json).toEqual({ data: [], nextCursor: null });
  });

  it.each([
    [{ kind: 'profiles', upload: 'nothing' }, 404, 'import.not-uploaded'],
    [{ kind: 'people', upload: 'nothing' }, 400, 'import.value'],
    [{ kind: 'profiles', upload: '../exports/x' }, 400, 'import.format'],
    [{ kind: 'profiles', upload: 'nothing', perMinute: 0 }, 400, 'import.too-small'],
    [{ kind: 'profiles', upload: 'nothing', mapping: { columns: { a: 'traits' } } }, 422, 'import.column'],
    [
      { kind: 'events', upload: 'nothing', mapping: { columns: { a: { to: 'timestamp', format: 'mm' } } } },
      400,
      'import.time-format',
    ],
    [
      { kind: 'events', upload: 'nothing', mapping: { columns: { a: { to: 'timestamp', zone: 'Mars' } } } },
      400,
      'import.zone',
    ],
  ])('G13: %j is refused with %i %s', async (body, status, code) => {
    const answer = await api.post('/v1/imports', body);
    expect([answer.status, answer.json.code]).toEqual([status, code]);
  });

  it('an empty file is refused', async () => {
    const id = await upload('');
    const answer = await api.post('/v1/imports', { kind: 'profiles', upload: id });
    expect([answer.status, answer.json.code]).toEqual([422, 'import.size']);
  });

  it('are no other jobs', async () => {
    const { json } = await api.post('/v1/exports', { kind: 'profiles' }, once('other'));
    expect((await api.request({ path: `/v1/imports/${json.id}/rejected` })).status).toBe(404);
    expect((await api.request({ path: `/v1/exports/${json.id}/files` })).json).toEqual({ data: [], nextCursor: null });
    expect((await api.request({ path: '/v1/exports/import-x/files' })).status).toBe(404);
    const id = await upload('userId\nann');
    const taken = await api.post('/v1/imports', { id: json.id, kind: 'profiles', upload: id });
    expect([taken.status, taken.json.code]).toEqual([409, 'import.id']);
  });
});

describe('the export of one customer', () => {
  const identity = { ids: { user: 'ann/1' }, createdAt: 1 };
  const path = '/v1/profiles/by/exports';
  beforeAll(async () => {
    const profile = { ...emptyProfile, ...identity };
    await profileStore(api.dynamo.client, 'profiles').commit({
      ...{ key: profileKey('user', 'ann/1'), version: 1, at: 1, epoch: 0, profile },
    });
  });

  it('starts one job for one request, which names the profile by its key', async () => {
    const ask = () => api.request({ method: 'POST', path, query: { id: 'ann/1' }, headers: once('hers') });
    const { status, json, headers } = await ask();
    expect([status, headers['location']]).toEqual([202, `/v1/jobs/${json.id}`]);
    expect(json).toMatchObject({ kind: 'export-profile', params: { key: profileKey('user', 'ann/1') } });
    expect((await ask()).json.id).toBe(json.id);
    expect(api.executions.at(-1)!.input).toMatchObject({ job: json.id, segments: 1 });
    expect((await api.request({ path: `/v1/exports/${json.id}/files` })).json).toEqual({ data: [], nextCursor: null });
  });

  it('is of somebody who is known, and for whoever may export', async () => {
    const answer = await api.request({ method: 'POST', path: '/v1/profiles/nobody/exports' });
    expect([answer.status, answer.json.code]).toEqual([404, 'profile.not-found']);
    const key = await api.newKey('profiles:read', 'profiles:write');
    expect((await api.request({ method: 'POST', path, query: { id: 'ann/1' }, key })).status).toBe(403);
  });

  it('has no addresses of files any more when a week is over, whether or not they are there', async () => {
    const jobs = jobStore(api.dynamo.client, 'jobs', Date.now);
    const filesOf = async (id: string, daysAgo: number) => {
      const at = Date.now() - daysAgo * DAY_MS;
      const params = { key: profileKey('user', 'ann/1') };
      const rest = { kind: 'export-profile', params, segments: 1, by: 'test', run: 0 };
      const job = await jobs.create({ id, state: 'done', at, begin: at, ...rest });
      await jobs.keep(job, { segment: 0, page: 0 }, [{ name: `${id}/1.html`, lines: 1, bytes: 1 }]);
      return api.request({ path: `/v1/exports/${id}/files` });
    };
    expect((await filesOf('fresh', 6.9)).json.data).toMatchObject([{ name: '1.html' }]);
    const late = await filesOf('late', 7);
    expect([late.status, late.json.code]).toEqual([404, 'export.expired']);
  });
});

it('an export of members needs a segment that exists', async () => {
  const answer = await api.post('/v1/exports', { kind: 'memberships', segment: 'nobody' });
  expect([answer.status, answer.json.code]).toEqual([422, 'export.segment']);
});
