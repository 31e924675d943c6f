import { afterAll, beforeAll, expect, it } from 'vitest';
import { profileStore } from '../../shared/data/profile-store.ts';
import { accumulate } from '../../shared/domain/computed-traits/accumulate.ts';
import { ComputedTrait } from '../../shared/domain/computed-traits/computed-trait.ts';
import { compileComputedTraits } from '../../shared/domain/computed-traits/computed-traits.ts';
import { emptyProfile } from '../../shared/domain/profiles/profile.ts';
import { profileKey } from '../../shared/kernel/ids.ts';
import { DAY_MS, formatInstant } from '../../shared/kernel/time.ts';
import { type Api, startApi } from './api.ts';
import { journey, marketingTemplate } from './documents.ts';

let api: Api;
beforeAll(async () => {
  api = await startApi();
  await api.create('/v1/topics/offers', { id: 'offers', kind: 'marketing', consent: { email: 'opt-out' } });
});
afterAll(() => api.stop());

const orders = (id: string, more: object = {}) => ({
  schemaVersion: 1,
  id,
  name: 'Orders',
  function: 'count',
  of: { event: 'Order Completed', where: 'event.total >= 50' },
  within: 'P30D',
  ...more,
});
const path = (id: string) => `/v1/computed-traits/${id}`;
const usersOf = async (id: string) => {
  const { status, json } = await api.request({ method: 'DELETE', path: path(id) });
  return [status, json?.code, ...(json?.errors ?? []).map((one: { detail: string }) => one.detail)];
};

it('is saved, read as JSON, replaced by its ETag, listed, and removed', async () => {
  const created = await api.create(path('orders-30d'), orders('orders-30d'));
  expect(created).toMatchObject({ status: 201, json: { id: 'orders-30d', version: 1 } });
  const read = await api.request({ path: path('orders-30d') });
  expect(read.json.of.where).toEqual({ ref: 'event.total', gte: 50 });
  expect((await api.create(path('orders-30d'), orders('orders-30d'))).status).toBe(412);
  const next = await api.replace(path('orders-30d'), orders('orders-30d', { within: 'P60D' }), created.json.etag);
  expect(next.json.version).toBe(2);
  expect((await api.request({ path: '/v1/computed-traits' })).json.data).toContainEqual(
    expect.objectContaining({ id: 'orders-30d', version: 2, removed: false }),
  );
  expect(await usersOf('orders-30d')).toEqual([204, undefined]);
  expect((await api.request({ path: path('orders-30d') })).status).toBe(404);
});

it('is counted back by a job where it asks anew, and again on demand; and looked at, if a live segment goes by it', async () => {
  const before = api.executions.length;
  const startedOf = () => api.executions.slice(before).map(({ name }) => name.replace(/-.*/, ''));
  const of = { event: 'Back Again', property: 'total' };
  const first = await api.create(path('back'), orders('back', { function: 'sum', of }));
  expect(startedOf()).toEqual(['backfill']);
  const job = await api.request({ path: `/v1/jobs/${api.executions.at(-1)!.input.job}` });
  expect(job.json).toMatchObject({ kind: 'backfill', params: { of: 'computed trait back', isNew: true } });
  expect(job.json.params.clauses).toHaveLength(1);
  // Another document that is fed by the same, as far back, asks nothing new.
  await api.create(path('back-average'), orders('back-average', { function: 'average', of }));
  expect(startedOf()).toEqual(['backfill']);
  const again = (id: string) => api.request({ method: 'POST', path: `${path(id)}/backfills`, body: { perMinute: 60 } });
  const asked = await again('back');
  expect(asked).toMatchObject({ status: 202, json: { kind: 'backfill', params: { of: 'computed trait back' } } });
  expect(asked.json.params.clauses).toEqual(job.json.params.clauses);
  expect((await again('nothing')).status).toBe(404);
  const live = { schemaVersion: 1, id: 'big', name: 'B', where: 'profile.back > 100', live: true };
  expect((await api.create('/v1/segments/big', live)).status).toBe(201);
  const wider = orders('back', { function: 'sum', of, within: 'P60D' });
  const from = api.executions.length;
  expect((await api.replace(path('back'), wider, first.json.etag)).status).toBe(200);
  expect(api.executions.slice(from).map(({ input }) => input.job)).toEqual([
    expect.stringMatching(/^backfill-/),
    expect.stringMatching(/^look-\d{4}-/),
  ]);
});

it.each([
  ['a function that is none', { function: 'median' }, 400, 'computed-trait'],
  ['a function without a property', { function: 'sum' }, 422, 'computed-trait.property'],
  ['a reserved name', { id: 'email' }, 422, 'computed-trait.reserved'],
])('refuses %s', async (_case, more, status, code) => {
  const body = orders('wrong', more);
  const answer = await api.create(path(body.id), body);
  expect(answer.status).toBe(status);
  expect(answer.json.code).toContain(code);
});

it('needs its own scopes', async () => {
  const [reader, other] = [await api.newKey('computed-traits:read'), await api.newKey('segments:write')];
  expect((await api.request({ path: '/v1/computed-traits', key: reader })).status).toBe(200);
  expect((await api.request({ path: '/v1/computed-traits', key: other })).status).toBe(403);
  const headers = { 'if-none-match': '*' };
  const put = { method: 'PUT', path: path('mine'), body: orders('mine'), headers };
  expect((await api.request({ ...put, key: reader })).status).toBe(403);
});

it('is not removed, nor loses a name, while a journey, a segment or a template reads it; and says which', async () => {
  const saved = await api.create(path('shop'), { schemaVersion: 1, id: 'shop', preset: 'commerce' });
  expect(saved.status).toBe(201);
  const where = 'profile.orders >= 3 and profile.lifecycle-stage = "active"';
  await api.create('/v1/segments/regulars', { schemaVersion: 1, id: 'regulars', name: 'R', where });
  const mail = JSON.parse(JSON.stringify(marketingTemplate('hello')).replaceAll('profile.firstName', 'profile.rfm'));
  await api.create('/v1/templates/hello', mail);
  const asks = await api.create('/v1/journeys/asks', journey('asks', { where: 'profile.discount-share < 0.5' }));
  expect((await api.post('/v1/journeys/asks/publish', { draftEtag: asks.json.etag })).status).toBe(200);
  const all = [
    'journey asks reads discount-share',
    'segment regulars reads orders, lifecycle-stage',
    'template hello reads rfm',
  ];
  expect(await usersOf('shop')).toEqual([409, 'computed-trait.used', ...all]);
  const renamed = { schemaVersion: 1, id: 'shop', preset: 'commerce', prefix: 'shop-' };
  const answer = await api.replace(path('shop'), renamed, saved.json.etag);
  expect([answer.status, answer.json.code, answer.json.errors.length]).toEqual([409, 'computed-trait.used', 3]);
  const lint = await api.post(
    '/v1/journeys/asks/lint',
    journey('asks', { where: 'profile.rfm > 3 and profile.orders = "many"' }),
  );
  expect(lint.json.findings.map(({ code }: { code: string }) => code)).toContain('journey.types-mixed');
});

it('is shown with the profile as it is now, with until when, and since when it is complete', async () => {
  const now = Date.now();
  const document = orders('shown', { of: { event: 'Seen' } });
  await api.create(path('shown'), document);
  await api.create(path('shown-decays'), orders('shown-decays', { of: { event: 'Seen' }, within: 'ever', decay: {} }));
  const { feeds } = compileComputedTraits([
    ComputedTrait.parse(document),
    ComputedTrait.parse(orders('shown-decays', { of: { event: 'Seen' }, within: 'ever', decay: {} })),
  ]);
  const at = Math.floor(now / 60_000) * 60_000 - DAY_MS;
  const computed = Object.fromEntries([...feeds].map(([id, feed]) => [id, accumulate(undefined, [{ at }], feed)!]));
  const profile = { ...emptyProfile, ids: { user: 'ann' }, createdAt: at - DAY_MS, computed };
  await profileStore(api.dynamo.client, 'profiles').commit({
    key: profileKey('user', 'ann'),
    version: 1,
    at,
    epoch: 0,
    profile,
  });
  // The catalog that shows it is seconds old at most.
  await expect
    .poll(async () => (await api.request({ path: '/v1/profiles/ann' })).json.computed['shown'], {
      timeout: 15_000,
      interval: 500,
    })
    .toBeDefined();
  const shown = (await api.request({ path: '/v1/profiles/ann' })).json.computed;
  expect(shown.shown).toMatchObject({ value: 1, completeSince: formatInstant(at) });
  expect(Math.abs(Date.parse(shown.shown.validUntil) - at - 30 * DAY_MS)).toBeLessThanOrEqual(3_600_000);
  expect(shown['shown-decays']).toMatchObject({
    value: expect.closeTo(2 ** (-1 / 30), 3),
    validUntil: null,
    decays: true,
  });
});
