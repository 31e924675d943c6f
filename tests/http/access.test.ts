import type { LambdaFunctionURLEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyReader } from '../../shared/app/access/keys.ts';
import { type Scope, scopes } from '../../shared/app/access/scopes.ts';
import { routes } from '../../shared/http/route-table.ts';
import { type Api, startApi } from './api.ts';

/** A path that a route matches, with ids that exist nowhere. */
const exampleOf = (path: string) =>
  path
    .replace('{target}', 'all')
    .replace('{channel}', 'email')
    .replace('{address}', 'ann@example.com')
    .replace('{name}', 'journey')
    .replace(/\{\w+\}/g, 'nobody');

describe('access', () => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.stop());

  const closed = routes.filter(({ scope }) => scope !== 'public' && scope !== 'iam');

  /** By the scope of a route: a key that has it, and one that has all others. Making a key reads all that there are. */
  const keys = new Map<Scope, { own: string; others: string }>();
  async function keysOf(scope: Scope) {
    const known = keys.get(scope);
    if (known !== undefined) return known;
    const others = scopes.filter((one) => one !== scope);
    const made = { own: await api.newKey(scope), others: await api.newKey(...others) };
    keys.set(scope, made);
    return made;
  }

  it.each(closed.map((route) => [route.method, route.path, route] as const))(
    '%s %s is 401 without a key, 403 naming the scope with a key that lacks it',
    async (method, path, route) => {
      const request = { method, path: exampleOf(path) };
      const none = await api.request({ ...request, key: null });
      expect(none).toMatchObject({
        status: 401,
        json: { code: 'auth.missing' },
        headers: { 'www-authenticate': 'Bearer' },
      });
      const { own, others } = await keysOf(route.scope as Scope);
      const refused = await api.request({ ...request, key: others });
      expect(refused).toMatchObject({ status: 403, json: { code: 'auth.scope-missing' } });
      expect(refused.json.detail).toContain(route.scope);
      const granted = await api.request({ ...request, key: own });
      expect([401, 403]).not.toContain(granted.status);
    },
  );

  it.each([
    ['no scheme', 'gw_api_x', 'auth.malformed'],
    ['another scheme', 'Basic YTpi', 'auth.malformed'],
    ['not a key', 'Bearer hello', 'auth.unknown-key'],
    ['a key that nobody made', `Bearer gw_api_${'A'.repeat(43)}`, 'auth.unknown-key'],
    ['very long', `Bearer ${'A'.repeat(5_000)}`, 'auth.malformed'],
    ['empty', '', 'auth.malformed'],
  ])('%s is 401', async (_, authorization, code) => {
    const answer = await api.request({ path: '/v1/journeys', key: null, headers: { authorization } });
    expect(answer).toMatchObject({ status: 401, json: { code } });
  });

  it('makes keys that are shown once and stored as a hash, works with them, and revokes them', async () => {
    const made = await api.post('/v1/keys', { name: 'backend', kind: 'api', scopes: ['journeys:read'] });
    expect(made.status).toBe(201);
    const { id, secret } = made.json;
    expect(secret).toMatch(/^gw_api_/);
    const list = await api.request({ path: '/v1/keys' });
    expect(list.text).not.toContain(secret);
    const stored = await api.access.listKeys();
    expect(JSON.stringify(stored)).not.toContain(secret);
    expect((await api.request({ path: '/v1/journeys', key: secret })).status).toBe(200);
    const used = (await api.request({ path: '/v1/keys' })).json.data.find((key: { id: string }) => key.id === id);
    expect(used).toMatchObject({ name: 'backend', scopes: ['journeys:read'], lastUsedAt: expect.any(String) });
    expect((await api.request({ method: 'DELETE', path: `/v1/keys/${id}` })).status).toBe(204);
    expect((await api.request({ method: 'DELETE', path: `/v1/keys/${id}` })).status).toBe(404);
  });

  it('a revoked key works for 10 seconds at most', async () => {
    let now = Date.now();
    const read = keyReader(api.access, () => now);
    const secret = await api.newKey('journeys:read');
    const key = await read(secret);
    expect(key).toBeDefined();
    await api.access.removeKey(key!.id);
    now += 10_000;
    expect(await read(secret)).toBeUndefined();
  });

  it('a key that was known stays known for a minute while the table cannot be read', async () => {
    let now = Date.now();
    let broken = false;
    const store = {
      touchKey: api.access.touchKey,
      findKey: (hash: string) => (broken ? Promise.reject(new Error('down')) : api.access.findKey(hash)),
    };
    const read = keyReader(store, () => now);
    const secret = await api.newKey('journeys:read');
    await read(secret);
    broken = true;
    now += 60_000;
    expect(await read(secret)).toBeDefined();
    now += 10_001;
    await expect(read(secret)).rejects.toThrow('down');
  });

  it('a write key sends events and reads nothing', async () => {
    const { json } = await api.post('/v1/keys', { name: 'web', kind: 'ingest' });
    expect(json).toMatchObject({ kind: 'ingest', scopes: [], secret: expect.stringMatching(/^gw_ingest_/) });
    for (const path of ['/v1/journeys', '/v1/profiles/ann', '/v1/keys', '/v1/event-types']) {
      const answer = await api.request({ path, key: json.secret });
      expect(answer).toMatchObject({ status: 403, json: { detail: expect.stringContaining('write key') } });
    }
  });

  it('a key grants no scope that it does not have', async () => {
    const admin = await api.newKey('keys:admin', 'journeys:read');
    const make = (granted: string[]) =>
      api.request({ method: 'POST', path: '/v1/keys', key: admin, body: { name: 'x', kind: 'api', scopes: granted } });
    expect((await make(['journeys:read'])).status).toBe(201);
    expect((await make(['journeys:write'])).json).toMatchObject({ status: 403, code: 'key.scope-beyond-own' });
    expect((await make(['*'])).status).toBe(403);
    expect((await make([])).json).toMatchObject({ status: 422, code: 'key.scopes' });
    expect((await make(['journeys:fly'])).json).toMatchObject({ status: 400, errors: [{ pointer: '/scopes/0' }] });
  });

  it('a repetition under the same Idempotency-Key does not show the key again, nor make another', async () => {
    const make = () => api.post('/v1/keys', { name: 'once', kind: 'ingest' }, { 'idempotency-key': 'make-key' });
    const first = await make();
    const second = await make();
    expect(first.json.secret).toMatch(/^gw_ingest_/);
    expect(second.json).toEqual({ ...first.json, secret: null });
    const named = (await api.access.listKeys()).filter(({ name }) => name === 'once');
    expect(named).toHaveLength(1);
  });

  it('the first key comes from an operator who may invoke the function', async () => {
    const { handler } = await api.issueKey();
    const made = await handler({ name: 'first', kind: 'api', scopes: ['*'] });
    expect((await api.request({ path: '/v1/keys', key: made.secret })).status).toBe(200);
    const write = await handler({ name: 'web', kind: 'ingest' });
    expect(write.secret).toMatch(/^gw_ingest_/);
    for (const payload of [undefined, {}, { name: 'x' }, { name: 'x', kind: 'api', scope: ['*'] }, 'x', null]) {
      await expect(handler(payload as LambdaFunctionURLEvent | undefined)).rejects.toMatchObject({
        name: 'InvalidInput',
      });
    }
  });
});
