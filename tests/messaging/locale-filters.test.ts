import { describe, expect, it } from 'vitest';
import { type Escaping, isFailure, renderLiquid } from '../../shared/domain/messaging/render/liquid.ts';
import { directionOf, localeOfText } from '../../shared/domain/messaging/render/variant.ts';
import fc from '../property.ts';

const now = Date.UTC(2026, 10, 22, 12);
const render = (source: string, locale = 'en', given: object = {}, escaping: Escaping = 'none') =>
  renderLiquid(source, escaping, { event: given }, { now, zone: 'Europe/Berlin', locale });

describe('numbers as the language writes them', () => {
  it.each([
    ['{{ 135.2 | money: "EUR" }}', 'en', '€135.20'],
    ['{{ 135.2 | money: "EUR" }}', 'de', '135,20 €'],
    ['{{ 135.2 | money: "EUR" }}', 'fr', '135,20 €'],
    ['{{ "135.2" | money: "eur" }}', 'en', '€135.20'],
    ['{{ 1234 | money: "JPY" }}', 'en', '¥1,234'],
    ['{{ 1.5 | money: "KWD" }}', 'en', 'KWD 1.500'],
    ['{{ 5 | money: "CAD" }}', 'en-US', 'CA$5.00'],
    ['{{ 5 | money: "CAD", show: "narrow" }}', 'en-US', '$5.00'],
    ['{{ 5 | money: "EUR", "code" }}', 'de', '5,00 EUR'],
    ['{{ 5 | money: "EUR", digits: 0 }}', 'de', '5 €'],
    ['{{ event.price | money }}', 'de', '9,90 €'],
    ['{{ 5 | money: "EUR" }}', 'ar-EG', '‏٥٫٠٠ €'],
    ['{{ 1234.5 | number }}', 'de', '1.234,5'],
    ['{{ 1234.5 | number: 2 }}', 'en-IN', '1,234.50'],
    ['{{ 0.105 | percent: 1 }}', 'de', '10,5 %'],
    ['{{ 0.1 | percent }}', 'en', '10%'],
  ])('%s in %s', (source, locale, expected) => {
    expect(render(source, locale, { price: { amount: 9.9, currency: 'EUR' } })).toBe(expected);
  });

  it('keeps the space that does not break in HTML, and in HTML alone: an SMS has no sign for it', () => {
    const source = '{{ 12345.5 | money: "EUR" }}';
    expect(render(source, 'fr', {}, 'html')).toBe('12\u00A0345,50\u00A0€');
    expect(render(source, 'fr')).toBe('12 345,50 €');
  });
});

describe('times as the language writes them, in the zone of the customer', () => {
  it.each([
    ['{{ "2026-12-31T23:30:00Z" | date_local: "long" }}', 'de', '1. Januar 2027'],
    ['{{ "2026-12-31T23:30:00Z" | date_local: "short", zone: "America/New_York" }}', 'en-US', '12/31/26'],
    ['{{ "2026-12-31T23:30:00Z" | date_local: "medium", time: "short" }}', 'en-GB', '1 Jan 2027, 00:30'],
    ['{{ "2026-12-31" | date_local: "full" }}', 'en', 'Thursday, December 31, 2026'],
    ['{{ "2026-12-31T23:30:00Z" | time_local }}', 'en-US', '12:30 AM'],
    ['{{ "now" | date_local }}', 'ja', '2026/11/22'],
  ])('%s in %s', (source, locale, expected) => {
    expect(render(source, locale)).toBe(expected);
  });

  // In Berlin it is Sunday, 22 November 2026, 13:00.
  it.each([
    ['2026-11-22T12:20:00Z', 'in 20 minutes'],
    ['2026-11-22T09:00:00Z', '3 hours ago'],
    ['2026-11-22T23:30:00Z', 'tomorrow'],
    ['2026-11-21T22:30:00Z', 'yesterday'],
    ['2026-11-22', 'today'],
    ['2026-11-28', 'in 6 days'],
    ['2026-11-30', 'next week'],
    ['2026-12-22', 'next month'],
    ['2027-01-21', 'next month'],
    ['2026-09-22', '2 months ago'],
    ['2028-11-22', 'in 2 years'],
  ])('%s is %s', (time, expected) => {
    expect(render('{{ event.time | relative_date }}', 'en', { time })).toBe(expected);
  });

  it('every time of the next ten years and the last is said, and a later one never sooner', () => {
    const minutes = fc.integer({ min: -5_256_000, max: 5_256_000 });
    fc.assert(
      fc.property(minutes, (offset) => {
        const text = render('{{ event.time | relative_date }}', 'en', {
          time: new Date(now + offset * 60_000).toISOString(),
        });
        const past = /ago|yesterday|last/.test(String(text));
        const future = /^in |tomorrow|next/.test(String(text));
        expect([past, future]).not.toEqual([true, true]);
        if (offset < -1_440) expect(past).toBe(true);
        if (offset > 1_440) expect(future).toBe(true);
      }),
    );
  });
});

describe('plurals and lists', () => {
  const polish = 'one: "# rzecz", few: "# rzeczy", many: "# rzeczy!", other: "# rzeczy?"';
  it.each([
    ['{{ 1 | plural: one: "# item", other: "# items" }}', 'en', '1 item'],
    ['{{ 0 | plural: one: "# item", other: "# items" }}', 'en', '0 items'],
    ['{{ 0 | plural: zero: "nothing", one: "# item", other: "# items" }}', 'en', 'nothing'],
    ['{{ 1234 | plural: one: "# Artikel", other: "# Artikel" }}', 'de', '1.234 Artikel'],
    [`{{ 3 | plural: ${polish} }}`, 'pl', '3 rzeczy'],
    [`{{ 5 | plural: ${polish} }}`, 'pl', '5 rzeczy!'],
    [`{{ 1.5 | plural: ${polish} }}`, 'pl', '1,5 rzeczy?'],
    ['{{ 2 | plural: type: "ordinal", one: "#st", two: "#nd", few: "#rd", other: "#th" }}', 'en', '2nd'],
    ['{{ event.names | list }}', 'en-GB', 'tea, milk and <b>'],
    ['{{ event.names | list: "or" }}', 'de', 'tea, milk oder <b>'],
    ['{{ event.products | map: "name" | list }}', 'es', 'té y pan'],
  ])('%s in %s', (source, locale, expected) => {
    const given = { names: ['tea', 'milk', '<b>'], products: [{ name: 'té' }, { name: 'pan' }] };
    expect(render(source, locale, given)).toBe(expected);
  });

  it('what a list holds is escaped as everything is', () => {
    expect(render('{{ event.names | list }}', 'en', { names: ['<b>', 'c'] }, 'html')).toBe('&lt;b&gt; and c');
  });
});

describe('what a filter cannot work with fails, says why, and says no value', () => {
  it.each([
    ['{{ event.name | money: "EUR" }}', 'money: the amount is no number but string'],
    ['{{ event.nothing | money: "EUR" }}', 'money: the amount is no number but missing'],
    ['{{ 5 | money }}', 'money: the currency is missing: write money: "EUR", or name what holds it'],
    ['{{ 5 | money: "EURO" }}', 'money: the currency is none of ISO 4217'],
    ['{{ 5 | money: event.name }}', 'money: the currency is none of ISO 4217'],
    ['{{ 5 | money: "EUR", colour: 1 }}', 'money: takes currency, show, digits by name'],
    ['{{ 5 | number: 99 }}', 'number: digits is 0 to 20'],
    ['{{ event.name | percent }}', 'percent: the value is no number but string'],
    [
      '{{ event.name | date_local }}',
      'date_local: the value is no time like 2026-11-22T09:00:00Z and no day like 2026-11-22, but another text',
    ],
    ['{{ "2026-11-22" | time_local }}', 'time_local: the value is a day and has no time'],
    ['{{ "now" | date_local: "tiny" }}', 'date_local: the style is one of medium, full, long, short'],
    ['{{ "now" | relative_date: zone: event.name }}', /^relative_date: the zone is none of IANA/],
    ['{{ 5 | plural: one: "x" }}', 'plural: needs other: "…"'],
    ['{{ event.name | list }}', 'list: the value is no list but string'],
  ])('%s', (source, detail) => {
    const failure = render(`first line\n${source}`, 'en', { name: 'secret@example.org' });
    if (typeof failure === 'string') expect.fail(failure);
    expect(failure).toMatchObject({ code: 'template.failed', line: 2, column: 1 });
    if (typeof detail === 'string') expect(failure.detail).toBe(detail);
    else expect(failure.detail).toMatch(detail);
    expect(failure.detail).not.toContain('secret');
  });

  it('any value at all is a text or a failure, never a bug', () => {
    const filters = ['money: "EUR"', 'number', 'percent', 'date_local', 'time_local', 'relative_date', 'list'];
    fc.assert(
      fc.property(fc.constantFrom(...filters), fc.jsonValue(), (filter, value) => {
        const result = render(`{{ event.value | ${filter} }}`, 'en', { value });
        if (isFailure(result)) expect(result.detail).toMatch(/^(\w+): /);
        else expect(result).not.toMatch(/NaN|undefined|Invalid/);
      }),
    );
  });
});

describe('the language of a text', () => {
  it.each([
    ['the variant’s', 'de', 'fr-FR', 'en', 'de'],
    ['with the customer’s customs, who speaks it', 'de', 'de-AT', 'en', 'de-AT'],
    ['a customer from elsewhere who speaks it', 'en-GB', 'en-AU', 'en', 'en-GB'],
    ['the environment’s, where the variant has none', undefined, 'fr-FR', 'en-US', 'en-US'],
    ['of an environment in the same language', undefined, 'en-GB', 'en-US', 'en-GB'],
    ['without a customer’s', 'pt-BR', undefined, 'en', 'pt-BR'],
    ['of a variant whose locale is none', 'de-a', undefined, 'en', 'en'],
  ])('is %s', (_what, variant, customer, environment, expected) => {
    expect(localeOfText(variant, customer, environment)).toBe(expected);
  });

  it.each([
    ['ar', 'rtl'],
    ['he-IL', 'rtl'],
    ['fa', 'rtl'],
    ['az-Arab', 'rtl'],
    ['az', 'ltr'],
    ['de', 'ltr'],
    ['ja', 'ltr'],
  ])('%s runs %s', (locale, expected) => {
    expect(directionOf(locale)).toBe(expected);
  });
});
