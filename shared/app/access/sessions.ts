import { randomBytes } from 'node:crypto';
import { Forbidden, NotFound } from '../../kernel/errors.ts';
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

/** Who asks for sessions: of their own principal always, of everybody with `keys:admin`. */
export interface SessionsOf {
  readonly store: Pick<AccessStore, 'listSessions' | 'removeSession'>;
  /** Undefined: of everybody. */
  readonly who: string | undefined;
}

/** Those whose hour is not over, newest first. */
export async function listSessions({ store, who }: SessionsOf, now: number): Promise<readonly Session[]> {
  const all = await store.listSessions();
  return all.filter((one) => one.expiresAt > now && (who === undefined || one.who === who));
}

/** Somebody else's is not found either: who asks for their own learns nothing of others. */
export async function endSession(id: string, sessions: SessionsOf, now: number): Promise<Session> {
  const found = (await listSessions(sessions, now)).find((one) => one.id === id);
  if (found === undefined || !(await sessions.store.removeSession(id))) {
    throw new NotFound('session.not-found', 'there is no open session of this id that you may end');
  }
  return found;
}
