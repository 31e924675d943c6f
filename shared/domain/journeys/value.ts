import * as z from 'zod';
import { oneOf } from '../../kernel/one-of.ts';
import { Ref } from '../audiences/ref-schema.ts';

/** What a step may compute: a literal, the value behind a ref, or the text that a Liquid template yields. */
export type Value = null | boolean | number | string | Value[] | { ref: Ref } | { liquid: string };

export const Value: z.ZodType<Value, Value> = z
  .lazy(() =>
    oneOf([
      z.null(),
      z.boolean(),
      z.number(),
      z.string(),
      z.array(Value),
      z.strictObject({ ref: Ref }),
      z.strictObject({ liquid: z.string() }),
    ]),
  )
  .meta({ id: 'Value' });

export const Values = z.record(z.string().min(1).max(200), Value);
export type Values = z.infer<typeof Values>;
