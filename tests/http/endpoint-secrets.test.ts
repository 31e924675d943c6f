import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { secretStore } from '../../shared/data/secret-store.ts';
import { type Api, startApi } from './api.ts';

const minute = 60_000;

describe('keys of endpoints', () => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi();
    for (const id of ['crm', 'leak', 'asked', 'race']) {
      await api.create(`/v1/endpoints/${id}`, { id, url: `https://${id}.example.com/hook` });
    }
    for (const id of ['one', 'two']) {
      await api.create(`/v1/endpoints/${id}`, { id, url: 'https://shared.example.com/', secretId: 'shared' });
    }
  });
  afterAll(() => api.stop());
  afterEach(() => vi.useRealTimers());

  const rotate = (id: string, body: object = {}, headers: Record<string, string> = {}) =>
    api.post(`/v1/endpoints/${id}/secrets`, body, headers);
  const list = async (id: string) => (await api.request({ path: `/v1/endpoints/${id}/secrets` })).json;
  const revoke = (id: string, key: string) =>
    api.request({ method: 'DELETE', path: `/v1/endpoints/${id}/secrets/${key}` });
  const later = (ms: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });

  it('are shown once, and the one before stays valid for the overlap', async () => {
    expect(await list('crm')).toEqual({ secretId: 'crm', keys: [] });
    const first = (await rotate('crm')).json;
    expect(first.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(first.keys).toEqual([{ id: expect.any(String), current: true, madeAt: expect.any(String), until: null }]);

    const second = await rotate('crm', { overlap: 'PT1H' });
    expect(second.status).toBe(201);
    expect(second.json.secret).not.toBe(first.secret);
    const [current, old] = (await list('crm')).keys;
    expect([current.current, current.until, old.id, old.current]).toEqual([true, null, first.keys[0].id, false]);
    expect(Math.round((Date.parse(old.until) - Date.now()) / minute)).toBe(60);
    expect(JSON.stringify(await list('crm'))).not.toContain('whsec');

    const third = await rotate('crm');
    expect([third.status, third.json.code]).toEqual([409, 'endpoint.two-secrets']);
    later(61 * minute);
    expect((await list('crm')).keys).toEqual([current]);
    expect((await rotate('crm')).status).toBe(201);
  });

  it('are in the audit log, made, rotated and revoked, by their ids and never themselves', async () => {
    await api.create('/v1/endpoints/logged', { id: 'logged', url: 'https://logged.example.com/hook' });
    const [first, second] = [(await rotate('logged')).json, (await rotate('logged')).json];
    const old = second.keys.find(({ current }: { current: boolean }) => !current).id;
    expect((await revoke('logged', old)).status).toBe(204);
    const answer = await api.request({ path: '/v1/audit', query: { resource: '/v1/endpoints/logged/secrets' } });
    const said = answer.json.data.map((one: { method: string; resource: string; outcome: object }) => [
      one.method,
      one.resource,
      one.outcome,
    ]);
    const made = (secret: { keys: { id: string; current: boolean }[] }) =>
      expect.objectContaining({ status: 201, noted: { key: secret.keys.find(({ current }) => current)!.id } });
    expect(said).toEqual([
      ['DELETE', `/v1/endpoints/logged/secrets/${old}`, expect.objectContaining({ status: 204 })],
      ['POST', '/v1/endpoints/logged/secrets', made(second)],
      ['POST', '/v1/endpoints/logged/secrets', made(first)],
    ]);
    expect(answer.text).not.toContain('whsec_');
  });

  it('are 32 bytes, and stay as they are in the overlap', async () => {
    const store = secretStore(api.dynamo.client, 'access');
    const shown: string[] = [];
    for (let n = 0; n < 2; n++) shown.push((await rotate('race')).json.secret);
    const { keys } = (await store.read('webhook|race'))!;
    expect(
      Object.values(keys)
        .map((key) => `whsec_${Buffer.from(key).toString('base64')}`)
        .sort(),
    ).toEqual(shown.sort());
    for (const key of Object.values(keys)) expect(key).toHaveLength(32);
  });

  it('the one that signed before anybody asked is replaced like any other', async () => {
    const store = secretStore(api.dynamo.client, 'access');
    const { current } = await store.keys('webhook|asked');
    await rotate('asked');
    expect((await list('asked')).keys.map(({ id }: { id: string }) => id)).toContain(current);
    expect((await store.keys('webhook|asked')).current).not.toBe(current);
  });

  it('can be revoked, but not the only one; what is left is current and has no end', async () => {
    const { id } = (await rotate('leak')).json.keys[0];
    expect((await revoke('leak', id)).json.code).toBe('endpoint.last-secret');
    const { id: newer } = (await rotate('leak')).json.keys[0];
    expect((await revoke('leak', newer)).status).toBe(204);
    expect((await list('leak')).keys).toEqual([{ id, current: true, madeAt: expect.any(String), until: null }]);
    expect((await revoke('leak', newer)).json.code).toBe('endpoint.secret-not-found');
    await rotate('leak');
    expect((await revoke('leak', id)).status).toBe(204);
    expect((await list('leak')).keys).toHaveLength(1);
  });

  it('are shared by endpoints that name the same', async () => {
    const { secretId, keys } = (await rotate('one')).json;
    expect(secretId).toBe('shared');
    expect(await list('two')).toEqual({ secretId, keys });
  });

  it('a change that somebody else came before is none', async () => {
    const store = secretStore(api.dynamo.client, 'access');
    const before = (await store.read('webhook|shared'))!;
    const { revision: _, ...keys } = before;
    expect(await store.replace('webhook|shared', keys, before)).toBe(true);
    expect(await store.replace('webhook|shared', keys, before)).toBe(false);
    expect(await store.replace('webhook|shared', keys, undefined)).toBe(false);
    const first = await store.keys('webhook|fresh');
    expect(await store.replace('webhook|fresh', first, { ...first, revision: 0 })).toBe(true);
  });

  it('a repetition does not show it again, and makes no other', async () => {
    await api.create('/v1/endpoints/again', { id: 'again', url: 'https://again.example.com/' });
    const first = await rotate('again', {}, { 'idempotency-key': 'k1' });
    const again = await rotate('again', {}, { 'idempotency-key': 'k1' });
    expect(again.json).toEqual({ ...first.json, secret: null });
    expect((await list('again')).keys).toHaveLength(1);
  });

  it.each([
    ['PT9M', '/overlap'],
    ['P31D', '/overlap'],
    ['soon', '/overlap'],
  ])('G13 an overlap of %s is refused', async (overlap, pointer) => {
    const { status, json } = await rotate('crm', { overlap });
    expect([status, json.errors[0].pointer]).toEqual([400, pointer]);
  });

  it('an endpoint must be there, and the key may not only read', async () => {
    expect((await rotate('nowhere')).json.code).toBe('endpoint.not-found');
    const reader = await api.newKey('settings:read');
    const path = '/v1/endpoints/crm/secrets';
    expect((await api.request({ method: 'POST', path, body: {}, key: reader })).status).toBe(403);
    expect((await api.request({ path, key: reader })).status).toBe(200);
  });
});
