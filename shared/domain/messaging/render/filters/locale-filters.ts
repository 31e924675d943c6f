import { dateLocal, relativeDate, timeLocal } from './dates.ts';
import type { LocaleFilter } from './filter.ts';
import { money, number, percent } from './numbers.ts';
import { list, plural } from './words.ts';

/** Filters that speak the language of the text (docs/templates.md). Deterministic for one version of Node's ICU. */
export const localeFilters: { readonly [name: string]: LocaleFilter } = {
  money,
  number,
  percent,
  date_local: dateLocal,
  time_local: timeLocal,
  relative_date: relativeDate,
  plural,
  list,
};

/**
 * ICU puts spaces that do not break between number and unit. HTML keeps them; elsewhere they are plain ones, because
 * U+00A0 and U+202F are not in the alphabet of an SMS (3GPP TS 23.038), and one of them would halve its length.
 */
export const withPlainSpaces = (text: string): string => text.replace(/[\u00A0\u202F]/g, ' ');
export const withFixedSpaces = (text: string): string => text.replaceAll('\u202F', '\u00A0');
