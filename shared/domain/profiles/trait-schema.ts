import * as z from 'zod';
import { Currency, type IssueParams } from '../../kernel/schema.ts';
import { compilePattern, MAX_PATTERN, MAX_PATTERN_SIZE } from './pattern.ts';
import { traitName } from './reserved-traits.ts';

/**
 * What values of a trait may be. `email`, `phone`, `country`, `region` and `currency` are texts of one form, `money` is
 * an amount in the schema's currency, `day` is one of the calendar.
 */
export const traitTypes = [
  'string',
  'number',
  'integer',
  'boolean',
  'instant',
  'day',
  'list',
  'object',
  'email',
  'phone',
  'country',
  'region',
  'currency',
  'money',
] as const;
export type TraitType = (typeof traitTypes)[number];

export const numeric: readonly TraitType[] = ['number', 'integer', 'money'];
/** Of what only some types have. */
const onlyFor: { readonly [field: string]: readonly TraitType[] } = {
  min: numeric,
  max: numeric,
  outlier: numeric,
  unit: ['number', 'integer'],
  currency: ['money'],
  pattern: ['string'],
  maxLength: ['string', 'list'],
  enum: ['string', 'number', 'integer', 'list', 'country', 'region', 'currency'],
};

const Scalar = z.union([z.string().max(200), z.number()]);

export const TraitSchema = z
  .strictObject({
    type: z.enum(traitTypes),
    description: z.string().max(1_000).exactOptional(),
    personal: z
      .boolean()
      .exactOptional()
      .meta({ description: 'shown only to those with profiles:personal; those of type email and phone always are' }),
    min: z.number().exactOptional(),
    max: z.number().exactOptional(),
    enum: z.array(Scalar).min(1).max(200).exactOptional().meta({ description: 'of a list: what its items may be' }),
    maxLength: z.int().min(0).max(8_192).exactOptional().meta({ description: 'characters; of a list: items' }),
    pattern: z
      .string()
      .max(MAX_PATTERN)
      .exactOptional()
      .meta({ description: 'RE2 syntax; the whole text has to match, of at most 256 characters' }),
    unit: z.string().max(20).exactOptional().meta({ description: 'for people' }),
    currency: Currency.exactOptional().meta({ description: 'of money: the only one; required' }),
    outlier: z
      .strictObject({ z: z.number().min(1).max(100) })
      .exactOptional()
      .meta({ description: 'flags what lies so many standard deviations from the mean of the last night, or more' }),
  })
  .check((payload) => {
    const { value } = payload;
    const refuse = (field: string, message: string, params: IssueParams) =>
      payload.issues.push({ code: 'custom', message, input: value, path: [field], params: { ...params } });
    for (const [field, types] of Object.entries(onlyFor)) {
      if (Object.hasOwn(value, field) && !types.includes(value.type)) {
        refuse(field, `not of type ${value.type}`, {
          code: 'trait-field',
          limit: types.join(', '),
          actual: value.type,
        });
      }
    }
    if (value.type === 'money' && value.currency === undefined) {
      refuse('currency', 'money has one currency', { code: 'missing', fix: 'write "currency": "EUR"' });
    }
    if (value.min !== undefined && value.max !== undefined && value.min > value.max) {
      refuse('min', 'min is more than max', { code: 'trait-range', limit: value.max, actual: value.min });
    }
    if (value.pattern !== undefined && compilePattern(value.pattern) === undefined) {
      const limit = `RE2 syntax (no look-around, no back references), at most ${MAX_PATTERN_SIZE} steps`;
      refuse('pattern', 'not a pattern', { code: 'pattern', limit, actual: value.pattern.length });
    }
  })
  .meta({ id: 'TraitSchema' });
export type TraitSchema = z.infer<typeof TraitSchema>;

export const MAX_TRAIT_SCHEMAS = 200;

/** By trait, or by part of one (`address.country`), as predicates name them behind `profile.` */
export const TraitSchemas = z
  .record(z.string().min(1).max(200), TraitSchema)
  .check((payload) => {
    const names = Object.keys(payload.value);
    const refuse = (message: string, params: IssueParams, path: PropertyKey[] = []) =>
      payload.issues.push({ code: 'custom', message, input: payload.value, path, params: { ...params } });
    if (names.length > MAX_TRAIT_SCHEMAS) {
      refuse('too many', { code: 'too-many', limit: MAX_TRAIT_SCHEMAS, actual: names.length });
    }
    for (const name of names) {
      const [trait, ...path] = name.split('.');
      const meant = [traitName(trait!), ...path].join('.');
      if (meant !== name) {
        refuse('a reserved trait', { code: 'trait-name', actual: name, fix: `write "${meant}"` }, [name]);
      }
    }
  })
  .meta({ description: `at most ${MAX_TRAIT_SCHEMAS}` });
