import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import type { Json } from '../../kernel/canonical-json.ts';
import { formatInstant, parseCalendarDay, parseClientInstant } from '../../kernel/time.ts';
import { normaliseAddress } from '../messaging/address.ts';

/**
 * The reserved user traits of the Segment Spec (segment.com/docs/connections/spec/identify/#traits): matched without
 * regard to case, `created_at` = `createdAt`, and brought into one form, so that predicates and addresses can rely
 * on it. A value that cannot be read is kept as it came, and `unusual` says so.
 *
 * E-mail: trimmed and folded to lower case as a whole (messaging/address.ts). RFC 5321 lets the local part be case-sensitive; no provider of
 * note is, and one person with two spellings is the commoner harm.
 */
const names: { readonly [lowerCase: string]: string } = {
  address: 'address',
  age: 'age',
  avatar: 'avatar',
  birthday: 'birthday',
  company: 'company',
  createdat: 'createdAt',
  created_at: 'createdAt',
  description: 'description',
  email: 'email',
  firstname: 'firstName',
  first_name: 'firstName',
  gender: 'gender',
  id: 'id',
  lastname: 'lastName',
  last_name: 'lastName',
  locale: 'locale',
  name: 'name',
  phone: 'phone',
  timezone: 'timezone',
  title: 'title',
  username: 'username',
  website: 'website',
};

export function traitName(name: string): string {
  const lower = name.toLowerCase();
  return Object.hasOwn(names, lower) ? names[lower]! : name;
}

/** One that the product or a message goes by: nothing may hide it. */
export const isReservedTrait = (name: string): boolean =>
  Object.hasOwn(names, name.toLowerCase()) || name === 'country' || name === 'groups';

export interface Normalised {
  readonly value: Json;
  /** Why the value is kept as it came. */
  readonly unusual?: 'email' | 'phone' | 'birthday' | 'instant' | 'age';
}

/** @param country ISO 3166 alpha-2 of the customer's address, for phone numbers that are written nationally. */
export function normaliseTrait(name: string, value: Json, country: string | undefined): Normalised {
  const text = trimmed(value);
  switch (name) {
    case 'email': {
      const address = normaliseAddress('email', value);
      return address === undefined ? { value: text ?? value, unusual: 'email' } : { value: address };
    }
    case 'phone':
      return readPhone(value, country);
    case 'birthday':
      return readDay(value);
    case 'createdAt':
      return readInstant(value);
    case 'age': {
      const age = typeof value === 'number' ? value : text === undefined || text === '' ? Number.NaN : Number(text);
      return age >= 0 && age <= 150 ? { value: age } : { value, unusual: 'age' };
    }
    case 'address':
      return { value: isRecord(value) ? address(value) : value };
    case 'firstName':
    case 'lastName':
    case 'name':
    case 'gender':
    case 'id':
    case 'title':
    case 'username':
    case 'website':
    case 'avatar':
    case 'locale':
    case 'timezone':
      return { value: text ?? value };
    default:
      return { value };
  }
}

const trimmed = (value: Json): string | undefined => (typeof value === 'string' ? value.trim() : undefined);

export function countryOf(address: Json | undefined): string | undefined {
  if (!isRecord(address) || typeof address.country !== 'string') return undefined;
  const code = address.country.trim().toUpperCase();
  return isSupportedCountry(code) ? code : undefined;
}

export const isRecord = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

export function readPhone(value: Json, country: string | undefined): Normalised {
  const text = typeof value === 'number' ? `+${value}` : trimmed(value);
  if (text === undefined) return { value, unusual: 'phone' };
  const region = country !== undefined && isSupportedCountry(country) ? country : undefined;
  const number = parsePhoneNumberFromString(text.replace(/^00/, '+'), region);
  return number?.isPossible() === true ? { value: number.number } : { value: text, unusual: 'phone' };
}

/** Undefined for what is no number, and for numbers of no one country. */
export const countryOfPhone = (phone: string): string | undefined => parsePhoneNumberFromString(phone)?.country;

/** `1990-05-01` or, every year, `--05-01`; what follows a day is cut. */
export function readDay(value: Json): Normalised {
  const text = trimmed(value);
  const day = text === undefined ? undefined : /^(\d{4}-\d{2}-\d{2})(?:[T ].*)?$/.exec(text)?.[1];
  if (text !== undefined && /^--\d{2}-\d{2}$/.test(text) && parseCalendarDay(`2024${text.slice(1)}`) !== undefined) {
    return { value: text };
  }
  return day !== undefined && parseClientInstant(day) !== undefined ? { value: day } : { value, unusual: 'birthday' };
}

/** ISO 8601, or the Unix time in seconds or milliseconds that many clients send (below 1e11 it is seconds). */
export function readInstant(value: Json): Normalised {
  const text = trimmed(value);
  const number = typeof value === 'number' ? value : text !== undefined && /^\d{9,13}$/.test(text) ? Number(text) : NaN;
  const at = Number.isNaN(number) ? parseClientInstant(text ?? '') : number < 1e11 ? number * 1_000 : number;
  return at !== undefined && at >= 0 && at < 4_102_444_800_000
    ? { value: formatInstant(Math.floor(at)) }
    : { value, unusual: 'instant' };
}

function address(value: { readonly [key: string]: Json }): Json {
  const entries = Object.entries(value).map(([key, part]): [string, Json] => {
    const name = /^postal_?code$/i.test(key)
      ? 'postalCode'
      : /^(city|country|state|street)$/i.test(key)
        ? key.toLowerCase()
        : key;
    if (typeof part !== 'string') return [name, part];
    const text = part.trim();
    return [name, name === 'country' && /^[a-z]{2}$/i.test(text) ? text.toUpperCase() : text];
  });
  return Object.fromEntries(entries);
}
