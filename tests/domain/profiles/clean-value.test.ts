import { iso31661, iso31662 } from 'iso-3166';
import { describe, expect, it } from 'vitest';
import { regionTexts } from '../../../scripts/make-regions.ts';
import { Policy } from '../../../shared/domain/messaging/policy.ts';
import { readCountry, readRegion } from '../../../shared/domain/profiles/countries.ts';
import { readMoney } from '../../../shared/domain/profiles/money.ts';
import { compilePattern, MAX_MATCHED } from '../../../shared/domain/profiles/pattern.ts';
import regions from '../../../shared/domain/profiles/regions.json' with { type: 'json' };
import { cleanTrait, compileTraitRules } from '../../../shared/domain/profiles/trait-rules.ts';
import { TraitSchema } from '../../../shared/domain/profiles/trait-schema.ts';
import type { Json } from '../../../shared/kernel/canonical-json.ts';
import fc from '../../property.ts';

const clean = (schema: object, value: Json, country?: string) => {
  const rule = compileTraitRules({ x: TraitSchema.parse(schema) }).get('x')!;
  const cleaned = cleanTrait(rule, value, country);
  return 'why' in cleaned ? [cleaned.why.code, cleaned.why.limit, cleaned.why.actual] : cleaned.value;
};

describe('values by type', () => {
  it.each<[object, Json, Json]>([
    [{ type: 'string' }, 'a', 'a'],
    [{ type: 'string' }, 7.5, '7.5'],
    [{ type: 'string' }, true, ['type', 'string', 'boolean']],
    [{ type: 'number' }, '12.50', 12.5],
    [{ type: 'number' }, ' -3 ', -3],
    [{ type: 'number' }, '123456789012345', 123_456_789_012_345],
    [{ type: 'number' }, '1234567890123456', ['format', 'number', '16 characters']],
    [{ type: 'number' }, '0.1234567890123456', ['format', 'number', '18 characters']],
    [{ type: 'number' }, '1,5', ['format', 'number', '3 characters']],
    [{ type: 'number' }, '', ['format', 'number', '0 characters']],
    [{ type: 'number' }, [1], ['type', 'number', 'list']],
    [{ type: 'integer' }, '42', 42],
    [{ type: 'integer' }, 4.2, ['format', 'integer', 'number']],
    [{ type: 'boolean' }, 'TRUE', true],
    [{ type: 'boolean' }, 'false', false],
    [{ type: 'boolean' }, 1, ['type', 'boolean', 'number']],
    [{ type: 'boolean' }, 'yes', ['format', 'boolean', '3 characters']],
    [{ type: 'instant' }, '2026-11-26 10:00+01:00', '2026-11-26T09:00:00.000Z'],
    [{ type: 'instant' }, 1_700_000_000, '2023-11-14T22:13:20.000Z'],
    [{ type: 'instant' }, '10/11/2026', ['format', 'instant', '10 characters']],
    [{ type: 'day' }, '2026-11-26T23:00:00Z', '2026-11-26'],
    [{ type: 'day' }, '2026-02-30', ['format', 'day', '10 characters']],
    [{ type: 'list' }, [1, 'a'], [1, 'a']],
    [{ type: 'list' }, { a: 1 }, ['type', 'list', 'object']],
    [{ type: 'object' }, { a: 1 }, { a: 1 }],
    [{ type: 'object' }, '{}', ['type', 'object', 'string']],
    [{ type: 'email' }, ' Ann@Example.COM', 'ann@example.com'],
    [{ type: 'email' }, 'ann', ['format', 'email', '3 characters']],
    [{ type: 'phone' }, '+49 (151) 1234-5678', '+4915112345678'],
    [{ type: 'phone' }, '12', ['format', 'phone', '2 characters']],
    [{ type: 'country' }, 'Germany', 'DE'],
    [{ type: 'country' }, 'Atlantis', ['format', 'country', '8 characters']],
    [{ type: 'region' }, 'us-ca', 'US-CA'],
    [{ type: 'region' }, 'California', ['format', 'region', '10 characters']],
    [{ type: 'currency' }, 'eur', 'EUR'],
    [{ type: 'currency' }, 'EURO', ['format', 'currency', '4 characters']],
    [{ type: 'money', currency: 'EUR' }, '135.20 EUR', 135.2],
    [{ type: 'money', currency: 'EUR' }, '1.234,50 €', 1234.5],
    [{ type: 'money', currency: 'EUR' }, 99, 99],
    [{ type: 'money', currency: 'EUR' }, { amount: '99.90', currency: 'eur' }, 99.9],
    [{ type: 'money', currency: 'EUR' }, { amount: 99.9, currency: 'USD' }, ['currency', 'EUR', 'another currency']],
    [{ type: 'money', currency: 'EUR' }, '£5', ['currency', 'EUR', 'another currency']],
    [{ type: 'money', currency: 'CAD' }, '$5', 5],
    [{ type: 'money', currency: 'EUR' }, '1.234', ['format', 'money', '5 characters']],
    [{ type: 'money', currency: 'EUR' }, { total: 5 }, ['format', 'money', 'object']],
    [{ type: 'money', currency: 'EUR' }, true, ['type', 'money', 'boolean']],
  ])('%j of %j is %j', (schema, value, expected) => {
    expect(clean(schema, value)).toEqual(expected);
  });

  it.each<[object, Json, Json]>([
    [{ type: 'number', min: 0, max: 10 }, 0, 0],
    [{ type: 'number', min: 0, max: 10 }, '10.5', ['max', 10, 'more']],
    [{ type: 'money', currency: 'EUR', min: 0 }, '-1 €', ['min', 0, 'less']],
    [{ type: 'string', maxLength: 3 }, '💛💛💛', '💛💛💛'],
    [{ type: 'string', maxLength: 3 }, 'abcd', ['too-long', 3, 4]],
    [{ type: 'list', maxLength: 1 }, [1, 2], ['too-long', 1, 2]],
    [{ type: 'string', enum: ['gold', 'silver'] }, 'gold', 'gold'],
    [{ type: 'string', enum: ['gold', 'silver'] }, 'Gold', ['enum', 'one of 2', 'string']],
    [{ type: 'integer', enum: [1, 2] }, '2', 2],
    [{ type: 'list', enum: ['a', 'b'] }, ['a', 'c'], ['enum', 'one of 2', 'item 1']],
    [{ type: 'list', enum: ['a', 'b'] }, [], []],
    [{ type: 'country', enum: ['DE', 'AT'] }, 'Austria', 'AT'],
    [{ type: 'string', pattern: '[A-Z]{2}-\\d+' }, 'AB-12', 'AB-12'],
    [{ type: 'string', pattern: '[A-Z]{2}-\\d+' }, 'xAB-12', ['pattern', '[A-Z]{2}-\\d+', '6 characters']],
  ])('%j: %j is %j', (schema, value, expected) => {
    expect(clean(schema, value)).toEqual(expected);
  });

  it('property: what is clean stays as it is', () => {
    const types = ['string', 'number', 'integer', 'boolean', 'instant', 'day', 'email', 'phone', 'country', 'region'];
    const value = fc.oneof(
      fc.constantFrom('Germany', 'US-NY', '+49 151 12345678', 'Ann@Example.com', 'true', '2026-01-01', '1.5'),
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
    );
    fc.assert(
      fc.property(fc.constantFrom(...types), value, (type, one) => {
        const rule = compileTraitRules({ x: TraitSchema.parse({ type }) }).get('x')!;
        const first = cleanTrait(rule, one, 'DE');
        if ('value' in first) expect(cleanTrait(rule, first.value, 'DE')).toEqual(first);
      }),
    );
  });
});

describe('countries and regions', () => {
  it.each([
    ['de', 'DE'],
    ['DEU', 'DE'],
    ['276', 'DE'],
    ['Deutschland', 'DE'],
    ['  ALLEMAGNE ', 'DE'],
    ['Osterreich', 'AT'],
    ['Österreich', 'AT'],
    ['U.S.A.', 'US'],
    ['United   Kingdom', 'GB'],
    ['Congo', undefined],
    ['', undefined],
    ['__proto__', undefined],
  ])('%j is %j', (text, code) => {
    expect(readCountry(text)).toBe(code);
  });

  it('every code and every English name of ISO is its own country', () => {
    for (const { alpha2, alpha3, numeric } of iso31661) {
      expect([alpha2, alpha3, numeric].map(readCountry)).toEqual([alpha2, alpha2, alpha2]);
    }
  });

  it.each([
    ['California', 'US', 'US-CA'],
    ['ca', 'US', 'US-CA'],
    ['US-CA', undefined, 'US-CA'],
    ['US-CA', 'DE', 'US-CA'],
    ['Bayern', 'DE', 'DE-BY'],
    ['Île-de-France', 'FR', 'FR-IDF'],
    ['US-XX', 'US', undefined],
    ['Bayern', 'FR', undefined],
    ['constructor', 'US', undefined],
    ['CA', '__proto__', undefined],
  ])('%j in %j is %j', (text, country, code) => {
    expect(readRegion(text, country)).toBe(code);
  });

  it('the table is that of the package, and every code is read back', () => {
    expect(regions).toEqual(regionTexts());
    for (const { code } of iso31662) expect(readRegion(code, undefined)).toBe(code);
  });
});

describe('amounts', () => {
  it.each<[string, number, string?]>([
    ['5', 5],
    ['5.5', 5.5],
    ['0.125', 0.125],
    ['1234.50', 1234.5],
    ['1,234.50', 1234.5],
    ['1.234,50', 1234.5],
    ["1'234.50", 1234.5],
    ['1 234,50', 1234.5],
    ['1.234.567', 1_234_567],
    ['12,345,678.9', 12_345_678.9],
    ['-12,00', -12],
    ['€ 12,00', 12, 'EUR'],
    ['12 zł', 12, 'PLN'],
    ['CHF 12.50', 12.5, 'CHF'],
    ['12 kr', 12],
  ])('%j', (text, amount, currency) => {
    expect(readMoney(text)).toEqual({ amount, ...(currency !== undefined && { currency }) });
  });

  it.each([
    ['a thousand or a little more than one', '1.234'],
    ['groups of two', '1,23,456.00'],
    ['two currencies', '€ 5 USD'],
    ['no currency', '5 apples'],
    ['two decimals', '1.2,3.4'],
    ['nothing', ''],
    ['more digits than a number has', '1234567890123456.00'],
    ['very long', `${','.repeat(8_000)}x`],
  ])('%s is none: %#', (_title, text) => {
    expect(readMoney(text)).toBeUndefined();
  });
});

describe('patterns', () => {
  it('match the whole text, and none that is longer than what is looked at', () => {
    const pattern = compilePattern('a|b+')!;
    expect(['a', 'bb', 'ab', '', 'a\n'].map(pattern.matches)).toEqual([true, true, false, false, false]);
    expect(compilePattern('b+')!.matches('b'.repeat(MAX_MATCHED))).toBe(true);
    expect(compilePattern('b+')!.matches('b'.repeat(MAX_MATCHED + 1))).toBe(false);
  });

  it.each(['(a', '(?=a)b', '(a)\\1', 'a{1001}', '(\\pL{0,100}){10}'])('%s is refused', (source) => {
    expect(compilePattern(source)).toBeUndefined();
  });
});

describe('schemas in the policy', () => {
  const policy = { schemaVersion: 1, zone: 'UTC', locale: 'en', quietHours: [], caps: [] };
  const codes = (traits: object, more: object = {}) => {
    const { error } = Policy.safeParse({ ...policy, traits, ...more });
    return error?.issues.map((issue) => [
      issue.path.join('/'),
      'params' in issue ? issue.params?.['code'] : issue.code,
    ]);
  };
  it.each<[object, unknown]>([
    [{ plan: { type: 'string' }, 'address.country': { type: 'country' } }, undefined],
    [{ plan: { type: 'text' } }, [['traits/plan/type', 'invalid_value']]],
    [{ plan: { type: 'string', min: 1 } }, [['traits/plan/min', 'trait-field']]],
    [{ spent: { type: 'money' } }, [['traits/spent/currency', 'missing']]],
    [{ spent: { type: 'number', min: 2, max: 1 } }, [['traits/spent/min', 'trait-range']]],
    [{ plan: { type: 'string', pattern: '(' } }, [['traits/plan/pattern', 'pattern']]],
    [{ created_at: { type: 'instant' } }, [['traits/created_at', 'trait-name']]],
    [
      Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`t${i}`, { type: 'string' }])),
      [['traits', 'too-many']],
    ],
  ])('%#', (traits, expected) => {
    expect(codes(traits)).toEqual(expected);
  });

  it('the country of phone numbers is a code', () => {
    expect(codes({}, { defaultCountry: 'DE' })).toBeUndefined();
    for (const code of ['de', 'XX', 'Germany']) {
      expect(codes({}, { defaultCountry: code })).toEqual([['defaultCountry', 'country']]);
    }
  });
});
