import { FilterFailure, formatter, kindOf, type LocaleFilter, numberIn, refuseUnknown, wordIn } from './filter.ts';
import { format } from './numbers.ts';

const categories = ['zero', 'one', 'two', 'few', 'many', 'other'] as const;

/**
 * `{{ n | plural: one: "# item", other: "# items" }}`, with the categories of the text's language (Unicode TR 35,
 * Language Plural Rules); `#` is the number. `zero` is also used for 0 where a language has no form of its own for it.
 */
export const plural: LocaleFilter = (given, { locale, strict }) => {
  refuseUnknown(given, 0, [...categories, 'type']);
  const { value, named } = given;
  const count = numberIn(value, 'the value');
  const type = wordIn(named.get('type'), ['cardinal', 'ordinal'], 'type');
  const forms = new Map([...named].filter(([name]) => name !== 'type'));
  if (!forms.has('other')) throw new FilterFailure('needs other: "…"');
  const { rules, common } = formatter(`plural ${locale} ${type}`, () => rulesOf(locale, type));
  const lacking = strict ? common.filter((category) => !forms.has(category)) : [];
  if (lacking.length > 0) throw new FilterFailure(`${locale} also has ${lacking.join(', ')}`);
  const category = count === 0 && forms.has('zero') ? 'zero' : rules.select(count);
  const form = forms.get(category) ?? forms.get('other');
  if (typeof form !== 'string') throw new FilterFailure(`${category} is no text but ${kindOf(form)}`);
  return form.replaceAll('#', () => format(locale, {}, count));
};

/** What whole numbers come to; French `many`, say, begins at a million, and nobody writes it. */
function rulesOf(locale: string, type: 'cardinal' | 'ordinal') {
  const rules = new Intl.PluralRules(locale, { type });
  const met = new Set(Array.from({ length: 201 }, (_, count) => rules.select(count)));
  // `zero` is left to the author: "0 items" is right wherever "other" is.
  return { rules, common: categories.filter((category) => category !== 'zero' && met.has(category)) };
}

/** `{{ names | list }}`: a, b and c; `list: "or"`: a, b or c. */
export const list: LocaleFilter = (given, { locale }) => {
  refuseUnknown(given, 1, ['type']);
  const { value, positional, named } = given;
  const type = wordIn(named.get('type') ?? positional[0], ['and', 'or', 'unit'], 'type');
  if (!Array.isArray(value)) throw new FilterFailure(`the value is no list but ${kindOf(value)}`);
  const texts = value.map((one: unknown) => {
    if (typeof one === 'string' || typeof one === 'number') return String(one);
    throw new FilterFailure(`the list holds ${kindOf(one)}: write map: "name" before it`);
  });
  const intl = { and: 'conjunction', or: 'disjunction', unit: 'unit' } as const;
  const words = formatter(`list ${locale} ${type}`, () => new Intl.ListFormat(locale, { type: intl[type] }));
  return words.format(texts);
};
