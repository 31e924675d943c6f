import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { documentReader, isAudited } from '../../shared/http/audit/audited.ts';
import { askedResource, resourceOf } from '../../shared/http/audit/resource.ts';
import type { Ports } from '../../shared/http/ports.ts';
import { route } from '../../shared/http/route.ts';
import { routes } from '../../shared/http/route-table.ts';
import { runRoute } from '../../shared/http/run-route.ts';
import { Transient } from '../../shared/kernel/errors.ts';
import { type Api, startApi } from './api.ts';

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const audit = async (query: Record<string, string> = {}) => (await api.request({ path: '/v1/audit', query })).json.data;
const last = async (query: Record<string, string> = {}) => (await audit(query))[0];
const topic = (more: object = {}) => ({ id: 'news', kind: 'marketing', consent: { email: 'opt-out' }, ...more });

describe('a document', () => {
  it('is told as it was and became: hashes, and what differs', async () => {
    const made = await api.create('/v1/topics/news', topic());
    const asked = { resource: '/v1/topics/news' };
    expect(await last(asked)).toMatchObject({
      who: expect.stringMatching(/^key:[\w-]{16}$/),
      ...{ method: 'PUT', route: '/v1/topics/{id}', resource: '/v1/topics/news', before: null },
      outcome: { status: 201, after: { etag: made.json.etag }, changes: [{ pointer: '' }] },
    });
    const changed = await api.replace('/v1/topics/news', topic({ consent: { email: 'opt-in' } }), made.json.etag);
    expect(await last(asked)).toMatchObject({
      before: { etag: made.json.etag },
      outcome: {
        status: 200,
        after: { etag: changed.json.etag },
        changes: [{ pointer: '/consent/email', before: '"opt-out"', after: '"opt-in"' }],
      },
    });
  });

  it('a refused change is there with its reason; a request that nobody understood, or by a key that may not, is not', async () => {
    const before = (await audit()).length;
    const stale = await api.replace('/v1/topics/news', topic(), 'stale');
    expect(stale.status).toBe(412);
    expect(await last()).toMatchObject({ outcome: { status: 412, code: stale.json.code } });
    await api.replace('/v1/topics/news', { id: 'news' }, 'stale');
    const reader = await api.newKey('settings:read');
    await api.request({ method: 'PUT', path: '/v1/topics/news', key: reader, body: topic() });
    await api.request({ path: '/v1/topics/news' });
    expect(await audit()).toHaveLength(before + 1);
  });

  it('what is done to a journey shows its version and state', async () => {
    const journey = {
      ...{ schemaVersion: 1, id: 'hello', name: 'Hello', topic: 'news', entry: [{ on: 'event', event: 'Began' }] },
      ...{ reentry: { again: 'never', whileInside: 'ignore' }, start: 'w' },
      steps: { w: { type: 'wait', for: 'PT1H', next: 'end' } },
    };
    const { json } = await api.create('/v1/journeys/hello', journey);
    expect((await api.post('/v1/journeys/hello/publish', { draftEtag: json.etag })).status).toBe(200);
    expect(await last()).toMatchObject({
      resource: '/v1/journeys/hello/publish',
      before: { etag: json.etag, state: 'draft' },
      outcome: { status: 200, after: { etag: json.etag, version: '1', state: 'live' } },
    });
  });
});

describe('customers', () => {
  it('are hashes and names of fields; no value is in the table', async () => {
    const body = { traits: { email: 'secret.ann@example.com', plan: 'secret-plan', 'ann@example.com': 1 } };
    await api.request({ method: 'PATCH', path: '/v1/profiles/secret-ann', body });
    const entry = await last({ resource: '/v1/profiles/secret-ann' });
    expect(entry).toMatchObject({
      route: '/v1/profiles/{id}',
      resource: expect.stringMatching(/^\/v1\/profiles\/~[\w-]{22}$/),
      fields: ['traits', 'traits.email', 'traits.plan'],
      outcome: { status: 202 },
    });
    await api.request({ method: 'PUT', path: '/v1/suppressions/email/secret.ann%40example.com', body: {} });
    await api.request({
      ...{ method: 'PATCH', path: '/v1/profiles/by', query: { id: 'secret-ann' } },
      body: { traits: { plan: 'secret-plan' } },
    });
    expect(await last()).toMatchObject({ resource: entry.resource, route: '/v1/profiles/{id}' });
    const { Items } = await api.dynamo.client.send(new ScanCommand({ TableName: 'audit' }));
    expect(JSON.stringify(Items!.map((item) => unmarshall(item)))).not.toMatch(/secret|example\.com/);
  });

  it.each([
    ['/v1/profiles/ann', '/v1/profiles/{id}', {}],
    ['/v1/profiles/ann?idType=email', '/v1/profiles/{id}', { idType: 'email' }],
    ['/v1/journeys/hello/enrollments/ann', '/v1/journeys/{id}/enrollments/{profile}', {}],
  ])('%s is found by its hash', (asked, path, query) => {
    const params = { id: asked.includes('journeys') ? 'hello' : 'ann', profile: 'ann' };
    const stored = resourceOf({ route: { path }, params, query });
    expect(stored).toMatch(/~[\w-]{22}$/);
    expect(askedResource(asked, routes)).toBe(stored);
    expect(askedResource(stored, routes)).toBe(stored);
  });
});

it('a key that was made is named, and not shown', async () => {
  const { json } = await api.post('/v1/keys', { name: 'web', kind: 'ingest' });
  const entry = await last({ resource: '/v1/keys' });
  expect(entry).toMatchObject({ outcome: { status: 201, noted: { key: json.id, kind: 'ingest', name: 'web' } } });
  expect(JSON.stringify(entry)).not.toContain(json.secret);
});

it('a repetition under an Idempotency-Key is no second change', async () => {
  const make = () => api.post('/v1/keys', { name: 'once', kind: 'ingest' }, { 'idempotency-key': 'audit-once' });
  await make();
  const before = (await audit({ resource: '/v1/keys' })).length;
  await make();
  expect(await audit({ resource: '/v1/keys' })).toHaveLength(before);
});

it('the first key of an environment is there too', async () => {
  const { handler } = await api.issueKey();
  const made = await handler({ name: 'first', kind: 'api', scopes: ['*'] });
  expect(await last({ who: 'operator' })).toMatchObject({
    ...{ method: 'INVOKE', route: 'issue-key', resource: '/v1/keys' },
    outcome: { status: 201, noted: { key: made.id, scopes: '*' } },
  });
});

it.each([
  [{ from: '2026-11-26' }, '/query/from'],
  [{ from: '2025-01-01T00:00:00Z', to: '2026-11-26T00:00:00Z' }, '/query/from'],
  [{ from: '2026-11-27T00:00:00Z', to: '2026-11-26T00:00:00Z' }, '/query/from'],
  [{ cursor: 'x' }, '/query/cursor'],
])('refuses %j', async (query, pointer) => {
  const answer = await api.request({ path: '/v1/audit', query: query as unknown as Record<string, string> });
  expect(answer).toMatchObject({ status: 400, json: { errors: [{ pointer }] } });
});

describe('every route', () => {
  const changing = routes.filter(({ method, scope }) => method !== 'GET' && scope !== 'public');
  const unaudited = changing.filter((one) => !isAudited(one)).map(({ method, path }) => `${method} ${path}`);

  it('that changes something is in the log; those that are not only compute, give an address to upload to, or let a customer see their own', () => {
    expect(unaudited.sort()).toEqual([
      'POST /v1/journeys/{id}/lint',
      'POST /v1/predicates/explain',
      'POST /v1/profiles/by/inbox-tokens',
      'POST /v1/profiles/{id}/inbox-tokens',
      'POST /v1/templates/{id}/previews',
      'POST /v1/uploads',
    ]);
  });

  it('of a document finds how to read it', () => {
    const readerOf = documentReader(routes);
    const read = (method: string, path: string) =>
      readerOf(routes.find((one) => one.method === method && one.path === path)!)?.path;
    expect(read('PUT', '/v1/policy')).toBe('/v1/policy');
    expect(read('POST', '/v1/journeys/{id}/pause')).toBe('/v1/journeys/{id}');
    expect(read('DELETE', '/v1/journeys/{id}/draft')).toBe('/v1/journeys/{id}');
    expect(read('PUT', '/v1/collections/{id}/items/{item}')).toBeUndefined();
    expect(read('POST', '/v1/keys')).toBeUndefined();
  });
});

describe('when the log cannot be written', () => {
  const handled = vi.fn(async () => ({ status: 200, body: {} }));
  const saving = route({
    ...{ method: 'POST', path: '/v1/things', scope: 'settings:write', tag: 'x', summary: 'x' },
    ...{ answers: {}, handle: handled },
  });
  const down = () => Promise.reject(new Transient('aws.Throttled', 'no more'));
  const asking = (store: object, onLost = vi.fn()) => {
    const key = { who: 'key:k', kind: 'api', scopes: ['*'] };
    const ports = { now: () => 0, readCredential: async () => key, audit: { store, onLost } } as unknown as Ports;
    const headers = { authorization: 'Bearer x' };
    const request = { ...{ id: 'r', method: 'POST', path: '/v1/things', params: {}, query: {} }, headers };
    return runRoute(saving, { ...request, body: undefined, origin: '' }, ports, documentReader([saving]));
  };

  it('nothing is done', async () => {
    handled.mockClear();
    await expect(asking({ intend: down })).rejects.toMatchObject({ name: 'Transient', code: 'audit.unavailable' });
    expect(handled).not.toHaveBeenCalled();
  });

  it('what is done is answered, and that its outcome is lost is told', async () => {
    const onLost = vi.fn();
    const answer = await asking({ intend: async () => {}, conclude: down }, onLost);
    expect(answer).toMatchObject({ status: 200 });
    expect(onLost).toHaveBeenCalledWith(expect.any(Transient), { requestId: 'r', route: '/v1/things', status: 200 });
  });
});
