import { describe, expect, it } from 'vitest';
import { Collection } from '../../../shared/domain/messaging/collection.ts';
import { checkExamples, cleanItem, exampleItem } from '../../../shared/domain/messaging/collection-item.ts';
import type { Json } from '../../../shared/kernel/canonical-json.ts';

const collection = (fields: object) => Collection.parse({ schemaVersion: 1, id: 'products', name: 'Products', fields });
const one = (field: object, value: Json) => {
  const read = cleanItem(collection({ it: field }), { it: value });
  return 'values' in read ? read.values['it'] : read.problems.map(({ code, pointer }) => `${code} ${pointer}`).join();
};
const euro = { amount: 12.9, currency: 'EUR' };

describe('a value comes into the form of its field, or is refused by name', () => {
  it.each<[field: object, value: Json, becomes: Json]>([
    [{ type: 'string' }, 'Wax', 'Wax'],
    [{ type: 'string' }, 250, '250'],
    [{ type: 'string' }, ['Wax'], 'item.type /it'],
    [{ type: 'string', enum: ['S', 'M'] }, 'M', 'M'],
    [{ type: 'string', enum: ['S', 'M'] }, 'L', 'item.enum /it'],
    [{ type: 'number' }, '1.5', 1.5],
    [{ type: 'integer' }, 1.5, 'item.format /it'],
    [{ type: 'boolean' }, 'true', true],
    [{ type: 'day' }, '2026-12-24T10:00:00Z', '2026-12-24'],
    [{ type: 'instant' }, '2026-12-24T10:00:00+01:00', '2026-12-24T09:00:00.000Z'],
    [{ type: 'list' }, ['a', 'b'], ['a', 'b']],
    [{ type: 'list' }, 'a', 'item.type /it'],
    [{ type: 'url' }, 'https://shop.example/a.png', 'https://shop.example/a.png'],
    [{ type: 'url' }, 'javascript:alert(1)', 'item.format /it'],
    [{ type: 'url' }, '/a.png', 'item.format /it'],
    [{ type: 'money' }, euro, euro],
    [{ type: 'money' }, { amount: '12.90', currency: 'eur' }, euro],
    [{ type: 'money' }, '€ 12,90', euro],
    [{ type: 'money' }, 12.9, 'item.format /it'],
    [{ type: 'money', currency: 'EUR' }, 12.9, euro],
    [{ type: 'money', currency: 'USD' }, euro, 'item.currency /it'],
    [{ type: 'money' }, { ...euro, vat: 19 }, 'item.format /it'],
    [{ type: 'money' }, { amount: {}, currency: 'EUR' }, 'item.format /it'],
    [{ type: 'money' }, 'cheap', 'item.type /it'],
  ])('%j: %j → %j', (field, value, becomes) => {
    expect(one(field, value)).toEqual(becomes);
  });
});

it('null stands for nothing, and a field that every item has cannot be nothing', () => {
  const { fields } = collection({ name: { type: 'string', required: true }, stock: { type: 'integer' } });
  expect(cleanItem({ fields }, { name: 'Wax', stock: null })).toEqual({ values: { name: 'Wax' } });
  for (const values of [{}, { name: null }]) {
    expect(cleanItem({ fields }, values)).toMatchObject({
      problems: [{ pointer: '/name', code: 'item.field-missing' }],
    });
  }
});

it('an item has 8 KB and no fields but its collection’s; the refusal says limit and size', () => {
  const { fields } = collection({ name: { type: 'string' } });
  expect(cleanItem({ fields }, { name: 'x'.repeat(8_178) })).toHaveProperty('values');
  expect(cleanItem({ fields }, { name: 'x'.repeat(8_192) })).toMatchObject({
    problems: [{ code: 'item.too-large', limit: 8_192, actual: 8_203 }],
  });
  expect(cleanItem({ fields }, { naem: 'Wax' })).toMatchObject({
    problems: [{ pointer: '/naem', code: 'item.field-unknown', limit: 'name' }],
  });
});

it('examples are of their types, and stand for items; of every item only what is required is sure', () => {
  const made = collection({
    ...{ name: { type: 'string', required: true, example: 'Rain jacket' }, price: { type: 'money', required: true } },
    ...{ stock: { type: 'integer', example: 'many' }, colour: { type: 'string', enum: ['red'] } },
  });
  expect(checkExamples(made)).toMatchObject([{ pointer: '/fields/stock/example', limit: 'integer' }]);
  expect(exampleItem(made, 'required')).toEqual({ id: 'example', name: 'Rain jacket', price: euro });
  expect(exampleItem(made)).toMatchObject({ stock: 1, colour: 'red' });
});

it.each<[fields: object, code: string]>([
  [{}, 'fields'],
  [{ id: { type: 'string' } }, ''],
  [{ 'a b': { type: 'string' } }, ''],
  [{ a: { type: 'string', currency: 'EUR' } }, 'field-option'],
  [{ a: { type: 'money', enum: [1] } }, 'field-option'],
  [Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`f${i}`, { type: 'string' }])), 'fields'],
])('is no collection: %j', (fields, code) => {
  const { error } = Collection.safeParse({ schemaVersion: 1, id: 'a', name: 'A', fields });
  expect(error?.issues[0]).toMatchObject(code === '' ? {} : { params: { code } });
  expect(error).toBeDefined();
});
