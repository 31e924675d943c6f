import { canonicalJson, type Json } from '../../kernel/canonical-json.ts';
import { hasForbiddenCharacters } from '../../kernel/clean-text.ts';
import { guardDocument } from '../../kernel/document-guard.ts';
import type { Problem } from '../../kernel/errors.ts';
import { jsonPointer } from '../../kernel/json-pointer.ts';
import { jsonType } from '../../kernel/json-type.ts';
import { type Cleaned, cleanValue } from '../profiles/clean-value.ts';
import { readCurrency, readMoney } from '../profiles/money.ts';
import { isRecord } from '../profiles/reserved-traits.ts';
import { type Collection, type CollectionField, collectionLimits, type FieldType } from './collection.ts';

export type ItemValues = { readonly [field: string]: Json };

/** One thing of a collection; nobody's personal data. */
export interface Item {
  readonly id: string;
  readonly values: ItemValues;
  /** Epoch milliseconds. */
  readonly savedAt: number;
  /** From then on it is not there. */
  readonly expiresAt?: number;
}

export const isItemId = (id: unknown): id is string =>
  typeof id === 'string' &&
  id !== '' &&
  id.length <= collectionLimits.itemIdCharacters &&
  // A sort key has at most 1,024 bytes (DynamoDB, "Service, account, and table quotas").
  Buffer.byteLength(id) <= 1_024 &&
  !hasForbiddenCharacters(id);

export const ITEM_ID_LIMIT = `1 to ${collectionLimits.itemIdCharacters} characters, 1,024 bytes, none of them a control character`;

/** Brought into the form of each field's type, or all that is wrong; null stands for nothing. */
export function cleanItem(
  { fields }: Pick<Collection, 'fields'>,
  values: ItemValues,
): { readonly values: ItemValues } | { readonly problems: readonly Problem[] } {
  const guarded = guardDocument(values, 'item', { depth: 5, bytes: collectionLimits.itemBytes });
  if (guarded.length > 0) return { problems: guarded };
  const problems: Problem[] = [];
  const cleaned: { [field: string]: Json } = {};
  for (const [name, value] of Object.entries(values)) {
    const pointer = jsonPointer([name]);
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) {
      const limit = Object.keys(fields).join(', ');
      problems.push({ pointer, code: 'item.field-unknown', detail: 'the collection has no such field', limit });
      continue;
    }
    if (value === null) continue;
    const read = readers[field.type](value, field);
    if ('why' in read) problems.push({ pointer, detail: wrong(field), ...read.why, code: `item.${read.why.code}` });
    else cleaned[name] = read.value;
  }
  for (const [name, field] of Object.entries(fields)) {
    if (field.required !== true || Object.hasOwn(cleaned, name)) continue;
    if (Object.hasOwn(values, name) && values[name] !== null) continue;
    problems.push({
      pointer: jsonPointer([name]),
      code: 'item.field-missing',
      detail: 'required, and not there',
      limit: field.type,
    });
  }
  return problems.length > 0 ? { problems } : { values: cleaned };
}

const wrong = ({ type }: CollectionField): string => `not ${type === 'integer' ? 'an' : 'a'} ${type} as the field says`;

type Reader = (value: Json, field: CollectionField) => Cleaned;

/** As schemas of traits read them. */
const asTrait =
  (type: Exclude<FieldType, 'money' | 'url'>): Reader =>
  (value, field) => {
    const allowed = field.enum && new Set(field.enum.map((one) => canonicalJson(one)));
    return cleanValue({ schema: { type }, ...(allowed !== undefined && { allowed }) }, value, undefined);
  };

const readers: { readonly [T in FieldType]: Reader } = {
  string: asTrait('string'),
  number: asTrait('number'),
  integer: asTrait('integer'),
  boolean: asTrait('boolean'),
  instant: asTrait('instant'),
  day: asTrait('day'),
  list: asTrait('list'),
  url: (value) => {
    if (typeof value !== 'string') return refused('type', 'url', jsonType(value));
    return isWebUrl(value) ? { value } : refused('format', 'an address of http or https', `${value.length} characters`);
  },
  money: (value, { currency: own }) => {
    const { amount, currency = own } = moneyOf(value);
    const form = 'an amount with its currency: {"amount": 12.9, "currency": "EUR"} or "12.90 EUR"';
    if (amount === undefined) return refused(isRecord(value) ? 'format' : 'type', form, jsonType(value));
    if (currency === undefined) return refused('format', form, 'no currency');
    if (own !== undefined && currency !== own) return refused('currency', own, 'another currency');
    return { value: { amount, currency } };
  },
};

const refused = (
  code: 'type' | 'format' | 'currency',
  limit: string,
  actual: string,
): Extract<Cleaned, { why: unknown }> => ({ why: { code, limit, actual } });

function moneyOf(value: Json): { readonly amount?: number; readonly currency?: string } {
  if (typeof value === 'number') return { amount: value };
  if (typeof value === 'string') return readMoney(value) ?? {};
  if (!isRecord(value) || Object.keys(value).some((key) => key !== 'amount' && key !== 'currency')) return {};
  const { amount: inner = null, currency } = value as { readonly amount?: Json; readonly currency?: Json };
  const amount = isRecord(inner) ? undefined : moneyOf(inner).amount;
  if (amount === undefined) return {};
  if (currency === undefined) return { amount };
  const code = typeof currency === 'string' ? readCurrency(currency) : undefined;
  return code === undefined ? {} : { amount, currency: code };
}

function isWebUrl(text: string): boolean {
  if (text.length > 2_048) return false;
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:');
}

/** @param of `required`: an item that has no more than every item has. */
export function exampleItem({ fields }: Collection, of: 'all' | 'required' = 'all'): { readonly [name: string]: Json } {
  const named = Object.entries(fields).filter(([, { required }]) => of === 'all' || required === true);
  return { ...Object.fromEntries(named.map(([name, field]) => [name, exampleOf(field)])), id: 'example' };
}

function exampleOf(field: CollectionField): Json {
  if (field.example !== undefined) {
    const read = readers[field.type](field.example as Json, field);
    return 'value' in read ? read.value : madeUp(field);
  }
  return madeUp(field);
}

function madeUp({ type, currency = 'EUR', enum: allowed }: CollectionField): Json {
  if (allowed !== undefined) return allowed[0]!;
  return { ...examples, money: { amount: 12.9, currency } }[type];
}

const examples: { readonly [T in Exclude<FieldType, 'money'>]: Json } = {
  string: 'Example',
  number: 1,
  integer: 1,
  boolean: true,
  url: 'https://shop.invalid/example.png',
  instant: '2026-01-01T12:00:00.000Z',
  day: '2026-01-01',
  list: ['Example'],
};

/** An example that is none of its type would check templates with what no item can be. */
export const checkExamples = ({ fields }: Collection): Problem[] =>
  Object.entries(fields).flatMap(([name, field]): Problem[] => {
    if (field.example === undefined) return [];
    const read = readers[field.type](field.example as Json, field);
    if ('value' in read) return [];
    const { code: _, limit, actual } = read.why;
    const pointer = jsonPointer(['fields', name, 'example']);
    return [{ pointer, code: 'collection.example', detail: wrong(field), limit, actual }];
  });
