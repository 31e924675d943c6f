import { createHash, randomBytes } from 'node:crypto';
import { Conflict, Forbidden, InvalidInput, NotFound, Transient } from '../../kernel/errors.ts';
import { DAY_MS, HOUR_MS } from '../../kernel/time.ts';
import type { AccessKey, AccessStore, Credential, KeyKind, Session } from './ports.ts';
import { scopesOf } from './roles.ts';
import type { GrantedScope } from './scopes.ts';

/** Form of a key: its kind, then 256 random bits. The prefix lets secret scanners and people tell what leaked. */
const keyText = /^gw_(api|ingest)_[A-Za-z0-9_-]{43}$/;
export const MAX_KEYS = 500;
const sessionText = /^gw_session_[A-Za-z0-9_-]{43}$/;
const CACHE_SECONDS = 10;
const BELIEVED_SECONDS = 60;
const CACHED_KEYS = 1_000;

export const hashKey = (text: string): string => createHash('sha256').update(text).digest('base64url');

export interface IssueKey {
  readonly name: string;
  readonly kind: KeyKind;
  readonly scopes: readonly GrantedScope[];
  readonly expiresAt?: number;
  readonly perMinute?: number;
}

interface Issuer {
  readonly id: string;
  readonly scopes: readonly GrantedScope[];
}

interface Issued {
  readonly key: AccessKey;
  readonly secret: string;
}

/** Stores the hash. `secret` exists only in this answer. */
export async function issueKey(store: AccessStore, asked: IssueKey, by: Issuer, now: number): Promise<Issued> {
  const { kind, scopes, expiresAt } = asked;
  if (kind === 'ingest' ? scopes.length > 0 : scopes.length === 0) {
    const limit = kind === 'ingest' ? 'none for an ingest key' : 'at least one for an api key';
    const problem = { pointer: '/scopes', code: 'key.scopes', detail: 'scopes and kind do not fit', limit };
    throw new InvalidInput('key.scopes', `scopes: ${limit}`, [{ ...problem, actual: scopes.length }], 'invalid');
  }
  if (expiresAt !== undefined) requireExpiry(expiresAt, now);
  requireOwnScopes(scopes, by);
  const count = (await store.listKeys()).length;
  if (count >= MAX_KEYS) {
    throw new InvalidInput('key.too-many', `at most ${MAX_KEYS} keys; there are ${count}`, [], 'invalid');
  }
  const { hash, ...issued } = newKey(asked, by, now);
  await store.putKey(hash, issued.key);
  return issued;
}

function newKey(asked: Omit<AccessKey, 'id' | 'createdAt' | 'createdBy'>, by: Issuer, now: number) {
  const secret = `gw_${asked.kind}_${randomBytes(32).toString('base64url')}`;
  const hash = hashKey(secret);
  const key: AccessKey = { ...asked, id: hash.slice(0, 16), createdAt: now, createdBy: by.id };
  return { hash, key, secret };
}

const LONGEST_LIFE_MS = 3_660 * DAY_MS;

function requireExpiry(expiresAt: number, now: number): void {
  if (expiresAt > now && expiresAt <= now + LONGEST_LIFE_MS) return;
  const limit = 'later than now, and at most ten years ahead';
  const problem = { pointer: '/expiresAt', code: 'key.expires-at', detail: 'not a time to end at', limit };
  throw new InvalidInput('key.expires-at', `expiresAt: ${limit}`, [problem], 'invalid');
}

function requireOwnScopes(scopes: readonly GrantedScope[], by: Issuer): void {
  const beyond = scopes.find((scope) => !by.scopes.includes('*') && !by.scopes.includes(scope));
  if (beyond === undefined) return;
  throw new Forbidden('key.scope-beyond-own', `nobody grants a scope that they do not have: ${beyond}`, 'forbidden');
}

export interface Rotation {
  readonly overlapMs: number;
  readonly by: Issuer;
  readonly now: number;
}

/**
 * Another key in the place of one: of the same name, kind and scopes, and with as long a life. The one before ends after
 * the overlap, or when it would have ended, whichever comes first. Who rotates sees a key, so it is granted like a new one.
 */
export async function rotateKey(
  store: AccessStore,
  id: string,
  { overlapMs, by, now }: Rotation,
): Promise<Issued & { readonly endsAt: number }> {
  const before = (await store.listKeys()).find((key) => key.id === id);
  if (before === undefined || isEnded(before, now)) {
    throw new NotFound('key.not-found', 'there is no key of this id that is valid');
  }
  if (before.replacedBy !== undefined) {
    throw new Conflict('key.replaced', `the key ${before.replacedBy} came in its place already: rotate that one`);
  }
  requireOwnScopes(before.scopes, by);
  const { lastUsedAt: _, expiresAt, ...kept } = before;
  const endsAt = Math.min(now + overlapMs, expiresAt ?? Number.POSITIVE_INFINITY);
  const life = expiresAt === undefined ? {} : { expiresAt: now + (expiresAt - before.createdAt) };
  const { hash, ...issued } = newKey({ ...kept, ...life, replaces: before.id }, by, now);
  await store.replaceKey(before, endsAt, hash, issued.key);
  return { ...issued, endsAt };
}

export const isEnded = ({ expiresAt }: AccessKey, now: number): boolean => expiresAt !== undefined && expiresAt <= now;

export async function revokeKey(store: AccessStore, id: string): Promise<void> {
  if (!(await store.removeKey(id))) throw new NotFound('key.not-found', 'there is no key of this id');
}

/**
 * Finds the key that a request carries. Answers are remembered for 10 seconds, unknown keys too, so that a revoked
 * key works for at most that long (one that ends, not a moment longer) and a loop with a bad key costs one read in that time. While the table cannot be
 * read, a key that was known stays known for a minute: events are taken in, whatever ails the table of keys.
 */
export function keyReader(store: Pick<AccessStore, 'findKey' | 'touchKey'>, now: () => number) {
  const cache = new Map<string, { readonly key: AccessKey | undefined; readonly until: number }>();
  /** Only a note for people: a throttled table must not turn requests away for it. */
  const touch = async (hash: string, at: number) => {
    try {
      await store.touchKey(hash, at);
    } catch (error) {
      if (!(error instanceof Transient)) throw error;
    }
  };
  return async function readKey(text: string): Promise<AccessKey | undefined> {
    const key = keyText.test(text) ? await find(text) : undefined;
    return key === undefined || isEnded(key, now()) ? undefined : key;
  };

  async function find(text: string): Promise<AccessKey | undefined> {
    const hash = hashKey(text);
    const at = now();
    const cached = cache.get(hash);
    if (cached !== undefined && cached.until > at) return cached.key;
    let key: AccessKey | undefined;
    try {
      key = await store.findKey(hash);
    } catch (error) {
      if (cached?.key !== undefined && cached.until + BELIEVED_SECONDS * 1_000 > at) return cached.key;
      throw error;
    }
    if (key !== undefined && at - (key.lastUsedAt ?? 0) > HOUR_MS) await touch(hash, at);
    if (cache.size >= CACHED_KEYS) cache.clear();
    cache.set(hash, { key, until: at + CACHE_SECONDS * 1_000 });
    return key;
  }
}

/**
 * Who a bearer is: a key, or a session until it is ended or its hour is over. A session is remembered for 10 seconds, so one that
 * was ended works for that long at most, also while the table cannot be read: an intruder must not gain from an outage, and whoever
 * signed in asks again. One that is not known is asked for each time: it may have been opened a moment ago.
 */
export function credentialReader(
  store: Pick<AccessStore, 'findKey' | 'touchKey' | 'findSession'>,
  now: () => number,
): (text: string) => Promise<Credential | undefined> {
  const readKey = keyReader(store, now);
  const sessions = new Map<string, { readonly session: Session; readonly until: number }>();
  return async (text) => {
    if (!sessionText.test(text)) {
      const key = await readKey(text);
      if (key === undefined) return undefined;
      const { id, kind, scopes, perMinute } = key;
      return { who: `key:${id}`, kind, scopes, ...(perMinute !== undefined && { perMinute }) };
    }
    const session = await findSession(hashKey(text));
    // The table deletes late (DynamoDB, "Time to Live").
    if (session === undefined || session.expiresAt <= now()) return undefined;
    return { who: session.who, kind: 'session', scopes: scopesOf(session.roles), session: session.id };
  };

  async function findSession(hash: string): Promise<Session | undefined> {
    const at = now();
    const cached = sessions.get(hash);
    if (cached !== undefined && cached.until > at) return cached.session;
    sessions.delete(hash);
    const session = await store.findSession(hash);
    if (session === undefined) return undefined;
    if (sessions.size >= CACHED_KEYS) sessions.clear();
    sessions.set(hash, { session, until: at + CACHE_SECONDS * 1_000 });
    return session;
  }
}
