import * as z from 'zod';
import type { IssueParams } from '../../kernel/schema.ts';
import { parseRef } from './ref.ts';

/** Apart from ref.ts, so that the engine reads refs without loading zod. */
export const Ref = z
  .string()
  .max(512)
  .refine((text) => parseRef(text) !== undefined, {
    params: {
      code: 'ref',
      limit: 'profile.<trait>, entry.<property>, event.<property> or steps.<id>.<field>',
      fix: 'write profile.plan, event["Plan Name"] or steps.offer.code',
    } satisfies IssueParams,
  })
  .meta({ id: 'Ref', description: 'profile.<trait> | entry.<property> | event.<property> | steps.<id>.<field>' });

export type Ref = z.infer<typeof Ref>;
