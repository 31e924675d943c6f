import { describe, expect, it } from 'vitest';
import { cachedItems, itemCacheLimits } from '../../shared/app/collections/item-cache.ts';
import type { StoredItem } from '../../shared/app/collections/items.ts';
import { checkTemplate } from '../../shared/app/compile-template.ts';
import { withLookups } from '../../shared/app/outgoing/making.ts';
import { type PreviewInput, preview } from '../../shared/app/preview.ts';
import { Block } from '../../shared/domain/messaging/block.ts';
import { Collection } from '../../shared/domain/messaging/collection.ts';
import type { Policy } from '../../shared/domain/messaging/policy.ts';
import { Template } from '../../shared/domain/messaging/template.ts';
import { emptyProfile } from '../../shared/domain/profiles/profile.ts';

const products = Collection.parse({
  ...{ schemaVersion: 1, id: 'products', name: 'Products' },
  fields: {
    name: { type: 'string', required: true, example: 'Rain jacket' },
    price: { type: 'money', required: true, example: { amount: 89.5, currency: 'EUR' } },
    stock: { type: 'integer' },
    image: { type: 'url' },
  },
});
const collections = new Map([['products', products]]);
const one = { collection: 'products', key: { ref: 'event.sku' }, onMissing: 'skip' };
const many = { collection: 'products', keys: { ref: 'event.skus' }, limit: 2, onMissing: 'empty' };
const variables = {
  'event.sku': { type: 'string', example: 'jacket' },
  'event.skus': { type: 'list', example: ['jacket', 'boots'] },
};
const mail = (text: string, lookups: object = { product: one }, more: object = {}) =>
  Template.parse({
    ...{ schemaVersion: 1, id: 'seen', variables, lookups },
    variants: [{ channel: 'email', content: { subject: 'Seen', text } }],
    ...more,
  });
const codes = async (template: Template, blocks = new Map()) =>
  (await checkTemplate(template, { collections, blocks })).map(({ code, pointer }) => `${code} ${pointer}`);

describe('a template that looks things up is sound, or is refused by name before it is live', () => {
  const text = '/variants/0/content/text';
  it.each<[what: string, template: Template, finding: string | undefined]>([
    [
      'price and stock',
      mail('{{ lookups.product.price | money }}{% if lookups.product.stock > 0 %}!{% endif %}'),
      undefined,
    ],
    ['the id itself', mail('{{ lookups.product.id }}'), undefined],
    ['a list', mail('{% for p in lookups.also %}{{ p.name }}{% endfor %}', { also: many }), undefined],
    ['a list by place', mail('{{ lookups.also[0].name }}{{ lookups.also.size }}', { also: many }), undefined],
    [
      'what may be missing, asked for first',
      mail('{% if lookups.a %}{{ lookups.a.price | money }}{% endif %}', { a: { ...one, onMissing: 'empty' } }),
      undefined,
    ],
    ['a fixed id', mail('{{ lookups.a.name }}', { a: { ...one, key: 'hit' } }), undefined],
    ['by what a step gives', mail('{{ lookups.a.name }}', { a: { ...one, key: { ref: 'vars.sku' } } }), undefined],
    [
      'another collection',
      mail('{{ lookups.a.name }}', { a: { ...one, collection: 'prodcts' } }),
      'template.collection-unknown /lookups/a/collection',
    ],
    ['another field', mail('{{ lookups.product.nmae }}'), `template.lookup-field-unknown ${text}`],
    [
      'another field in a loop',
      mail('{% for p in lookups.also %}{{ p.nmae }}{% endfor %}', { also: many }),
      `template.lookup-field-unknown ${text}`,
    ],
    [
      'another field behind a filter',
      mail('{{ lookups.also | map: "nmae" | join }}', { also: many }),
      `template.lookup-field-unknown ${text}`,
    ],
    ['a field of a list', mail('{{ lookups.also.name }}', { also: many }), `template.lookup-field-unknown ${text}`],
    [
      'a look-up that is not there',
      mail('{{ lookups.product.name }}{{ lookups.other.name }}'),
      `template.lookup-undeclared ${text}`,
    ],
    ['one that nobody reads', mail('Hello'), 'template.lookup-unused /lookups/product'],
    [
      'any, by a name made later',
      mail('{{ lookups[vars.a] }}{{ lookups.product.name }}'),
      `template.variable-open ${text}`,
    ],
    [
      'by what no message carries',
      mail('{{ lookups.a.name }}', { a: { ...one, key: { ref: 'event.id' } } }),
      'template.variable-undeclared /lookups/a/key/ref',
    ],
    [
      'by a list, where one id is due',
      mail('{{ lookups.a.name }}', { a: { ...one, key: { ref: 'event.skus' } } }),
      'template.lookup-key-type /lookups/a/key/ref',
    ],
    [
      'by one id, where a list is due',
      mail('{{ lookups.a.size }}', { a: { ...many, keys: { ref: 'event.sku' } } }),
      'template.lookup-key-type /lookups/a/keys/ref',
    ],
    [
      'what may be missing, not asked for',
      mail('{{ lookups.a.price | money }}', { a: { ...one, onMissing: 'empty' } }),
      `template.failed ${text}`,
    ],
    ['what not every item has', mail('{{ lookups.product.stock | number }}'), `template.failed ${text}`],
  ])('%s', async (_what, template, finding) => {
    expect(await codes(template)).toEqual(finding === undefined ? [] : [finding]);
  });

  it('also where a block reads it, once it is in its place', async () => {
    const block = Block.parse({
      ...{ schemaVersion: 1, id: 'price' },
      variants: [{ content: { text: '{{ lookups.product.price | money }}{{ lookups.product.colour }}' } }],
    });
    const blocks = new Map([['price', block]]);
    expect(await codes(mail("{% render 'price' %}"), blocks)).toEqual([`template.lookup-field-unknown ${text}`]);
  });

  it.each<[object, string]>([
    [Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, one])), 'lookups'],
    [{ a: { ...many, limit: 20 }, b: { ...many, limit: 11 } }, 'lookup-items'],
    [{ a: { ...many, limit: 21 } }, ''],
    [{ A: one }, ''],
  ])('more than the limits: %#', (lookups, code) => {
    const parsed = Template.safeParse({ ...mail(''), lookups });
    expect(parsed.error?.issues[0]).toMatchObject(code === '' ? {} : { params: { code } });
    expect(parsed.success).toBe(false);
  });
});

const item = (id: string, more: Partial<StoredItem> = {}): StoredItem => ({
  ...{ collection: 'products', id, savedAt: 1 },
  values: { name: `The ${id}`, price: { amount: 5, currency: 'EUR' }, stock: 3 },
  ...more,
});

describe('a message', () => {
  const now = 1_000_000;
  const stock = [item('jacket'), item('boots'), item('hat'), item('old', { expiresAt: now })];
  const asked: string[][] = [];
  const read = async (wanted: readonly { readonly id: string }[]) => {
    asked.push(wanted.map(({ id }) => id));
    return stock.filter(({ id }) => wanted.some((key) => key.id === id));
  };
  const lookedUp = async (template: Template, event: object) => {
    asked.length = 0;
    const values = { event } as never;
    const request = {
      ...{ id: 'm', key: 'k', channel: 'email', topic: 't', values, onUnknown: 'count' },
      decidedAt: 0,
    };
    const policy = { schemaVersion: 1, zone: 'UTC', locale: 'en', quietHours: [], caps: [] };
    const material = {
      request,
      profile: emptyProfile,
      template: { document: template, version: 7 },
      policy,
      now,
      zone: 'UTC',
    };
    return withLookups(material as never, read as never);
  };

  it('has one item, or a list in the order of its ids, each once and so many', async () => {
    const template = mail('{{ lookups.product.name }}{{ lookups.also.size }}', { product: one, also: many });
    const got = await lookedUp(template, { sku: 'hat', skus: ['boots', 'boots', 'none', 'jacket'] });
    expect(got).toMatchObject({ lookups: { product: { id: 'hat', name: 'The hat' }, also: [{ id: 'boots' }] } });
    expect(asked).toEqual([['hat', 'boots', 'none']]);
  });

  it('finds ids in a list of objects, and numbers too', async () => {
    stock.push(item('7'));
    const also = { ...many, keys: { ref: 'event.skus', property: 'product_id' } };
    const got = await lookedUp(mail('{{ lookups.also.size }}', { also }), {
      skus: [{ product_id: 7 }, { other: 1 }, 'x'],
    });
    expect(got).toMatchObject({ lookups: { also: [{ id: '7' }] } });
  });

  it('reads nothing for a template without look-ups, nor for one that this variant does not name', async () => {
    await lookedUp(mail('Hello', {}), { sku: 'hat' });
    await lookedUp(mail('Hello'), { sku: 'hat' });
    expect(asked).toEqual([]);
  });

  it.each<[what: string, event: object, missing: string]>([
    ['there is no id', {}, 'key'],
    ['the id is of no use', { sku: { a: 1 } }, 'key'],
    ['there is no such item', { sku: 'ada@mail.example' }, 'item'],
    ['the item has expired', { sku: 'old' }, 'item'],
  ])('is not sent when %s; the reason names the look-up, never the id', async (_what, event, missing) => {
    const got = await lookedUp(mail('{{ lookups.product.name }}'), event);
    const detail = { template: 'seen@7', lookup: 'product', collection: 'products', key: 'event.sku', missing };
    expect(got).toEqual({ refused: 'lookup.missing', as: 'not-sent', detail });
  });

  it('does without, where the template says so', async () => {
    const lookups = { product: { ...one, onMissing: 'empty' }, also: many };
    const got = await lookedUp(mail('{{ lookups.product.name }}{{ lookups.also.size }}', lookups), { sku: 'none' });
    expect(got).toMatchObject({ lookups: { product: null, also: [] } });
  });
});

describe('a preview', () => {
  const policy: Policy = { schemaVersion: 1, zone: 'UTC', locale: 'en', quietHours: [], caps: [] };
  const sender = { id: 'shop', from: 'shop@example.com', postalAddress: 'Street 1' };
  const template = mail('{{ lookups.product.name }} {{ lookups.product.price | money }}');
  const shown = (more: Partial<PreviewInput>) =>
    preview({ template, channel: 'email', topicKind: 'transactional', collections, policy, sender, now: 0, ...more });

  it('shows what is there now', async () => {
    const { rendered, findings } = await shown({ readItems: async () => [item('jacket')] });
    expect(rendered?.text).toBe('The jacket €5.00');
    expect(findings).toEqual([]);
  });
  it('shows an example where nothing is, and says so; of a customer it says that nothing would be sent', async () => {
    const { rendered, findings } = await shown({});
    expect(rendered?.text).toBe('Rain jacket €89.50');
    expect(findings).toMatchObject([{ code: 'lookup.example' }]);
    const real = await shown({ profile: emptyProfile });
    expect(real.rendered).toBeUndefined();
    expect(real.findings).toMatchObject([{ code: 'lookup.missing' }]);
  });
  it('shows what it is given, as it would be saved', async () => {
    const price = { amount: '7', currency: 'eur' };
    const { rendered } = await shown({ lookups: { product: { name: 'Hat', price } } });
    expect(rendered?.text).toBe('Hat €7.00');
    await expect(shown({ lookups: { other: {} } })).rejects.toMatchObject({ code: 'preview.lookup-unknown' });
    await expect(shown({ lookups: { product: [] } })).rejects.toMatchObject({ code: 'preview.lookup-shape' });
    await expect(shown({ lookups: { product: { name: 'Hat' } } })).rejects.toMatchObject({
      problems: [{ pointer: '/lookups/product/price', code: 'item.field-missing' }],
    });
  });
});

describe('what a sender knows of items', () => {
  const jacket = { collection: 'products', id: 'jacket' };
  function cache() {
    const world = { now: 0, price: 1, fails: false, reads: 0 };
    const read = cachedItems(
      async (wanted) => {
        world.reads += 1;
        if (world.fails) throw new Error('no table');
        const found = wanted.filter(({ id }) => id !== 'none');
        return found.map(({ id }) => item(id, { values: { price: world.price } }));
      },
      () => world.now,
    );
    return { world, read };
  }

  it('is thirty seconds old at most', async () => {
    const { world, read } = cache();
    expect(await read([jacket])).toMatchObject([{ values: { price: 1 } }]);
    Object.assign(world, { price: 2, now: 29_999 });
    expect(await read([jacket])).toMatchObject([{ values: { price: 1 } }]);
    world.now = 30_000;
    expect(await read([jacket])).toMatchObject([{ values: { price: 2 } }]);
    expect(world.reads).toBe(2);
  });
  it('asks once for what a thousand messages want at the same time', async () => {
    const { world, read } = cache();
    const all = await Promise.all(Array.from({ length: 1_000 }, () => read([jacket])));
    expect(all.flat()).toHaveLength(1_000);
    expect(world.reads).toBe(1);
  });
  it('asks again for what was not there, and after a failure, of which everybody learns', async () => {
    const { world, read } = cache();
    const none = { collection: 'products', id: 'none' };
    expect(await read([none])).toEqual([]);
    expect(await read([none])).toEqual([]);
    expect(world.reads).toBe(2);
    world.fails = true;
    const both = await Promise.allSettled([read([jacket]), read([jacket])]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    world.fails = false;
    expect(await read([jacket])).toHaveLength(1);
  });
  it('forgets the longest there when it is full', async () => {
    const { world, read } = cache();
    await read([jacket]);
    for (let n = 0; n < itemCacheLimits.items; n += 1) await read([{ collection: 'products', id: `p${n}` }]);
    const before = world.reads;
    await read([{ collection: 'products', id: 'p999' }]);
    expect(world.reads).toBe(before);
    await read([jacket]);
    expect(world.reads).toBe(before + 1);
  });
});
