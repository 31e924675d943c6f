import * as z from 'zod';
import { listSecret, revokeSecret, rotateSecret, type ShownSecret } from '../../app/endpoints/endpoint-secrets.ts';
import { nominalMs } from '../../kernel/duration.ts';
import { Duration, Id, type IssueParams } from '../../kernel/schema.ts';
import { DAY_MS, formatInstant, MINUTE_MS } from '../../kernel/time.ts';
import { noContent, ok, type Route, route } from '../route.ts';
import { IdParams, Timestamp } from '../schemas.ts';

const tag = 'Settings';
const path = '/v1/endpoints/{id}/secrets';

const Key = z.object({
  id: z.string(),
  current: z.boolean().meta({ description: 'the newest' }),
  madeAt: Timestamp.nullable(),
  until: Timestamp.nullable().meta({ description: 'null: until it is replaced' }),
});
const Secret = z
  .object({
    secretId: z.string().meta({ description: 'of the endpoint, or what it names: others may share it' }),
    keys: z.array(Key).meta({ description: 'each webhook has a signature of every one of them' }),
  })
  .meta({ id: 'EndpointSecret' });

/** `send` must have seen the new key, and a webhook that it signed before must have arrived. */
const leastMs = 10 * MINUTE_MS;
const mostMs = 30 * DAY_MS;
const Overlap = Duration.refine((text) => nominalMs(text) >= leastMs && nominalMs(text) <= mostMs, {
  params: { code: 'overlap', limit: 'PT10M to P30D' } satisfies IssueParams,
});

const show = ({ secretId, keys }: ShownSecret) => ({
  secretId,
  keys: keys.map(({ id, current, madeAt, until }) => ({
    ...{ id, current },
    madeAt: madeAt === undefined ? null : formatInstant(madeAt),
    until: until === undefined ? null : formatInstant(until),
  })),
});

export const endpointSecretRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path,
    scope: 'settings:read',
    tag,
    summary: 'Lists the valid keys with which webhooks to an endpoint are signed; never the keys themselves',
    params: IdParams,
    answers: { 200: { description: 'two at most', schema: Secret } },
    handle: async ({ params, now }, ports) => ok(show(await listSecret(params.id, now, ports))),
  }),
  route({
    method: 'POST',
    path,
    scope: 'settings:write',
    tag,
    summary: 'Makes the key of an endpoint, or another one in its place; it is shown this once',
    description:
      'The key before stays valid for `overlap`, and webhooks have both signatures meanwhile. A new key signs within five minutes. A repetition under the same Idempotency-Key does not show it again.',
    params: IdParams,
    body: z.strictObject({ overlap: Overlap.default('P1D').meta({ description: 'PT10M to P30D; a day when absent' }) }),
    bodyCode: 'secret',
    redact: (body) => ({ ...(body as object), secret: null }),
    answers: {
      201: {
        description: 'the key, as libraries of Standard Webhooks take it',
        schema: Secret.extend({ secret: z.string().nullable().meta({ description: '`whsec_…`' }) }).meta({
          id: 'NewEndpointSecret',
        }),
      },
      409: { description: 'two keys are valid already' },
    },
    async handle({ params, body, now }, ports) {
      const made = await rotateSecret(params.id, { overlapMs: nominalMs(body.overlap), now }, ports);
      const noted = { key: made.keys.find(({ current }) => current)?.id ?? '' };
      return { status: 201, body: { ...show(made), secret: made.secret }, noted };
    },
  }),
  route({
    method: 'DELETE',
    path: `${path}/{key}`,
    scope: 'settings:write',
    tag,
    summary: 'Revokes a key of an endpoint; it signs for five minutes more at most',
    params: z.strictObject({ id: Id, key: z.string().regex(/^[0-9a-f]{8}$/) }),
    answers: { 204: { description: 'revoked' }, 409: { description: 'it is the only one' } },
    async handle({ params, now }, ports) {
      await revokeSecret(params.id, { keyId: params.key, now }, ports);
      return noContent;
    },
  }),
];
