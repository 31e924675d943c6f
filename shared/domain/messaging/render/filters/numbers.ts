import { readCurrency } from '../../../profiles/money.ts';
import {
  FilterFailure,
  formatter,
  type Given,
  kindOf,
  type LocaleFilter,
  numberIn,
  refuseUnknown,
  wordIn,
} from './filter.ts';

/**
 * `{{ 135.2 | money: "EUR" }}`: €135.20, 135,20 €. The currency, its places and where the sign stands are CLDR's
 * (ECMA-402 Intl.NumberFormat). An object `{ amount, currency }` needs no argument.
 */
export const money: LocaleFilter = (given, { locale }) => {
  refuseUnknown(given, 2, ['currency', 'show', 'digits']);
  const { value, positional, named } = given;
  const { amount, currency: own } = isMoney(value) ? value : { amount: value, currency: undefined };
  const currency = currencyIn(named.get('currency') ?? positional[0] ?? own);
  const show = wordIn(named.get('show') ?? positional[1], ['symbol', 'narrow', 'code', 'name'], 'show');
  const options: Intl.NumberFormatOptions = {
    style: 'currency',
    currency,
    currencyDisplay: show === 'narrow' ? 'narrowSymbol' : show,
    ...digitsIn(given),
  };
  return format(locale, options, numberIn(amount, 'the amount'));
};

/** `{{ 1234.5 | number }}`: 1,234.5; `number: 2`, or `digits: 2`, for always so many places. */
export const number: LocaleFilter = (given, { locale }) => {
  refuseUnknown(given, 1, ['digits']);
  return format(locale, digitsIn(given, given.positional[0]), numberIn(given.value, 'the value'));
};

/** `{{ 0.1 | percent }}`: 10%, 10 %. */
export const percent: LocaleFilter = (given, { locale }) => {
  refuseUnknown(given, 1, ['digits']);
  const options = { style: 'percent', ...digitsIn(given, given.positional[0]) } as const;
  return format(locale, options, numberIn(given.value, 'the value'));
};

export const format = (locale: string, options: Intl.NumberFormatOptions, value: number): string =>
  formatter(`number ${locale} ${JSON.stringify(options)}`, () => new Intl.NumberFormat(locale, options)).format(value);

function digitsIn({ named }: Given, positional?: unknown): Intl.NumberFormatOptions {
  const wanted = named.get('digits') ?? positional;
  if (wanted === undefined || wanted === null) return {};
  const digits = numberIn(wanted, 'digits');
  if (!Number.isInteger(digits) || digits < 0 || digits > 20) throw new FilterFailure('digits is 0 to 20');
  return { minimumFractionDigits: digits, maximumFractionDigits: digits };
}

function currencyIn(value: unknown): string {
  const known = typeof value === 'string' ? readCurrency(value) : undefined;
  if (known !== undefined) return known;
  throw new FilterFailure(
    typeof value === 'string' && value !== ''
      ? 'the currency is none of ISO 4217'
      : `the currency is ${kindOf(value)}: write money: "EUR", or name what holds it`,
  );
}

const isMoney = (value: unknown): value is { readonly amount: unknown; readonly currency: unknown } =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, 'amount');
