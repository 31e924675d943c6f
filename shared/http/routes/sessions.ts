import * as z from 'zod';
import { roleScopes, scopesOf } from '../../app/access/roles.ts';
import { allows } from '../../app/access/scopes.ts';
import { endSession, listSessions, openSession } from '../../app/access/sessions.ts';
import { Forbidden } from '../../kernel/errors.ts';
import { formatInstant } from '../../kernel/time.ts';
import type { Ports } from '../ports.ts';
import { noContent, ok, type Principal, type Route, route } from '../route.ts';
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

const OpenSession = z
  .object({
    id: z.string().meta({ description: 'names the session, and opens nothing' }),
    who: z.string(),
    roles: z.array(z.string()),
    createdAt: Timestamp,
    expiresAt: Timestamp,
    current: z.boolean().meta({ description: 'the one that asks' }),
  })
  .meta({ id: 'OpenSession' });

const SessionParams = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9_-]{16}$/) });

const theirs = ({ id, scopes, session }: Principal, { access }: Pick<Ports, 'access'>) => {
  const seesAll = session === undefined || allows(scopes, 'keys:admin');
  return { store: access, who: seesAll ? undefined : id };
};

/** Of `api`. Who has `keys:admin` sees and ends everybody's, whoever signed in those of their own ARN. */
export const openSessionRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/sessions',
    scope: 'keys:admin',
    ofOwnSession: true,
    tag: 'Keys',
    summary: 'Lists open sessions, newest first; without `keys:admin` only those of the same principal',
    answers: { 200: { description: 'open sessions', schema: z.object({ data: z.array(OpenSession) }) } },
    async handle({ principal, now }, ports) {
      const found = await listSessions(theirs(principal, ports), now);
      const data = found.map(({ createdAt, expiresAt, ...one }) => ({
        ...{ ...one, createdAt: formatInstant(createdAt), expiresAt: formatInstant(expiresAt) },
        current: one.id === principal.session,
      }));
      return ok({ data });
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/sessions/{id}',
    scope: 'keys:admin',
    ofOwnSession: true,
    tag: 'Keys',
    summary: 'Ends a session; it works for 10 seconds more at most',
    params: SessionParams,
    answers: { 204: { description: 'ended' } },
    async handle({ params, principal, now }, ports) {
      const { who } = await endSession(params.id, theirs(principal, ports), now);
      return { ...noContent, noted: { session: params.id, of: who } };
    },
  }),
];
