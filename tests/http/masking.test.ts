import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashKey } from '../../shared/app/access/keys.ts';
import { type Scope, scopes } from '../../shared/app/access/scopes.ts';
import { profileStore } from '../../shared/data/profile-store.ts';
import { emptyProfile } from '../../shared/domain/profiles/profile.ts';
import { maskPersonal } from '../../shared/http/mask.ts';
import { routes } from '../../shared/http/route-table.ts';
import { profileKey } from '../../shared/kernel/ids.ts';
import { type Api, startApi } from './api.ts';

describe('what is masked', () => {
  const at = '2026-11-26T12:00:00Z';
  it.each<[string, unknown, unknown]>([
    [
      'a trait that says who somebody is',
      { traits: { firstName: { value: 'Ada', at } } },
      { traits: { firstName: { value: '•••', at } } },
    ],
    [
      'an address',
      { traits: { email: { value: 'ada@mail.example', at } } },
      { traits: { email: { value: 'a•••@m•••.example', at } } },
    ],
    [
      'every part of one',
      { traits: { address: { value: { city: 'Rome', state: 'X', at: 1 }, at } } },
      { traits: { address: { value: { city: '•••', state: '•••', at: 0 }, at } } },
    ],
    ['by schema', { traits: { salary: { value: 5_000, at } } }, { traits: { salary: { value: 0, at } } }],
    [
      'a part of a trait by schema',
      { traits: { home: { value: { zip: '1' }, at } } },
      { traits: { home: { value: { zip: '•••' }, at } } },
    ],
    ['by type', { traits: { backup: { value: 'nothing', at } } }, { traits: { backup: { value: '•••', at } } }],
    [
      'an address in a trait that is not personal',
      { traits: { note: { value: 'call ada@mail.example', at } } },
      { traits: { note: { value: 'call a•••@m•••.example', at } } },
    ],
    [
      'ids that are addresses',
      { ids: { user: 'ada@mail.example', anonymous: ['d-1'] } },
      { ids: { user: 'a•••@m•••.example', anonymous: ['d-1'] } },
    ],
    ['identities by kind', { ids: { email: ['ada@mail.example'] } }, { ids: { email: ['a•••@m•••.example'] } }],
    ['a number', { to: '+4915112345678' }, { to: '•••78' }],
    ['tokens', { devices: [{ token: 'abc', platform: 'fcm' }] }, { devices: [{ token: '•••', platform: 'fcm' }] }],
    [
      'what an event said',
      { record: { t: 'event', properties: { size: 38, text: 'x' } } },
      { record: { t: 'event', properties: { size: 0, text: '•••' } } },
    ],
    ['evidence and guardians', { evidence: '192.0.2.1', guardian: 'Eva' }, { evidence: '•••', guardian: '•••' }],
    [
      'what a predicate saw',
      { because: [{ part: 'profile.firstName = "Ada"', value: true, saw: 'Ada' }] },
      { because: [{ part: 'profile.firstName = "Ada"', value: true, saw: '•••' }] },
    ],
    [
      'a segment that told somebody',
      { why: [{ code: 'segment.told', saw: { segment: 'born', change: 'entered', endpoint: 'crm' } }] },
      { why: [{ code: 'segment.told', saw: { segment: '•••', change: '•••', endpoint: 'crm' } }] },
    ],
    [
      'why a personal trait was set aside',
      { saw: { trait: 'age', limit: 120, actual: 203, text: 'x' } },
      { saw: { trait: 'age', limit: 0, actual: 0, text: '•••' } },
    ],
    [
      'what stands in a list, and no more of it',
      { data: [{ kind: 'event', record: { name: 'Bought', data: { size: 38 } } }], nextCursor: 'abc' },
      { data: [{ kind: 'event', record: { name: 'Bought', data: { size: 0 } } }], nextCursor: 'abc' },
    ],
    ['an address as a name', { 'ada@mail.example': 1 }, { 'a•••@m•••.example': 1 }],
  ])('%s', (_, body, shown) => {
    const schemas = {
      salary: { type: 'number', personal: true },
      backup: { type: 'email' },
      'home.zip': { type: 'string', personal: true },
    } as const;
    expect(maskPersonal(body, schemas)).toEqual(shown);
  });

  it('and nothing else: where people stand, when, why, and what is not personal', () => {
    const body = {
      ...{ key: 'u0123456789012345678901', version: 3, decidedAt: at, complete: true, nextCursor: null },
      traits: { plan: { value: 'gold', at, source: 'web' }, orders: { value: 12, at } },
      runs: [{ journey: 'welcome', step: 'mail', due: at, name: 'Welcome' }],
      reasons: [{ code: 'consent.missing', saw: { topic: 'news' } }, { saw: { trait: 'plan', actual: 3 } }],
      data: [{ segment: 'gold', kind: 'live', since: at }],
      because: [{ part: 'profile.plan = "gold"', value: true, saw: 'gold' }],
      ids: { user: 'customer-1' },
    };
    expect(maskPersonal(body)).toEqual(body);
  });
});

describe('by role', () => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi();
    const trait = (value: string) => ({ value, at: 1, source: 'identify' }) as const;
    const traits = { firstName: trait('Adelheid'), email: trait('adelheid@mail.example'), plan: trait('gold') };
    const profile = { ...emptyProfile, ids: { user: 'ada' }, createdAt: 1, traits };
    const key = profileKey('user', 'ada');
    await profileStore(api.dynamo.client, 'profiles').commit({ key, version: 1, at: 1, epoch: 0, profile });
  });
  afterAll(() => api.stop());

  it.each([
    [['profiles:read'], false],
    [['profiles:read', 'profiles:personal'], true],
    [['*'], true],
  ] as const)('with %j personal data is shown: %s', async (granted, isShown) => {
    const { status, text, json } = await api.request({ path: '/v1/profiles/ada', key: await api.newKey(...granted) });
    expect(status).toBe(200);
    expect(json.traits.plan.value).toBe('gold');
    expect(/Adelheid|adelheid@/.test(text)).toBe(isShown);
  });

  it('every key that is there keeps what it sees: profiles:read meant all of it', async () => {
    const secret = `gw_api_${'o'.repeat(43)}`;
    const hash = hashKey(secret);
    const old = {
      id: hash.slice(0, 16),
      kind: 'api',
      name: 'old',
      scopes: ['profiles:read'],
      createdAt: 1,
      createdBy: 'x',
    };
    const Item = marshall({ pk: 'keys', sk: hash, ...old });
    await api.dynamo.client.send(new PutItemCommand({ TableName: 'access', Item }));
    expect((await api.request({ path: '/v1/profiles/ada', key: secret })).json.traits.firstName.value).toBe('Adelheid');
    const listed = (await api.request({ path: '/v1/keys' })).json.data.find(({ id }: { id: string }) => id === old.id);
    expect(listed.scopes).toEqual(['profiles:read', 'profiles:personal']);
  });
});

describe('keys that are there keep what they may', () => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.stop());

  const put = async (scopes: readonly string[], schema: number | undefined): Promise<string> => {
    const secret = `gw_api_${String(schema ?? 1).repeat(43)}`;
    const hash = hashKey(secret);
    const old = { id: hash.slice(0, 16), kind: 'api', name: 'old', scopes, createdAt: 1, createdBy: 'x' };
    const Item = marshall({ pk: 'keys', sk: hash, ...old, schema }, { removeUndefinedValues: true });
    await api.dynamo.client.send(new PutItemCommand({ TableName: 'access', Item }));
    return secret;
  };
  const erase = async (key: string) =>
    (await api.request({ method: 'DELETE', path: '/v1/profiles/nobody', key })).status;

  it.each([
    [undefined, 404],
    [2, 404],
    [3, 403],
  ])('profiles:write meant to erase in schema %s', async (schema, status) => {
    const secret = await put(['profiles:write'], schema);
    expect(await erase(secret)).toBe(status);
    const { data } = (await api.request({ path: '/v1/keys' })).json;
    const listed = data.find(({ id }: { id: string }) => id === hashKey(secret).slice(0, 16));
    expect(listed.scopes).toEqual(status === 404 ? ['profiles:write', 'profiles:erase'] : ['profiles:write']);
  });

  it('and a new key needs profiles:erase, and nothing else', async () => {
    expect(await erase(await api.newKey('profiles:read', 'profiles:write'))).toBe(403);
    expect(await erase(await api.newKey('profiles:erase'))).toBe(404);
  });
});

describe('a key has what its scopes say, over all routes', () => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.stop());

  const exampleOf = (path: string) =>
    path
      .replace('{target}', 'all')
      .replace('{channel}', 'email')
      .replace('{address}', 'ann@example.com')
      .replace(/\{\w+\}/g, 'nobody');
  const closed = routes.filter(({ scope }) => scope !== 'public' && scope !== 'iam');
  const refusedOf = async (key: string, asked: typeof closed) => {
    const answers = asked.map(async ({ method, path }) => [
      `${method} ${path}`,
      (await api.request({ method, path: exampleOf(path), key })).status,
    ]);
    return Object.fromEntries(await Promise.all(answers));
  };
  const all403 = (asked: typeof closed) =>
    Object.fromEntries(asked.map(({ method, path }) => [`${method} ${path}`, 403]));

  it('a write key reads nothing, and changes nothing', async () => {
    const { json } = await api.post('/v1/keys', { name: 'web', kind: 'ingest' });
    expect(await refusedOf(json.secret, closed)).toEqual(all403(closed));
  });

  it.each(scopes)('%s opens its own routes alone', async (scope: Scope) => {
    const others = closed.filter((one) => one.scope !== scope);
    expect(await refusedOf(await api.newKey(scope), others)).toEqual(all403(others));
  });
});
