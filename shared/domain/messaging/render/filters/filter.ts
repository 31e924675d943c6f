import { jsonType } from '../../../../kernel/json-type.ts';

/** What of a rendering a filter may know. */
export interface Reading {
  /** Epoch milliseconds. */
  readonly now: number;
  /** IANA zone. */
  readonly zone: string;
  /** BCP 47, of the text. */
  readonly locale: string;
  /** At publish: what would only look wrong to some customers fails too. */
  readonly strict: boolean;
}

/** `{{ value | name: first, second, key: third }}` */
export interface Given {
  readonly value: unknown;
  readonly positional: readonly unknown[];
  readonly named: ReadonlyMap<string, unknown>;
}

export type LocaleFilter = (given: Given, reading: Reading) => string;

/** A value that a filter cannot work with. Its message goes into records: a type or a limit, never the value. */
export class FilterFailure extends Error {}

/** liquidjs gives `key: value` as a pair of its own among the arguments. */
export function given(value: unknown, args: readonly unknown[]): Given {
  const isNamed = (arg: unknown): arg is [string, unknown] =>
    Array.isArray(arg) && arg.length === 2 && typeof arg[0] === 'string';
  return {
    value,
    positional: args.filter((arg) => !isNamed(arg)),
    named: new Map(args.filter(isNamed)),
  };
}

export function numberIn(value: unknown, what: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw new FilterFailure(`${what} is no number but ${kindOf(value)}`);
}

/** One of a few words, the first when none is given. */
export function wordIn<W extends string>(value: unknown, words: readonly [W, ...W[]], what: string): W {
  if (value === undefined || value === null) return words[0];
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  throw new FilterFailure(`${what} is one of ${words.join(', ')}`);
}

export function refuseUnknown({ positional, named }: Given, most: number, names: readonly string[]): void {
  if (positional.length > most) throw new FilterFailure(`takes ${most} arguments without a name`);
  for (const name of named.keys()) {
    if (!names.includes(name)) throw new FilterFailure(`takes ${names.join(', ')} by name`);
  }
}

export const kindOf = (value: unknown): string =>
  value === undefined || value === null ? 'missing' : value === '' ? 'empty' : jsonType(value);

/** Making a formatter costs 50 times what using it does. Locales come from customers: more of them than that are played with. */
const MAX_KEPT = 500;
const kept = new Map<string, unknown>();

/** @param make is told apart by `key`: name of the class, locale and options. */
export function formatter<F>(key: string, make: () => F): F {
  const known = kept.get(key) as F | undefined;
  if (known !== undefined) return known;
  if (kept.size >= MAX_KEPT) kept.clear();
  const made = make();
  kept.set(key, made);
  return made;
}
