import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { profileStore } from '../../shared/data/profile-store.ts';
import { directMessageId } from '../../shared/domain/messaging/message-id.ts';
import { emptyProfile } from '../../shared/domain/profiles/profile.ts';
import { MAX_BODY_BYTES } from '../../shared/http/request.ts';
import type { Route } from '../../shared/http/route.ts';
import { routes } from '../../shared/http/route-table.ts';
import { profileKey } from '../../shared/kernel/ids.ts';
import fc from '../property.ts';
import { type Api, type Request, type Response, startApi } from './api.ts';
import { journey, marketingTemplate } from './documents.ts';

/** What people and scanners put where an id is wanted. */
const nasty = fc.constantFrom(
  '__proto__',
  'constructor',
  'toString',
  '..',
  '%2e%2e',
  '%',
  '%00',
  '\u0000',
  '\uD800',
  '\uFFFF',
  "'; DROP TABLE x--",
  '<script>alert(1)</script>',
  '{{ 7 }}',
  '-1',
  '1e999',
  'x'.repeat(3_000),
  ' ',
  '🦜',
  'null',
  'ann',
  'welcome',
  'hello',
  'all',
  'email',
);
/** Without what lies beyond U+FFFF: SQS takes it, its stand-in here (fauxqs 1.9) does not. */
const text = fc
  .oneof(nasty, fc.string({ unit: 'binary', maxLength: 30 }), fc.string({ maxLength: 10 }))
  .map((any) => any.replaceAll(/[\u{10000}-\u{10FFFF}]/gu, 'é'));
/** Words of our own documents, so that mutants come further than the first check. */
const words = fc.constantFrom(
  'id',
  'name',
  'steps',
  'start',
  'entry',
  'where',
  'customers',
  'traits',
  'consents',
  'template',
  'variants',
  'properties',
  'profile',
  'to',
  'channel',
  'on',
  'mode',
  'scopes',
  'kind',
  'draftEtag',
  '__proto__',
  'constructor',
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e308, Number.MAX_SAFE_INTEGER + 1),
    text,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(fc.oneof(words, text), tie('value')), { maxLength: 5 }).map((entries) => {
      const object = Object.create(null) as Record<string, unknown>;
      for (const [key, value] of entries)
        Object.defineProperty(object, key, { value, enumerable: true, configurable: true });
      return object;
    }),
  ),
})).value;

const template = marketingTemplate('hello');
/** Of each route that takes a body: what is right, so that mutants come as far as they can. */
const right: { readonly [path: string]: readonly unknown[] } = {
  '/v1/journeys/{id}': [journey('welcome'), journey('other')],
  '/v1/journeys/{id}/lint': [journey('welcome'), {}],
  '/v1/journeys/{id}/publish': [{ draftEtag: 'x', dryRun: true }],
  '/v1/journeys/{id}/plans': [
    {
      draftEtag: 'x',
      moves: { default: 'same-step', steps: { a: { to: 'b' } }, versions: { 1: { a: { leave: 'x' } } } },
    },
  ],
  '/v1/journeys/{id}/test-runs': [
    { profile: 'ann', sendTo: 'a@example.com', speed: 60, event: { event: 'Signed Up', properties: { a: 1 } } },
    { traits: { a: [1] }, sendTo: 'a@example.com', version: 'live', properties: { b: 1 } },
  ],
  '/v1/journeys/{id}/test-runs/{run}/events': [{ event: 'Signed Up', properties: { a: 1 } }],
  '/v1/journeys/{id}/resume': [{ overdue: 'run' }],
  '/v1/journeys/{id}/stop': [{ mode: 'drain' }],
  '/v1/journeys/{id}/enrollments': [{ customers: [{ id: 'ann', traits: { a: 1 }, properties: { b: [1] }, key: 'k' }] }],
  '/v1/templates/{id}': [template],
  '/v1/templates/{id}/previews': [
    { channel: 'email', values: { event: { a: 1 }, entry: 'x', steps: null, vars: [] }, locale: 'de', topic: 'offers' },
    { channel: 'webhook', template },
    { channel: 'email', template, profile: { id: 'ann' } },
  ],
  '/v1/topics/{id}': [{ id: 'hello', kind: 'marketing', consent: { email: 'opt-in' } }],
  '/v1/endpoints/{id}': [{ id: 'hello', url: 'https://example.com/', timeout: 'PT5S', headers: { 'X-A': 'b' } }],
  '/v1/segments/{id}': [
    { schemaVersion: 1, id: 'hello', name: 'x', where: { all: [{ segment: 'hello', is: 'member' }] } },
  ],
  '/v1/policy': [
    { schemaVersion: 1, zone: 'UTC', locale: 'en', quietHours: [{ from: '22:00', to: '08:00' }], caps: [] },
  ],
  '/v1/messages': [
    { template: 'hello', profile: { id: 'ann' }, properties: { a: 1 } },
    { template: 'hello@1', to: 'a@example.com', channels: ['email'], expiresAt: '2026-11-22T10:00:00Z' },
  ],
  '/v1/profiles/{id}': [{ traits: { plan: 'pro', nested: { a: [1, { b: 2 }] }, old: null } }],
  '/v1/profiles/{id}/consents': [{ consents: [{ channel: 'email', topic: 'offers', state: 'granted', source: 'x' }] }],
  '/v1/kill-switches/{target}': [{ on: true, note: 'x' }],
  '/v1/keys': [
    { name: 'x', kind: 'api', scopes: ['journeys:read'] },
    { name: 'x', kind: 'ingest' },
  ],
};

/** The document with one place replaced. */
const mutant = (document: unknown) =>
  fc.tuple(fc.array(fc.nat(20), { maxLength: 7 }), json).map(([path, value]) => {
    const copy = structuredClone(document);
    let node = copy as Record<string, unknown>;
    for (const [depth, step] of path.entries()) {
      const keys = Object.keys(node);
      const key = keys[step % Math.max(1, keys.length)];
      if (key === undefined) break;
      const child = node[key];
      if (child === null || typeof child !== 'object' || depth === path.length - 1) {
        node[key] = value;
        break;
      }
      node = child as Record<string, unknown>;
    }
    return copy;
  });

const bodyFor = (route: Route): fc.Arbitrary<unknown> => {
  const documents = route.body === undefined ? [] : (right[route.path] ?? [{}]);
  const rubbish = fc.oneof(
    json.map((value) => JSON.stringify(value) ?? ''),
    text,
    fc.constantFrom(
      '',
      '{',
      '[]',
      'null',
      '"x"',
      '{"a":1e999}',
      '{"a":1,"a":2}',
      '{"__proto__":{"admin":true}}',
      `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
      `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
      '\ufeff{}',
    ),
  );
  if (documents.length === 0) return fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, rubbish);
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...documents).chain(mutant) },
    { weight: 1, arbitrary: fc.constantFrom(...documents) },
    { weight: 1, arbitrary: rubbish },
  );
};

const existing: { readonly [parameter: string]: readonly string[] } = {
  '/v1/journeys/{id}': ['welcome'],
  '/v1/templates/{id}': ['hello'],
  '/v1/topics/{id}': ['offers', 'hello'],
  '/v1/endpoints/{id}': ['hello'],
  '/v1/segments/{id}': ['hello'],
  '/v1/profiles/{id}': ['ann'],
  '/v1/messages/{id}': [directMessageId(profileKey('user', 'ann'), 'x')],
  '/v1/keys/{id}': ['AAAAAAAAAAAAAAAA'],
  '{profile}': ['ann'],
  '{channel}': ['email', 'sms'],
  '{address}': ['a@example.com', '+4930123456'],
  '{target}': ['all', 'channel:email', 'journey:welcome'],
  '{messageId}': ['m-1'],
  '{token}': ['a.b.AAAAAAAAAAAAAAAAAAAAAA'],
  '{name}': ['journey', 'topic'],
};

/** Mostly ids that are there, else anything. */
function pathFor(route: Route): fc.Arbitrary<string> {
  const names = route.path.match(/\{\w+\}/g) ?? [];
  const parts = names.map((name) => {
    const found = existing[name] ?? existing[route.path.slice(0, route.path.indexOf('}') + 1)] ?? ['x'];
    return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...found) }, { weight: 1, arbitrary: text });
  });
  return fc.tuple(...parts).map((values) => {
    let index = 0;
    return route.path.replace(/\{\w+\}/g, () => values[index++]!.replaceAll('/', '') || 'x');
  });
}

const plausible = fc.constantFrom(
  '1',
  '2',
  '200',
  'live',
  'draft',
  'userId',
  'anonymousId',
  'ann',
  'step',
  'day',
  'offers',
  '2026-11',
  '2026-11-22',
  'ZQ',
);

const requestFor = (route: Route): fc.Arbitrary<Request> =>
  fc
    .record({
      path: pathFor(route),
      query: fc.dictionary(
        fc.oneof(
          { weight: 9, arbitrary: fc.constantFrom('limit', ...Object.keys(route.query?.shape ?? {})) },
          { weight: 1, arbitrary: text },
        ),
        fc.oneof({ weight: 2, arbitrary: plausible }, { weight: 1, arbitrary: text }),
        { maxKeys: route.query === undefined ? (route.method === 'GET' ? 1 : 0) : 3 },
      ),
      given: bodyFor(route),
      condition: fc.constantFrom(
        { 'if-none-match': '*' },
        { 'if-none-match': '*' },
        { 'if-match': '"x"' },
        { 'if-match': '*' },
        {},
      ),
      key: fc.oneof(
        { weight: 3, arbitrary: fc.noShrink(fc.uuid()) },
        { weight: 1, arbitrary: fc.option(text, { nil: undefined }) },
      ),
      type: fc.oneof(
        { weight: 9, arbitrary: fc.constant('application/json') },
        {
          weight: 1,
          arbitrary: fc.constantFrom('text/plain', 'application/x-www-form-urlencoded', '', 'application/problem+json'),
        },
      ),
      base64: fc.boolean(),
    })
    .map(({ path, query, given, condition, key, type, base64 }) => ({
      method: route.method,
      path,
      query,
      body: given,
      base64,
      headers: { ...condition, 'content-type': type, ...(key !== undefined && { 'idempotency-key': key }) },
    }));

/** What stops or removes comes last, so that the others find something. */
const isHarsh = ({ method, path }: Route) => method === 'DELETE' || /(pause|stop|archive)$/.test(path);
const gentleFirst = [...routes.filter((route) => !isHarsh(route)), ...routes.filter(isHarsh)];

function expectClear(answer: Response): void {
  expect(answer.status, answer.text).toBeLessThan(500);
  expect(answer.status).toBeGreaterThanOrEqual(200);
  if (answer.status < 400 || answer.headers['content-type']?.startsWith('text/html')) return;
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(answer.json).toMatchObject({
    status: answer.status,
    code: expect.stringMatching(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/),
    title: expect.any(String),
    detail: expect.any(String),
    requestId: expect.stringMatching(/^request-/),
    errors: expect.any(Array),
  });
}

describe('hostile input (G13)', () => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi();
    await api.create('/v1/topics/offers', { id: 'offers', kind: 'marketing', consent: { email: 'opt-out' } });
    await api.create('/v1/topics/receipts', { id: 'receipts', kind: 'transactional', consent: {} });
    await api.create('/v1/templates/hello', marketingTemplate('hello'));
    const created = await api.create('/v1/journeys/welcome', journey('welcome', { entry: [{ on: 'api' }] }));
    await api.post('/v1/journeys/welcome/publish', { draftEtag: created.json.etag });
    const profile = {
      ...emptyProfile,
      ids: { user: 'ann' },
      createdAt: 1,
      traits: { a: { value: 1, at: 1, source: 'api' } },
    } as const;
    const key = profileKey('user', 'ann');
    await profileStore(api.dynamo.client, 'profiles').commit({ key, version: 1, at: 1, epoch: 0, profile });
  });
  afterAll(() => api.stop());

  it.each(gentleFirst.map((route) => [route.method, route.path, route] as const))(
    '%s %s answers anything with a clear problem, never with 500',
    async (_method, _path, route) => {
      await fc.assert(
        fc.asyncProperty(requestFor(route), async (request) => expectClear(await api.request(request))),
        { numRuns: 60 },
      );
    },
  );

  it('leaves no trace on prototypes', () => {
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });

  it.each<[string, Request, number, string]>([
    ['an unknown path', { path: '/v1/nothing' }, 404, 'route.not-found'],
    ['the root', { path: '/' }, 404, 'route.not-found'],
    ['a path of scanners', { path: '/wp-admin.php' }, 404, 'route.not-found'],
    ['another method', { method: 'PATCH', path: '/v1/journeys/x' }, 405, 'route.method'],
    ['HEAD', { method: 'HEAD', path: '/v1/health' }, 405, 'route.method'],
    ['a strange method', { method: 'BREW', path: '/v1/journeys' }, 404, 'route.not-found'],
    ['an unknown query parameter', { path: '/v1/journeys', query: { filter: 'x' } }, 400, 'query.unknown-key'],
    ['a limit of 0', { path: '/v1/journeys', query: { limit: '0' } }, 400, 'query.limit'],
    ['a limit of 201', { path: '/v1/journeys', query: { limit: '201' } }, 400, 'query.limit'],
    ['a cursor of elsewhere', { path: '/v1/journeys', query: { cursor: 'x' } }, 400, 'list.cursor'],
    ['an id with capitals', { path: '/v1/journeys/Welcome' }, 400, 'path.format'],
    [
      'an unknown field',
      { method: 'POST', path: '/v1/journeys/welcome/stop', body: { mode: 'now', force: true } },
      400,
      'request.unknown-key',
    ],
    ['no JSON', { method: 'POST', path: '/v1/journeys/welcome/stop', body: '{mode' }, 400, 'request.json'],
    [
      'JSON of another media type',
      { method: 'POST', path: '/v1/journeys/welcome/stop', body: '{}', headers: { 'content-type': 'text/plain' } },
      400,
      'request.content-type',
    ],
    [
      'a body where none is taken',
      { method: 'DELETE', path: '/v1/journeys/welcome/draft', body: { a: 1 } },
      400,
      'request.body',
    ],
    [
      'both preconditions',
      {
        method: 'PUT',
        path: '/v1/topics/x',
        body: { id: 'x', kind: 'marketing', consent: {} },
        headers: { 'if-match': '"x"', 'if-none-match': '*' },
      },
      400,
      'request.preconditions',
    ],
    [
      'deep nesting',
      { method: 'PATCH', path: '/v1/profiles/ann', body: `{"traits":{"a":${'['.repeat(100)}${']'.repeat(100)}}}` },
      400,
      'profile.too-deep',
    ],
    [
      'a key that reaches prototypes',
      { method: 'PATCH', path: '/v1/profiles/ann', body: '{"traits":{"__proto__":1}}' },
      400,
      'profile.forbidden-key',
    ],
    [
      'control characters',
      { method: 'PATCH', path: '/v1/profiles/ann', body: '{"traits":{"a":"\\u0000"}}' },
      400,
      'profile.forbidden-characters',
    ],
    [
      'a number that is none',
      { method: 'PATCH', path: '/v1/profiles/ann', body: '{"traits":{"a":1e999}}' },
      400,
      'profile.type',
    ],
  ])('%s: a code of its own', async (_, request, status, code) => {
    expect((await api.request(request)).json).toMatchObject({ status, code });
  });

  it('says which methods a path has', async () => {
    const answer = await api.request({ method: 'DELETE', path: '/v1/journeys/welcome' });
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'PUT, GET' } });
  });

  it.each([false, true])(
    'refuses a body over 1 MB before it is parsed, with limit and size (base64: %s)',
    async (base64) => {
      const big = 'x'.repeat(MAX_BODY_BYTES + 10);
      const answer = await api.request({ method: 'PATCH', path: '/v1/profiles/ann', body: big, base64 });
      expect(answer.json).toMatchObject({
        status: 413,
        code: 'request.too-large',
        errors: [{ limit: MAX_BODY_BYTES }],
      });
    },
  );

  it('refuses bytes that are not UTF-8', async () => {
    const answer = await api.send({
      version: '2.0',
      headers: { authorization: `Bearer ${api.admin}`, 'content-type': 'application/json' },
      requestContext: { requestId: 'request-x', domainName: 'x', http: { method: 'PATCH', path: '/v1/profiles/ann' } },
      body: Buffer.from([0x22, 0xff, 0x22]).toString('base64'),
      isBase64Encoded: true,
    } as never);
    expect(answer.json).toMatchObject({ status: 400, code: 'request.encoding' });
  });

  it('never repeats a value in an answer about what is wrong with it', async () => {
    const secret = 'ann.secret@example.com';
    const answers = await Promise.all([
      api.request({ method: 'PATCH', path: '/v1/profiles/ann', body: { traits: secret } }),
      api.request({ method: 'PATCH', path: '/v1/profiles/ann', body: `{"traits": {"email": "${secret}" oops` }),
      api.post('/v1/messages', { template: 'hello', to: `${secret} x` }, { 'idempotency-key': 'secret' }),
      api.post(
        '/v1/journeys/welcome/enrollments',
        { customers: [{ id: 'x', traits: secret }] },
        { 'idempotency-key': 's' },
      ),
      api.request({ path: `/v1/suppressions/email/${secret}x y` }),
    ]);
    for (const answer of answers) {
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.text).not.toContain('secret');
    }
  });
});
