import { Transient } from '../kernel/errors.ts';

/** Keys of one purpose: one signs, all of them verify, so that a key can be replaced without breaking what is out. */
export interface SecretKeys {
  /** Id of the key that signs. */
  readonly current: string;
  /** 32 random bytes each. */
  readonly keys: { readonly [keyId: string]: Uint8Array };
}

export interface SecretStore {
  /** Makes the first key when there is none; whoever comes second gets the first one's. */
  keys(name: string): Promise<SecretKeys>;
}

export const linksSecret = 'links';
export const webhookSecret = (secretId: string): string => `webhook|${secretId}`;

const keepMs = 300_000;
const reloadAtMostEveryMs = 60_000;

/** For as long as a container lives. `reload` is for a key id that is not known here: it may be newer than the copy. */
export interface CachedSecrets {
  keys(name: string): Promise<SecretKeys>;
  reload(name: string): Promise<SecretKeys>;
}

export function cachedSecrets(store: SecretStore, now: () => number): CachedSecrets {
  const known = new Map<string, { readonly keys: SecretKeys; readonly readAt: number }>();
  async function load(name: string, maxAgeMs: number): Promise<SecretKeys> {
    const kept = known.get(name);
    if (kept !== undefined && now() - kept.readAt < maxAgeMs) return kept.keys;
    const keys = await store.keys(name);
    if (keys.keys[keys.current] === undefined) throw new Transient('secret.incomplete', 'the signing key is not there');
    known.set(name, { keys, readAt: now() });
    return keys;
  }
  return { keys: (name) => load(name, keepMs), reload: (name) => load(name, reloadAtMostEveryMs) };
}
