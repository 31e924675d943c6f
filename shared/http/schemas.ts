import * as z from 'zod';
import type { IdType as IdTypeName } from '../app/profiles/find-profile.ts';
import { NAMED_KIND, NAMED_KINDS_TOLD } from '../domain/profiles/named-id.ts';
import { Id, Instant, type IssueParams } from '../kernel/schema.ts';
import { parseCalendarDay } from '../kernel/time.ts';

/** Parts that several routes share. */
export const IdParams = z.strictObject({ id: Id });

/** An id that a product app gave its customer. */
export const CustomerId = z.string().min(1).max(256).meta({ id: 'CustomerId', description: 'at most 256 characters' });
const idTypesTold = `userId, anonymousId, ${NAMED_KINDS_TOLD}`;
const idType = z
  .string()
  .regex(new RegExp(`^(?:userId|anonymousId|${NAMED_KIND.source.slice(4, -2)})$`), idTypesTold)
  .meta({ id: 'IdType', description: idTypesTold });
/** No template literal type of zod's would give the pattern that readers of the OpenAPI document need. */
export const IdType = idType as unknown as z.ZodType<IdTypeName, IdTypeName>;

export const VersionNumber = z
  .string()
  .regex(/^[1-9]\d{0,8}$/)
  .meta({ id: 'VersionNumber', description: 'a whole number from 1' });

export const Finding = z
  .looseObject({ pointer: z.string(), code: z.string(), detail: z.string() })
  .meta({ id: 'Finding' });

/** As it stands in a document or, with its quotes, in the ETag header. */
export const DraftEtag = z
  .string()
  .min(1)
  .max(200)
  .transform((text) => text.replace(/^"(.*)"$/, '$1'));

const TestDevice = z
  .string()
  .max(1_100)
  .regex(/^push:[\x21-\x7E]+$/)
  .meta({ id: 'TestDevice', description: '`push:` and the token of a device' });

/** Of an author of tests: an e-mail address, a phone number or a device. */
export const TestRecipient = z.union([z.email().max(320), z.string().regex(/^\+[1-9]\d{6,14}$/), TestDevice]);

export const JsonObject = z.record(z.string().min(1).max(200), z.json()).meta({ id: 'JsonObject' });
export const Timestamp = Instant;
export const CalendarDay = z
  .string()
  .refine((text) => parseCalendarDay(text) !== undefined, {
    params: { code: 'day', limit: 'YYYY-MM-DD, UTC' } satisfies IssueParams,
  })
  .meta({ id: 'CalendarDay', description: '`2026-11-26`' });

export const ProblemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().meta({ description: 'stable and dotted: `journey.next-dangling`' }),
    detail: z.string(),
    requestId: z.string(),
    errors: z.array(
      z.object({
        pointer: z.string().meta({ description: 'JSON pointer to the field' }),
        code: z.string(),
        detail: z.string(),
        limit: z.union([z.string(), z.number()]).optional(),
        actual: z.union([z.string(), z.number()]).optional().meta({ description: 'a size or a type, never a value' }),
        fix: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' });
