import { createHash, randomBytes } from 'node:crypto';
import { Forbidden, InvalidInput, NotFound, Transient } from '../../kernel/errors.ts';
import { HOUR_MS } from '../../kernel/time.ts';
import type { AccessKey, AccessStore, KeyKind } from './ports.ts';
import type { GrantedScope } from './scopes.ts';

/** Form of a key: its kind, then 256 random bits. The prefix lets secret scanners and people tell what leaked. */
const keyText = /^gw_(api|ingest)_[A-Za-z0-9_-]{43}$/;
export const MAX_KEYS = 500;
const CACHE_SECONDS = 10;
const BELIEVED_SECONDS = 60;
const CACHED_KEYS = 1_000;

export const hashKey = (text: string): string => createHash('sha256').update(text).digest('base64url');

export interface IssueKey {
  readonly name: string;
  readonly kind: KeyKind;
  readonly scopes: readonly GrantedScope[];
}

/** Stores the hash. `secret` exists only in this answer. */
export async function issueKey(
  store: AccessStore,
  { name, kind, scopes }: IssueKey,
  by: { readonly id: string; readonly scopes: readonly GrantedScope[] },
  now: number,
): Promise<{ readonly key: AccessKey; readonly secret: string }> {
  if (kind === 'ingest' ? scopes.length > 0 : scopes.length === 0) {
    const limit = kind === 'ingest' ? 'none for an ingest key' : 'at least one for an api key';
    const problem = { pointer: '/scopes', code: 'key.scopes', detail: 'scopes and kind do not fit', limit };
    throw new InvalidInput('key.scopes', `scopes: ${limit}`, [{ ...problem, actual: scopes.length }], 'invalid');
  }
  const beyond = scopes.find((scope) => !by.scopes.includes('*') && !by.scopes.includes(scope));
  if (beyond !== undefined) {
    throw new Forbidden('key.scope-beyond-own', `nobody grants a scope that they do not have: ${beyond}`, 'forbidden');
  }
  const count = (await store.listKeys()).length;
  if (count >= MAX_KEYS) {
    throw new InvalidInput('key.too-many', `at most ${MAX_KEYS} keys; there are ${count}`, [], 'invalid');
  }
  const secret = `gw_${kind}_${randomBytes(32).toString('base64url')}`;
  const hash = hashKey(secret);
  const key = { id: hash.slice(0, 16), kind, name, scopes, createdAt: now, createdBy: by.id };
  await store.putKey(hash, key);
  return { key, secret };
}

export async function revokeKey(store: AccessStore, id: string): Promise<void> {
  if (!(await store.removeKey(id))) throw new NotFound('key.not-found', 'there is no key of this id');
}

/**
 * Finds the key that a request carries. Answers are remembered for 10 seconds, unknown keys too, so that a revoked
 * key works for at most that long and a loop with a bad key costs one read in that time. While the table cannot be
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
    if (!keyText.test(text)) return undefined;
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
  };
}
