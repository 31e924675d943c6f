import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cachedSecrets } from '../../shared/app/secrets.ts';
import { signedLinks } from '../../shared/app/signed-links.ts';
import { profileStore } from '../../shared/data/profile-store.ts';
import { secretStore } from '../../shared/data/secret-store.ts';
import { addressHash } from '../../shared/domain/messaging/address.ts';
import { directMessageId } from '../../shared/domain/messaging/message-id.ts';
import { emptyProfile } from '../../shared/domain/profiles/profile.ts';
import { MAX_BODY_BYTES } from '../../shared/http/request.ts';
import type { Route } from '../../shared/http/route.ts';
import { routes } from '../../shared/http/route-table.ts';
import { type ProfileKey, profileKey } from '../../shared/kernel/ids.ts';
import { anyJsonText, anyText, jsonWith, mutantOf, times, wordsOf } from '../hostile.ts';
import fc from '../property.ts';
import { type Api, type Request, type Response, startApi } from './api.ts';
import { journey, marketingTemplate } from './documents.ts';
import { named, right, rightForms } from './right-documents.ts';

/** Without what lies beyond U+FFFF: SQS takes it, its stand-in here (fauxqs 1.9) does not. */
const text = anyText.map((any) => any.replaceAll(/[\u{10000}-\u{10FFFF}]/gu, 'é'));
const ids = ['ann', 'welcome', 'hello', 'all', 'email'];
const json = jsonWith(wordsOf(right), text);

const bodyFor = (route: Route): fc.Arbitrary<unknown> => {
  const name = named(route.method, route.path);
  const rubbish = fc.oneof(
    json.map((value) => JSON.stringify(value) ?? ''),
    text,
    anyJsonText,
  );
  if (route.bodyType === 'form') return fc.oneof(fc.constantFrom(...rightForms[name]!), rubbish);
  if (route.body === undefined) return fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, rubbish);
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...right[name]!).chain((document) => mutantOf(document, json)) },
    { weight: 1, arbitrary: fc.constantFrom(...right[name]!) },
    { weight: 1, arbitrary: rubbish },
  );
};

/** By path so far, by name, or by the first parameter of the path. Links are put in when the API has its keys. */
const existing: { [parameter: string]: readonly string[] } = {
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
  '{token}': ['fcm:hostile'],
  '{name}': ['journey', 'topic'],
};

/** Mostly ids that are there, else anything. */
function pathFor(route: Route): fc.Arbitrary<string> {
  const names = [...route.path.matchAll(/\{\w+\}/g)];
  const first = route.path.slice(0, route.path.indexOf('}') + 1);
  const parts = names.map(({ 0: name, index }) => {
    const found = existing[route.path.slice(0, index) + name] ?? existing[name] ?? existing[first] ?? ['x'];
    return fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...found) },
      { weight: 1, arbitrary: fc.oneof(text, fc.constantFrom(...ids)) },
    );
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

/** Of an app, made by the API. */
let inboxToken = '';

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
      headers: {
        ...condition,
        ...(route.forApps && { authorization: `Bearer ${inboxToken}` }),
        'content-type': type,
        ...(key !== undefined && { 'idempotency-key': key }),
      },
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

/** One of each kind to a profile, by the keys of the API. */
async function linksTo(profile: ProfileKey): Promise<Record<string, string[]>> {
  const secrets = cachedSecrets(secretStore(api.dynamo.client, 'access'), Date.now);
  const links = signedLinks(secrets, '');
  const hash = addressHash('email', 'a@example.com');
  const claims = { profile, channel: 'email', topic: 'offers', addressHash: hash, message: 'm' } as const;
  const task = { profile, message: 'm', journey: 'welcome', version: 1, step: 'hello', run: 'r', visit: 0 };
  const until = Date.now() + 3_600_000;
  const urls = {
    '/u/{token}': await links.unsubscribeUrl(claims),
    '/preferences/{token}': await links.preferencesUrl(claims),
    '/confirm/{token}': await links.confirmUrl({ ...claims, topics: ['offers'], at: 0, until }),
    '/v1/tasks/{token}': (await links.taskUrl(task)).replace('/outcome', ''),
  };
  return Object.fromEntries(
    Object.entries(urls).map(([path, url]) => [
      path,
      [url.slice(url.lastIndexOf('/') + 1), 'a.b.AAAAAAAAAAAAAAAAAAAAAA'],
    ]),
  );
}

let api: Api;

describe('hostile input (G13)', () => {
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
    inboxToken = (await api.post('/v1/profiles/ann/inbox-tokens', {})).json.token;
    Object.assign(existing, await linksTo(key));
  });
  afterAll(() => api.stop());

  it.each(gentleFirst.map((route) => [route.method, route.path, route] as const))(
    '%s %s answers anything with a clear problem, never with 500',
    async (_method, _path, route) => {
      await fc.assert(
        fc.asyncProperty(requestFor(route), async (request) => expectClear(await api.request(request))),
        { numRuns: times(60) },
      );
    },
  );

  const withBody = routes.filter((route) => route.body !== undefined || route.bodyType === 'form');
  it.each(withBody.map((route) => [route.method, route.path, route] as const))(
    '%s %s has a document that is right (right-documents.ts), so that mutants of it are tried',
    (method, path, route) => {
      const documents = (route.bodyType === 'form' ? rightForms : right)[named(method, path)] ?? [];
      expect(documents.length).toBeGreaterThan(0);
      if (route.bodyType === 'form') return;
      for (const document of documents) expect(route.body!.safeParse(document).error?.issues ?? []).toEqual([]);
    },
  );

  it('has documents for no other route', () => {
    const names = new Set(withBody.map(({ method, path }) => named(method, path)));
    expect([...Object.keys(right), ...Object.keys(rightForms)].filter((name) => !names.has(name))).toEqual([]);
  });

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
