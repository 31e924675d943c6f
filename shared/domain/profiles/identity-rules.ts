import * as z from 'zod';
import { DEFAULT_MAX_OF_KIND, MAX_IDENTITIES, MAX_IDENTITY_KINDS } from './limits.ts';
import { NAMED_KIND, NAMED_KINDS_TOLD } from './named-id.ts';

/**
 * What an identity of a kind may do, beside leading to whoever has it.
 *
 * - `never`: nothing. Several profiles may have it; nobody is merged by it.
 * - `unknown`: whoever is known by it alone becomes part of the first user who names it.
 * - `known`: two users who name it are one person.
 */
export const IdentityRule = z.strictObject({
  merge: z.enum(['never', 'unknown', 'known']),
  /** How many of the kind one profile takes. */
  max: z
    .int()
    .min(1)
    .max(MAX_IDENTITIES)
    .exactOptional()
    .meta({ description: `how many of the kind one profile takes; ${DEFAULT_MAX_OF_KIND} when absent` }),
});
export type IdentityRule = z.infer<typeof IdentityRule>;

const Kind = z.string().regex(NAMED_KIND, NAMED_KINDS_TOLD).meta({ description: NAMED_KINDS_TOLD });

export const IdentityRules = z
  .record(Kind, IdentityRule)
  .refine((rules) => Object.keys(rules).length <= MAX_IDENTITY_KINDS, {
    message: `at most ${MAX_IDENTITY_KINDS} kinds`,
  });
export type IdentityRules = z.infer<typeof IdentityRules>;
