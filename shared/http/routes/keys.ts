import * as z from 'zod';
import { type IssueKey, isEnded, issueKey, revokeKey, rotateKey } from '../../app/access/keys.ts';
import type { AccessKey } from '../../app/access/ports.ts';
import { GrantedScope } from '../../app/access/scopes.ts';
import { unique } from '../../kernel/schema.ts';
import { DAY_MS, formatInstant, HOUR_MS, parseInstant } from '../../kernel/time.ts';
import { noContent, ok, type Route, route } from '../route.ts';
import { Timestamp } from '../schemas.ts';

const tag = 'Keys';

const PerMinute = z.int().min(20).max(10_000_000);

export const KeyRequest = z
  .strictObject({
    name: z.string().min(1).max(200),
    kind: z.enum(['api', 'ingest']),
    scopes: z.array(GrantedScope).max(50).check(unique('scopes')).exactOptional(),
    expiresAt: Timestamp.exactOptional().meta({ description: 'absent: it does not end by itself' }),
    perMinute: PerMinute.exactOptional().meta({
      description: 'requests, or events of an ingest key; absent: throttle.perKey of the configuration',
    }),
  })
  .meta({ id: 'KeyRequest' });
const Key = z
  .object({
    id: z.string(),
    kind: z.enum(['api', 'ingest']),
    name: z.string(),
    scopes: z.array(GrantedScope),
    createdAt: Timestamp,
    createdBy: z.string(),
    lastUsedAt: Timestamp.nullable().meta({ description: 'within an hour' }),
    expiresAt: Timestamp.nullable(),
    state: z.enum(['valid', 'ending', 'ended']).meta({ description: '`ending`: within two weeks' }),
    perMinute: z.int().nullable(),
    replacedBy: z.string().nullable(),
    replaces: z.string().nullable(),
  })
  .meta({ id: 'Key' });

const SOON_MS = 14 * DAY_MS;

function stateOf(key: AccessKey, now: number): 'valid' | 'ending' | 'ended' {
  if (isEnded(key, now)) return 'ended';
  return key.expiresAt !== undefined && key.expiresAt - now <= SOON_MS ? 'ending' : 'valid';
}

const instantOf = (at: number | undefined) => (at === undefined ? null : formatInstant(at));
const show = (key: AccessKey, now: number) => ({
  ...key,
  createdAt: formatInstant(key.createdAt),
  lastUsedAt: instantOf(key.lastUsedAt),
  expiresAt: instantOf(key.expiresAt),
  state: stateOf(key, now),
  perMinute: key.perMinute ?? null,
  replacedBy: key.replacedBy ?? null,
  replaces: key.replaces ?? null,
});

/** As a key is asked for, with its time as a number. */
export function askedKey({ expiresAt, scopes = [], ...asked }: z.infer<typeof KeyRequest>): IssueKey {
  return { ...asked, scopes, ...(expiresAt !== undefined && { expiresAt: parseInstant(expiresAt)! }) };
}

const KeyParams = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9_-]{16}$/) });
const MOST_OVERLAP_HOURS = 720;

/** What the audit log keeps of a key that was made. */
export const notedOf = ({ id, kind, name, scopes }: AccessKey) => ({ key: id, kind, name, scopes: scopes.join(' ') });

export const keyRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/keys',
    scope: 'keys:admin',
    tag,
    summary: 'Lists keys, newest first; never the keys themselves',
    answers: { 200: { description: 'all keys', schema: z.object({ data: z.array(Key) }) } },
    async handle({ now }, ports) {
      return ok({ data: (await ports.access.listKeys()).map((key) => show(key, now)) });
    },
  }),
  route({
    method: 'POST',
    path: '/v1/keys',
    scope: 'keys:admin',
    tag,
    summary: 'Makes a key; it is shown this once',
    description:
      'Only its SHA-256 is stored. A key grants no scope that it does not have. A repetition under the same Idempotency-Key does not show it again.',
    body: KeyRequest,
    bodyCode: 'key',
    redact: (body) => ({ ...(body as object), secret: null }),
    answers: { 201: { description: 'the key', schema: Key.extend({ secret: z.string().nullable() }) } },
    async handle({ body, principal, now }, ports) {
      const { key, secret } = await issueKey(ports.access, askedKey(body), principal, now);
      return { status: 201, body: { ...show(key, now), secret }, noted: notedOf(key) };
    },
  }),
  route({
    method: 'POST',
    path: '/v1/keys/{id}/rotations',
    scope: 'keys:admin',
    tag,
    summary: 'Makes a key in the place of another one, which ends after an overlap; it is shown this once',
    description:
      'The new one has the name, kind, scopes and length of life of the other. Whoever rotates must have those scopes. A repetition under the same Idempotency-Key does not show it again.',
    params: KeyParams,
    body: z.strictObject({
      overlapHours: z
        .int()
        .min(0)
        .max(MOST_OVERLAP_HOURS)
        .default(24)
        .meta({ description: `0 to ${MOST_OVERLAP_HOURS}; a day when absent. 0: the key leaked` }),
    }),
    bodyCode: 'key',
    redact: (body) => ({ ...(body as object), secret: null }),
    answers: {
      201: {
        description: 'the new key, and when the other one ends',
        schema: Key.extend({ secret: z.string().nullable(), replacedEndsAt: Timestamp }).meta({ id: 'RotatedKey' }),
      },
      409: { description: 'it was replaced already' },
    },
    async handle({ params, body, principal, now }, ports) {
      const rotation = { overlapMs: body.overlapHours * HOUR_MS, by: principal, now };
      const { key, secret, endsAt } = await rotateKey(ports.access, params.id, rotation);
      const replacedEndsAt = formatInstant(endsAt);
      const noted = { ...notedOf(key), replacedEndsAt };
      return { status: 201, body: { ...show(key, now), secret, replacedEndsAt }, noted };
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/keys/{id}',
    scope: 'keys:admin',
    tag,
    summary: 'Revokes a key; it works for 10 seconds more at most (a write key for a minute)',
    params: KeyParams,
    answers: { 204: { description: 'revoked' } },
    async handle({ params }, ports) {
      await revokeKey(ports.access, params.id);
      return noContent;
    },
  }),
];
