import * as z from 'zod';
import { issueKey, revokeKey } from '../../app/access/keys.ts';
import type { AccessKey } from '../../app/access/ports.ts';
import { GrantedScope } from '../../app/access/scopes.ts';
import { unique } from '../../kernel/schema.ts';
import { formatInstant } from '../../kernel/time.ts';
import { noContent, ok, type Route, route } from '../route.ts';
import { Timestamp } from '../schemas.ts';

const tag = 'Keys';

export const KeyRequest = z
  .strictObject({
    name: z.string().min(1).max(200),
    kind: z.enum(['api', 'ingest']),
    scopes: z.array(GrantedScope).max(50).check(unique('scopes')).exactOptional(),
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
  })
  .meta({ id: 'Key' });

const show = (key: AccessKey) => ({
  ...key,
  createdAt: formatInstant(key.createdAt),
  lastUsedAt: key.lastUsedAt === undefined ? null : formatInstant(key.lastUsedAt),
});

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
    handle: async (_, ports) => ok({ data: (await ports.access.listKeys()).map(show) }),
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
    async handle({ body: { name, kind, scopes = [] }, principal, now }, ports) {
      const { key, secret } = await issueKey(ports.access, { name, kind, scopes }, principal, now);
      return { status: 201, body: { ...show(key), secret }, noted: notedOf(key) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/keys/{id}',
    scope: 'keys:admin',
    tag,
    summary: 'Revokes a key; it works for 10 seconds more at most (a write key for a minute)',
    params: z.strictObject({ id: z.string().regex(/^[A-Za-z0-9_-]{16}$/) }),
    answers: { 204: { description: 'revoked' } },
    async handle({ params }, ports) {
      await revokeKey(ports.access, params.id);
      return noContent;
    },
  }),
];
