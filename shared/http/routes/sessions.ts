import * as z from 'zod';
import { roleScopes, scopesOf } from '../../app/access/roles.ts';
import { openSession } from '../../app/access/sessions.ts';
import { Forbidden } from '../../kernel/errors.ts';
import { formatInstant } from '../../kernel/time.ts';
import { type Route, route } from '../route.ts';
import { Timestamp } from '../schemas.ts';

const SessionAnswer = z
  .object({
    token: z.string().meta({ description: '`gw_session_…`, for the header Authorization; shown this once' }),
    who: z.string().meta({ description: 'the ARN that signed the request' }),
    roles: z.array(z.enum(Object.keys(roleScopes) as [string, ...string[]])),
    scopes: z.array(z.string()),
    expiresAt: Timestamp,
  })
  .meta({ id: 'Session' });

/** Served by a function of its own, which nobody reaches without the authorizer (infra/stacks/api.ts). */
export const sessionRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/sessions',
    scope: 'iam',
    tag: 'Keys',
    summary: 'Gives somebody of the AWS account a bearer for an hour',
    description:
      'The request is signed with AWS credentials (Signature Version 4, service `execute-api`); `roles` of the configuration say what the principal may do. `godwit login --aws` does it.',
    body: z.strictObject({}),
    idempotency: 'none',
    audited: true,
    answers: { 201: { description: 'the bearer', schema: SessionAnswer } },
    async handle({ principal, now }, ports) {
      if (ports.sessions === undefined) {
        throw new Forbidden('session.unsigned', 'the request must be signed with AWS credentials', 'unauthenticated');
      }
      const { session, secret } = await openSession(principal.id, ports.sessions, now);
      const { id, who, roles, expiresAt } = session;
      return {
        status: 201,
        body: { token: secret, who, roles, scopes: scopesOf(roles), expiresAt: formatInstant(expiresAt) },
        noted: { session: id, roles: roles.join(' ') },
      };
    },
  }),
];
