import * as z from 'zod';
import { oneOf } from '../../kernel/one-of.ts';
import { Id, type IssueParams } from '../../kernel/schema.ts';
import { keyPath } from './lookup-key.ts';

export const lookupLimits = {
  /** Of a template. */
  lookups: 5,
  /** Of one look-up. */
  perLookup: 20,
  /** Of a template: what one BatchGetItem of at most 100 keys and 16 MB answers with ease. */
  items: 30,
} as const;

const KeyRef = z
  .string()
  .max(512)
  .refine((text) => keyPath(text) !== undefined, {
    params: {
      code: 'ref',
      limit: 'profile.<trait>, entry.<property>, event.<property>, steps.<id>.<field> or vars.<name>',
      fix: 'write event.product_id or vars.product',
    } satisfies IssueParams,
  });

const onMissing = z
  .enum(['skip', 'empty'])
  .meta({ description: '`skip`: the message is not sent; `empty`: the template does without' });

const One = z.strictObject({
  collection: Id,
  key: oneOf([z.string().min(1).max(256), z.strictObject({ ref: KeyRef })]).meta({
    description: 'the id of the item, or where it stands',
  }),
  onMissing,
});

const Several = z.strictObject({
  collection: Id,
  keys: z.strictObject({
    ref: KeyRef.meta({ description: 'a list of ids' }),
    property: z
      .string()
      .min(1)
      .max(200)
      .exactOptional()
      .meta({ description: 'of a list of objects: where the id stands in each' }),
  }),
  limit: z.int().min(1).max(lookupLimits.perLookup),
  onMissing,
});

export const Lookup = oneOf([One, Several]).meta({ id: 'Lookup' });
export type Lookup = z.infer<typeof One> | z.infer<typeof Several>;

const Name = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, 'a name such as product or related_items');

/** Name → what `lookups.<name>` is in the content. */
export const Lookups = z.record(Name, Lookup).check(({ value, issues }) => {
  const refuse = (code: string, message: string, limit: number, actual: number) => {
    const params: IssueParams = { code, limit, actual };
    issues.push({ code: 'custom', message, input: value, params: { ...params } });
  };
  const all = Object.values(value) as Lookup[];
  if (all.length > lookupLimits.lookups) refuse('lookups', 'too many look-ups', lookupLimits.lookups, all.length);
  const items = all.reduce((sum, one) => sum + ('limit' in one ? one.limit : 1), 0);
  if (items > lookupLimits.items) refuse('lookup-items', 'too many items in all', lookupLimits.items, items);
});
export type Lookups = { readonly [name: string]: Lookup };
