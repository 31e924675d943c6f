import { randomBytes } from 'node:crypto';
import { Transient } from '../kernel/errors.ts';

/** Keys of one purpose: one signs, all of them verify, so that a key can be replaced without breaking what is out. */
export interface SecretKeys {
  /** Id of the key that signs. */
  readonly current: string;
  /** 32 random bytes each. */
  readonly keys: { readonly [keyId: string]: Uint8Array };
  /** Of one that is being replaced: it signs beside the current one before this instant, epoch milliseconds. */
  readonly until?: { readonly [keyId: string]: number };
  /** When each was made, where that is known. */
  readonly madeAt?: { readonly [keyId: string]: number };
}

/** In the URL of its route, and in links that it signs. */
export const newKeyId = (): string => randomBytes(4).toString('hex');

/** Ids of the keys that are valid now, the current one first. */
export const validKeys = ({ current, keys, until = {} }: SecretKeys, now: number): string[] => [
  current,
  ...Object.keys(keys).filter((id) => id !== current && (until[id] ?? Number.POSITIVE_INFINITY) > now),
];

export interface SecretStore {
  /** Makes the first key when there is none; whoever comes second gets the first one's. */
  keys(name: string): Promise<SecretKeys>;
}

/** For whoever replaces them. */
export interface SecretRotation {
  read(name: string): Promise<StoredSecret | undefined>;
  /** False when it is not the one that was read any more. */
  replace(name: string, next: SecretKeys, before: StoredSecret | undefined): Promise<boolean>;
}

/** With how often it was replaced. */
export type StoredSecret = SecretKeys & { readonly revision: number };

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
