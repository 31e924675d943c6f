import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { itemStore } from '../../shared/data/item-store.ts';
import { startApi } from './api.ts';
import { journey } from './documents.ts';

let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const put = (path: string, body: unknown, headers: Record<string, string> = { 'if-none-match': '*' }) =>
  api.request({ method: 'PUT', path: `/v1/${path}`, body, headers });
const get = (path: string, query?: Record<string, string>) =>
  api.request({ path: `/v1/${path}`, ...(query && { query }) });
const remove = (path: string, query?: Record<string, string>) =>
  api.request({ method: 'DELETE', path: `/v1/${path}`, ...(query && { query }) });
const fields = { name: { type: 'string', required: true }, price: { type: 'money' } };
const collection = (id: string, more: object = {}) => ({ schemaVersion: 1, id, name: id, fields, ...more });
const wax = { values: { name: 'Wax', price: '18 EUR' } };
const template = (id: string, of: string, text: string) => ({
  ...{ schemaVersion: 1, id, variables: { 'event.sku': { type: 'string', example: 'wax' } } },
  lookups: { product: { collection: of, key: { ref: 'event.sku' }, onMissing: 'skip' } },
  variants: [{ channel: 'email', content: { subject: 'Hi', text } }],
});

describe('items', () => {
  beforeAll(async () => {
    expect((await put('collections/goods', collection('goods'))).status).toBe(201);
  });

  it('are saved, read, listed by page and deleted; also with an id that has a slash', async () => {
    for (const id of ['a', 'b']) expect((await put(`collections/goods/items/${id}`, wax)).status).toBe(204);
    const slash = { item: 'x/y' };
    const saved = await api.request({ method: 'PUT', path: '/v1/collections/goods/items/by', query: slash, body: wax });
    expect(saved.status).toBe(204);
    expect((await get('collections/goods/items/a')).json).toMatchObject({
      ...{ id: 'a', values: { name: 'Wax', price: { amount: 18, currency: 'EUR' } } },
      savedAt: expect.stringMatching(/^20/),
    });
    expect((await get('collections/goods/items/by', slash)).json).toMatchObject({ id: 'x/y' });
    const first = (await get('collections/goods/items', { limit: '2' })).json;
    expect(first.data.map(({ id }: { id: string }) => id)).toEqual(['a', 'b']);
    const rest = (await get('collections/goods/items', { cursor: first.nextCursor })).json;
    expect(rest).toMatchObject({ data: [{ id: 'x/y' }], nextCursor: null });
    expect((await remove('collections/goods/items/by', slash)).status).toBe(204);
    expect((await remove('collections/goods/items/b')).status).toBe(204);
    for (const path of ['b', 'none'])
      expect((await get(`collections/goods/items/${path}`)).json.code).toBe('item.not-found');
  });

  it('are there until they expire, whatever the table has deleted by then', async () => {
    const store = itemStore(api.dynamo.client, 'collections');
    await store.put({ collection: 'goods', id: 'gone', values: { name: 'Old' }, savedAt: 1, expiresAt: 2 });
    expect((await get('collections/goods/items/gone')).status).toBe(404);
    expect(JSON.stringify((await get('collections/goods/items')).json)).not.toContain('gone');
    const late = await put('collections/goods/items/late', { ...wax, expiresAt: '2020-01-01T00:00:00Z' });
    expect(late.json).toMatchObject({
      code: 'item.expired',
      errors: [{ pointer: '/expiresAt', limit: 'later than now' }],
    });
    expect((await put('collections/goods/items/soon', { ...wax, expiresAt: '2099-01-01T00:00:00Z' })).status).toBe(204);
    expect((await get('collections/goods/items/soon')).json.expiresAt).toBe('2099-01-01T00:00:00.000Z');
  });

  it('come a hundred at a time, and one that is wrong costs no other one', async () => {
    const items = [
      { id: 'one', ...wax },
      { id: 'two', values: { name: 'Two', price: 'cheap', colour: 'red' } },
      { id: '', ...wax },
      { id: 'one', values: { name: 'The later one' } },
    ];
    const { status, json } = await api.request({
      method: 'POST',
      path: '/v1/collections/goods/items',
      body: { items },
    });
    expect(status).toBe(200);
    expect(json.results).toMatchObject([
      { index: 0, id: 'one', status: 'saved' },
      {
        ...{ index: 1, status: 'refused' },
        errors: [
          { pointer: '/values/price', code: 'item.type' },
          { pointer: '/values/colour', code: 'item.field-unknown', limit: 'name, price' },
        ],
      },
      { index: 2, status: 'refused', errors: [{ pointer: '/id', code: 'item.id' }] },
      { index: 3, status: 'saved' },
    ]);
    expect(JSON.stringify(json)).not.toMatch(/cheap|red/);
    expect((await get('collections/goods/items/one')).json.values).toEqual({ name: 'The later one' });
    const many = Array.from({ length: 101 }, (_, n) => ({ id: `n${n}`, ...wax }));
    const refused = await api.request({ method: 'POST', path: '/v1/collections/goods/items', body: { items: many } });
    expect(refused.json.errors).toMatchObject([{ pointer: '/items', code: 'items.too-long', limit: 'at most 100' }]);
  });

  it('belong to a collection that is there', async () => {
    expect((await put('collections/nowhere/items/a', wax)).json.code).toBe('collection.not-found');
    expect((await get('collections/nowhere/items')).status).toBe(404);
  });
});

describe('a collection', () => {
  it('keeps true what its items hold: fields come and loosen, until it is empty', async () => {
    await put('collections/strict', collection('strict'));
    await put('collections/strict/items/a', wax);
    const save = async (changed: object) => {
      const { etag } = (await get('collections/strict')).headers;
      return put('collections/strict', collection('strict', { fields: changed }), { 'if-match': etag! });
    };
    const { name, price } = fields;
    for (const [changed, code] of [
      [{ name }, 'collection.field-removed'],
      [{ name, price: { type: 'number' } }, 'collection.field-type'],
      [{ name, price: { ...price, required: true } }, 'collection.field-required'],
      [{ name, price: { ...price, currency: 'EUR' } }, 'collection.field-currency'],
      [{ name: { ...name, enum: ['Wax'] }, price }, 'collection.field-enum'],
      [{ name, price, more: { type: 'url', required: true } }, 'collection.field-required'],
    ] as const) {
      const { status, json } = await save(changed);
      expect([status, json.code, json.errors[0].code]).toEqual([409, 'collection.breaks-items', code]);
    }
    expect((await save({ name: { type: 'string' }, price, more: { type: 'url' } })).status).toBe(200);
    await remove('collections/strict/items/a');
    expect((await save({ name, price: { type: 'number' } })).status).toBe(200);
  });

  it('keeps what templates read, is not removed under them, and goes with its items by a job', async () => {
    await put(
      'collections/used',
      collection('used', { fields: { ...fields, stock: { type: 'integer', required: true } } }),
    );
    expect(
      (await put('templates/reads', template('reads', 'used', '{{ lookups.product.stock | number }}'))).status,
    ).toBe(201);
    const { etag } = (await get('collections/used')).headers;
    const without = await put('collections/used', collection('used'), { 'if-match': etag! });
    expect(without.json.code).toBe('collection.breaks-templates');
    const codes = without.json.errors.map(({ code }: { code: string }) => code);
    expect(codes).toContain('template.lookup-field-unknown');
    expect(without.json.errors[0].detail).toContain('template reads/variants/0/content/text');
    const used = await remove('collections/used');
    expect(used.json).toMatchObject({ code: 'collection.used', errors: [{ detail: 'template reads' }] });
    await remove('templates/reads');
    await put('collections/used/items/a', { values: { name: 'A', stock: 1 } });
    const gone = await remove('collections/used');
    expect([gone.status, gone.json.kind]).toEqual([202, 'clear']);
    expect((await get('collections/used')).status).toBe(404);
    // The job has not run yet: what lies there is of another collection.
    expect((await put('collections/used', collection('used'))).json.code).toBe('collection.clearing');
    expect((await remove('collections/used')).json.id).toBe(gone.json.id);
  });

  it('is not removed under a version of a template that a journey pins, whatever is live, until that is stopped', async () => {
    await put('collections/pinned', collection('pinned'));
    await put('topics/offers', { id: 'offers', kind: 'marketing', consent: { email: 'opt-out' } });
    await put(
      'templates/old',
      template('old', 'pinned', '{{ unsubscribe_url }} {{ postal_address }} {{ lookups.product.name }}'),
    );
    const { lookups: _, ...without } = template('old', 'pinned', '{{ unsubscribe_url }} {{ postal_address }}');
    const saved = await put('templates/old', without, { 'if-match': (await get('templates/old')).headers['etag']! });
    expect(saved.status).toBe(200);
    const steps = { seen: { type: 'message', template: 'old@1', channels: ['email'], next: 'end' } };
    const pins = journey('pins', { start: 'seen', steps, entry: [{ on: 'event', event: 'Seen' }] });
    const draft = await put('journeys/pins', pins);
    const draftEtag = draft.headers['etag']!.slice(1, -1);
    const published = await api.post('/v1/journeys/pins/publish', { draftEtag });
    expect(published.status, JSON.stringify(published.json)).toBe(200);
    const used = await remove('collections/pinned');
    expect(used).toMatchObject({ status: 409, json: { code: 'collection.used' } });
    expect(used.json.errors).toEqual([
      {
        ...{ pointer: '', code: 'collection.used-by', detail: 'journey pins, step seen: template old@1' },
        fix: 'publish it with another version of the template, or stop the journey',
      },
    ]);
    await api.post('/v1/journeys/pins/stop', { mode: 'now' });
    expect((await remove('collections/pinned')).status).toBe(202);
  });

  it('refuses templates that ask for what it has not, and examples that are none', async () => {
    await put('collections/asked', collection('asked'));
    const asks = await put('templates/asks', template('asks', 'asked', '{{ lookups.product.nmae }}'));
    expect(asks.json).toMatchObject({
      status: 422,
      code: 'template.lookup-field-unknown',
      errors: [{ fix: 'did you mean name?' }],
    });
    const odd = collection('odd', { fields: { price: { type: 'money', example: 'cheap' } } });
    expect((await put('collections/odd', odd)).json.errors).toMatchObject([{ pointer: '/fields/price/example' }]);
  });
});

it('a preview reads the items that are there, or takes what it is given', async () => {
  await put('collections/shown', collection('shown'));
  await put('collections/shown/items/wax', wax);
  const text =
    '{{ lookups.product.name }}{% if lookups.product.price %} {{ lookups.product.price | money }}{% endif %}';
  await put('templates/shows', template('shows', 'shown', text));
  const body = { channel: 'email', locale: 'en' };
  const preview = async (more: object) =>
    (await api.request({ method: 'POST', path: '/v1/templates/shows/previews', body: { ...body, ...more } })).json;
  expect((await preview({})).rendered.text).toBe('Wax 18,00 €');
  expect((await preview({ lookups: { product: { name: 'Given' } } })).rendered.text).toBe('Given');
  expect(await preview({ values: { event: { sku: 'none' } } })).toMatchObject({
    findings: [{ code: 'lookup.example' }],
  });
});

it('items are imported by who may write to collections', async () => {
  const key = await api.newKey('profiles:import');
  const body = { kind: 'items', upload: 'none' };
  const { status, json } = await api.request({ method: 'POST', path: '/v1/imports', body, key });
  expect([status, json.detail]).toEqual([403, 'to import items, the scope collections:write is needed and missing']);
});
