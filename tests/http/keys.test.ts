import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyReader, rotateKey } from '../../shared/app/access/keys.ts';
import type { AccessStore } from '../../shared/app/access/ports.ts';
import { type Api, startApi } from './api.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const inDays = (days: number) => new Date(Date.now() + days * DAY).toISOString();
const make = async (more: object = {}) =>
  (await api.post('/v1/keys', { name: 'shop', kind: 'api', scopes: ['journeys:read'], ...more })).json;
const rotate = (id: string, body: object = {}, key?: string) =>
  api.request({ method: 'POST', path: `/v1/keys/${id}/rotations`, body, ...(key !== undefined && { key }) });
const listed = async (id: string) =>
  (await api.request({ path: '/v1/keys' })).json.data.find((key: { id: string }) => key.id === id);
const works = async (secret: string) => (await api.request({ path: '/v1/journeys', key: secret })).status;
const by = { id: 'test', scopes: ['*'] as const };

describe('a key that ends', () => {
  it('says when, and that it is about to', async () => {
    const soon = await make({ expiresAt: inDays(10) });
    const later = await make({ expiresAt: inDays(20) });
    const never = await make();
    expect([soon.state, later.state, never.state]).toEqual(['ending', 'valid', 'valid']);
    expect([(await listed(soon.id)).state, never.expiresAt]).toEqual(['ending', null]);
  });

  it('works until then and not a moment longer, though it was remembered', async () => {
    let now = Date.now();
    const read = keyReader(api.access, () => now);
    const { secret } = await make({ expiresAt: new Date(now + 5_000).toISOString() });
    now += 4_000;
    expect(await read(secret)).toBeDefined();
    now += 1_000;
    expect(await read(secret)).toBeUndefined();
  });

  it.each([
    ['a time that is over', '2026-01-01T00:00:00Z', 422, 'key.expires-at'],
    ['eleven years', '2038-01-01T00:00:00Z', 422, 'key.expires-at'],
    ['a day', '2027-01-01', 400, undefined],
  ])('refuses %s', async (_, expiresAt, status, code) => {
    const answer = await api.post('/v1/keys', { name: 'x', kind: 'ingest', expiresAt });
    expect(answer).toMatchObject({ status, json: { errors: [{ pointer: '/expiresAt' }] } });
    if (code !== undefined) expect(answer.json.code).toBe(code);
  });
});

describe('a rotation', () => {
  it('makes a key like the other one, and both work for the overlap', async () => {
    const old = await make();
    const answer = await rotate(old.id, { overlapHours: 48 });
    expect(answer).toMatchObject({
      status: 201,
      json: { name: 'shop', kind: 'api', scopes: ['journeys:read'], replaces: old.id, state: 'valid', expiresAt: null },
    });
    const { id, secret, replacedEndsAt } = answer.json;
    expect(secret).not.toBe(old.secret);
    expect(Math.abs(Date.parse(replacedEndsAt) - Date.now() - 48 * HOUR)).toBeLessThan(60_000);
    expect([await works(old.secret), await works(secret)]).toEqual([200, 200]);
    expect(await listed(old.id)).toMatchObject({ state: 'ending', replacedBy: id, expiresAt: replacedEndsAt });
  });

  it('with an overlap of nothing ends a key that leaked; one that was remembered ends within ten seconds', async () => {
    const old = await make();
    const { json } = await rotate(old.id, { overlapHours: 0 });
    const now = Date.now() + 1_000;
    expect(await keyReader(api.access, () => now)(old.secret)).toBeUndefined();
    expect(await works(json.secret)).toBe(200);
    expect(await listed(old.id)).toMatchObject({ state: 'ended' });
  });

  it('keeps how long the other one lived, and never lets it live longer', async () => {
    const old = await make({ expiresAt: inDays(1) });
    const { json } = await rotate(old.id, { overlapHours: 48 });
    expect(json.replacedEndsAt).toBe(old.expiresAt);
    const life = (key: { createdAt: string; expiresAt: string }) =>
      Date.parse(key.expiresAt) - Date.parse(key.createdAt);
    expect(life(json)).toBe(life(old));
  });

  it('happens once: whoever comes second is told which key to rotate', async () => {
    const old = await make();
    const { json } = await rotate(old.id);
    const again = await rotate(old.id);
    expect(again).toMatchObject({ status: 409, json: { code: 'key.replaced' } });
    expect(again.json.detail).toContain(json.id);
  });

  it('of two at the same moment leaves one new key', async () => {
    const old = await make();
    const [before] = (await api.access.listKeys()).filter(({ id }) => id === old.id);
    const stale: AccessStore = { ...api.access, listKeys: async () => [before!] };
    const now = Date.now();
    await rotateKey(stale, old.id, { overlapMs: HOUR, by, now });
    await expect(rotateKey(stale, old.id, { overlapMs: HOUR, by, now })).rejects.toMatchObject({
      code: 'key.replaced',
    });
    expect((await api.access.listKeys()).filter(({ replaces }) => replaces === old.id)).toHaveLength(1);
  });

  it('shows nobody a key with scopes that they do not have', async () => {
    const old = await make({ scopes: ['journeys:publish'] });
    const admin = await api.newKey('keys:admin');
    expect((await rotate(old.id, {}, admin)).json).toMatchObject({ status: 403, code: 'key.scope-beyond-own' });
    expect(await listed(old.id)).toMatchObject({ replacedBy: null });
  });

  it('of an unknown, a revoked or an ended key is 404', async () => {
    expect((await rotate('A'.repeat(16))).status).toBe(404);
    const old = await make();
    await rotate(old.id, { overlapHours: 0 });
    expect((await rotate(old.id)).status).toBe(404);
  });

  it.each([-1, 0.5, 721, 'a day'])('refuses an overlap of %s hours', async (overlapHours) => {
    const old = await make();
    const answer = await rotate(old.id, { overlapHours });
    expect(answer).toMatchObject({ status: 400, json: { errors: [{ pointer: '/overlapHours' }] } });
  });

  it('stands in the audit log, without the key', async () => {
    const old = await make();
    const { json } = await rotate(old.id);
    const [entry] = (await api.request({ path: '/v1/audit', query: { resource: `/v1/keys/${old.id}` } })).json.data;
    expect(entry).toMatchObject({ outcome: { noted: { key: json.id, replacedEndsAt: json.replacedEndsAt } } });
    expect(JSON.stringify(entry)).not.toContain(json.secret);
  });
});

describe('how much a key may do in a minute', () => {
  it('is 429 beyond it, with the limit, and nothing is done', async () => {
    const { secret, perMinute } = await make({ scopes: ['journeys:read', 'jobs:write'], perMinute: 20 });
    expect(perMinute).toBe(20);
    const answers = [];
    for (let n = 0; n < 45; n += 1) answers.push(await api.request({ path: '/v1/journeys', key: secret }));
    // A minute may end meanwhile: then twice as many pass.
    const passed = answers.filter(({ status }) => status === 200).length;
    expect(passed).toBeGreaterThanOrEqual(20);
    expect(passed).toBeLessThanOrEqual(40);
    expect(answers.find(({ status }) => status !== 200)).toMatchObject({
      status: 429,
      json: { code: 'key.rate', title: 'Too many requests', errors: [{ code: 'key.rate', limit: 20, actual: 1 }] },
      headers: { 'retry-after': expect.stringMatching(/^[1-9]\d?$/) },
    });
  });

  it.each([0, 19, 1.5, 10_000_001])('refuses %s', async (perMinute) => {
    const answer = await api.post('/v1/keys', { name: 'x', kind: 'ingest', perMinute });
    expect(answer).toMatchObject({ status: 400, json: { errors: [{ pointer: '/perMinute' }] } });
  });
});
