import { canonicalJson, type Json } from '../../kernel/canonical-json.ts';
import { normaliseAddress } from '../messaging/address.ts';
import { readCountry, readRegion } from './countries.ts';
import { readCurrency, readMoney } from './money.ts';
import type { Pattern } from './pattern.ts';
import { isRecord, type Normalised, readDay, readInstant, readPhone } from './reserved-traits.ts';
import type { TraitSchema, TraitType } from './trait-schema.ts';

export interface CleaningRule {
  readonly schema: TraitSchema;
  readonly pattern?: Pattern;
  /** Canonical JSON of what the enum allows. */
  readonly allowed?: ReadonlySet<string>;
}

/** What is wrong with a value: never the value itself, but its type or its size. */
export interface WrongValue {
  readonly code: 'type' | 'format' | 'min' | 'max' | 'enum' | 'too-long' | 'pattern' | 'currency';
  /** What it had to be. */
  readonly limit: string | number;
  readonly actual: string | number;
  /** Which part of the trait's value. */
  readonly part?: string;
}

export type Cleaned = { readonly value: Json } | { readonly why: WrongValue };

/** Brings a value into its type's one form, if nothing is lost by it, and asks what else the schema says. */
export function cleanValue(rule: CleaningRule, value: Json, country: string | undefined): Cleaned {
  const read = readers[rule.schema.type](value, rule.schema, country);
  if ('why' in read) return read;
  const why = checks(rule, read.value);
  return why === undefined ? read : { why };
}

type Reader = (value: Json, schema: TraitSchema, country: string | undefined) => Cleaned;

const jsonType = (value: Json): string => (value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value);
const notOfType = (value: Json, { type }: TraitSchema): Cleaned => ({
  why: { code: 'type', limit: type, actual: jsonType(value) },
});
const notInForm = (value: Json, { type }: TraitSchema): Cleaned => ({
  why: {
    code: 'format',
    limit: type,
    actual: typeof value === 'string' ? `${length(value)} characters` : jsonType(value),
  },
});
const length = (text: string): number => [...text].length;

const asText =
  (read: (text: string, schema: TraitSchema, country: string | undefined) => Json | undefined): Reader =>
  (value, schema, country) => {
    if (typeof value !== 'string') return notOfType(value, schema);
    const found = read(value, schema, country);
    return found === undefined ? notInForm(value, schema) : { value: found };
  };

/** By the readers of reserved traits, which keep what they cannot read. */
const asReserved =
  (read: (value: Json, country: string | undefined) => Normalised): Reader =>
  (value, schema, country) => {
    if (typeof value !== 'string' && typeof value !== 'number') return notOfType(value, schema);
    const { value: found, unusual } = read(value, country);
    return unusual === undefined ? { value: found } : notInForm(value, schema);
  };

const asNumber: Reader = (value, schema) => {
  if (typeof value === 'number') return { value };
  if (typeof value !== 'string') return notOfType(value, schema);
  const number = readNumber(value);
  return number === undefined ? notInForm(value, schema) : { value: number };
};

const readers: { readonly [T in TraitType]: Reader } = {
  string: (value, schema) => {
    if (typeof value === 'string') return { value };
    return typeof value === 'number' ? { value: String(value) } : notOfType(value, schema);
  },
  number: asNumber,
  integer: (value, schema, country) => {
    const read = asNumber(value, schema, country);
    if ('why' in read || Number.isSafeInteger(read.value)) return read;
    return { why: { code: 'format', limit: 'integer', actual: 'number' } };
  },
  boolean: (value, schema) => {
    if (typeof value === 'boolean') return { value };
    if (typeof value !== 'string') return notOfType(value, schema);
    const word = value.trim().toLowerCase();
    return word === 'true' || word === 'false' ? { value: word === 'true' } : notInForm(value, schema);
  },
  instant: asReserved((value) => readInstant(value)),
  day: asReserved((value) => readDay(value)),
  list: (value, schema) => (Array.isArray(value) ? { value } : notOfType(value, schema)),
  object: (value, schema) => (isRecord(value) ? { value } : notOfType(value, schema)),
  email: asText((text) => normaliseAddress('email', text)),
  phone: asReserved(readPhone),
  country: asText((text) => readCountry(text)),
  region: asText((text, _schema, country) => readRegion(text, country)),
  currency: asText((text) => readCurrency(text)),
  money: (value, schema) => {
    const { currency: other, amount } = moneyOf(value);
    if (amount === undefined) {
      return isRecord(value) || typeof value === 'string' ? notInForm(value, schema) : notOfType(value, schema);
    }
    if (other === undefined || other === schema.currency) return { value: amount };
    return { why: { code: 'currency', limit: schema.currency!, actual: 'another currency' } };
  },
};

/** An amount as a number, as a text, or as an object of both; the amount is undefined in what has none. */
function moneyOf(value: Json): { readonly amount?: number; readonly currency?: string } {
  if (typeof value === 'number') return { amount: value };
  if (typeof value === 'string') return readMoney(value) ?? {};
  if (!isRecord(value)) return {};
  const { amount: inner = null, currency } = value as { readonly amount?: Json; readonly currency?: Json };
  const { amount } = isRecord(inner) ? {} : moneyOf(inner);
  if (amount === undefined) return {};
  if (currency === undefined) return { amount };
  const code = typeof currency === 'string' ? readCurrency(currency) : undefined;
  return code === undefined ? {} : { amount, currency: code };
}

/** A double holds every decimal of 15 digits: more of them, and something would be lost. */
function readNumber(text: string): number | undefined {
  const [, digits] = /^[+-]?(\d{1,30}(?:\.\d{1,30})?)$/.exec(text.trim()) ?? [];
  return digits !== undefined && digits.replace('.', '').replace(/^0+/, '').length <= 15 ? Number(text) : undefined;
}

function checks({ schema, pattern, allowed }: CleaningRule, value: Json): WrongValue | undefined {
  const { min, max, maxLength } = schema;
  if (typeof value === 'number') {
    if (min !== undefined && value < min) return { code: 'min', limit: min, actual: 'less' };
    if (max !== undefined && value > max) return { code: 'max', limit: max, actual: 'more' };
  }
  const size = typeof value === 'string' ? length(value) : Array.isArray(value) ? value.length : undefined;
  if (maxLength !== undefined && size !== undefined && size > maxLength) {
    return { code: 'too-long', limit: maxLength, actual: size };
  }
  if (allowed !== undefined) {
    const wrong = [value].flat().findIndex((one) => !allowed.has(canonicalJson(one as Json)));
    if (wrong >= 0) {
      const actual = Array.isArray(value) ? `item ${wrong}` : jsonType(value);
      return { code: 'enum', limit: `one of ${allowed.size}`, actual };
    }
  }
  if (pattern !== undefined && typeof value === 'string' && !pattern.matches(value)) {
    return { code: 'pattern', limit: schema.pattern!, actual: `${size} characters` };
  }
  return undefined;
}
