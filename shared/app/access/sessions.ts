import { randomBytes } from 'node:crypto';
import { Forbidden } from '../../kernel/errors.ts';
import { HOUR_MS } from '../../kernel/time.ts';
import type { AccessSettings } from '../../settings.ts';
import { hashKey } from './keys.ts';
import type { AccessStore, Session } from './ports.ts';
import { principalArn, rolesFor } from './roles.ts';

export const SESSION_MS = HOUR_MS;

export interface SessionPorts {
  readonly store: Pick<AccessStore, 'putSession'>;
  readonly roles: AccessSettings['roles'];
}

/**
 * For somebody whom API Gateway knows by their signature: a bearer for an hour, with the roles that the configuration gives
 * their principal. Only its hash is stored; `secret` exists only in this answer.
 */
export async function openSession(
  callerArn: string,
  { store, roles: configured }: SessionPorts,
  now: number,
): Promise<{ readonly session: Session; readonly secret: string }> {
  const principal = principalArn(callerArn);
  const roles = rolesFor(principal, configured);
  if (roles.length === 0) {
    const detail = `no role for ${principal}: write it into roles of the environment in godwit.config.ts, for example roles: { marketer: ['${principal}'] }, and deploy`;
    throw new Forbidden('session.no-role', detail, 'forbidden');
  }
  const secret = `gw_session_${randomBytes(32).toString('base64url')}`;
  const hash = hashKey(secret);
  const session = { id: hash.slice(0, 16), who: callerArn, roles, createdAt: now, expiresAt: now + SESSION_MS };
  await store.putSession(hash, session);
  return { session, secret };
}
