import * as z from 'zod';
import { Currency, Id, type IssueParams } from '../../kernel/schema.ts';

/**
 * Things that messages show as they are when they leave: products with price, stock and image. The document says which
 * fields an item has; items themselves lie in a table of their own and change by the minute (ADR 0034).
 */
export const fieldTypes = ['string', 'number', 'integer', 'boolean', 'money', 'url', 'instant', 'day', 'list'] as const;
export type FieldType = (typeof fieldTypes)[number];

export const collectionLimits = {
  fields: 50,
  /** Of an item's values, as JSON in UTF-8. */
  itemBytes: 8 * 1_024,
  itemIdCharacters: 256,
  /** Saved by one request. */
  batch: 100,
} as const;

/** What Liquid means something else by, and what every item has. */
const taken = ['id', 'size', 'first', 'last'];

const FieldName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]{0,39}$/, 'a name such as price or image_url')
  .refine((name) => !taken.includes(name), {
    params: { code: 'field-taken', limit: `not ${taken.join(', ')}` } satisfies IssueParams,
  });

const onlyFor: { readonly [key: string]: readonly FieldType[] } = {
  currency: ['money'],
  enum: ['string', 'number', 'integer'],
};

export const CollectionField = z
  .strictObject({
    type: z.enum(fieldTypes),
    description: z.string().max(1_000).exactOptional(),
    required: z.boolean().exactOptional().meta({ description: 'every item has it; else templates must do without' }),
    currency: Currency.exactOptional().meta({ description: 'of money: the only one, so that items may leave it out' }),
    enum: z
      .array(z.union([z.string().max(200), z.number()]))
      .min(1)
      .max(200)
      .exactOptional(),
    example: z.json().exactOptional().meta({ description: 'what templates are checked with; made up when absent' }),
  })
  .check(({ value, issues }) => {
    for (const [key, types] of Object.entries(onlyFor)) {
      if (!Object.hasOwn(value, key) || types.includes(value.type)) continue;
      const params: IssueParams = { code: 'field-option', limit: types.join(', '), actual: value.type };
      issues.push({
        code: 'custom',
        message: `not of ${value.type}`,
        input: value,
        path: [key],
        params: { ...params },
      });
    }
  })
  .meta({ id: 'CollectionField' });
export type CollectionField = z.infer<typeof CollectionField>;

export const Collection = z
  .strictObject({
    $schema: z.string().max(500).exactOptional(),
    schemaVersion: z.literal(1),
    id: Id,
    name: z.string().min(1).max(200),
    description: z.string().max(1_000).exactOptional(),
    fields: z.record(FieldName, CollectionField).check(({ value, issues }) => {
      const actual = Object.keys(value).length;
      if (actual >= 1 && actual <= collectionLimits.fields) return;
      const params: IssueParams = { code: 'fields', limit: `1 to ${collectionLimits.fields}`, actual };
      issues.push({ code: 'custom', message: 'too few or too many', input: value, params: { ...params } });
    }),
  })
  .meta({ title: 'Collection' });
export type Collection = z.infer<typeof Collection>;

export type Collections = ReadonlyMap<string, Collection>;
