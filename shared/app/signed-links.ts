import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Channel } from '../domain/messaging/channel.ts';
import type { ProfileKey } from '../kernel/ids.ts';
import { type CachedSecrets, linksSecret, type SecretKeys } from './secrets.ts';

/**
 * Links that say who follows them: `<key id>.<payload>.<MAC>`, URL-safe, about 250 characters.
 *
 * 1. Nobody can make one, or turn one into another customer's, address's or topic's: all of it is under the MAC
 *    (HMAC-SHA256, cut to 128 bits), together with what the link is for.
 * 2. The MAC is over the text and compared as text, so exactly one spelling is accepted.
 * 3. They do not expire: an unsubscribe link in an old mail must work.
 */
export interface LinkClaims {
  readonly profile: ProfileKey;
  readonly channel: Channel;
  readonly topic: string;
  readonly addressHash: string;
  readonly message: string;
}

export type LinkPurpose = 'unsubscribe' | 'preferences';

const maxTokenCharacters = 1_000;

export function signLink(keys: SecretKeys, purpose: LinkPurpose, claims: LinkClaims): string {
  const { profile, channel, topic, addressHash, message } = claims;
  const payload = Buffer.from(JSON.stringify([profile, channel, topic, addressHash, message])).toString('base64url');
  const signed = `${keys.current}.${payload}`;
  return `${signed}.${macOf(keys.keys[keys.current]!, purpose, signed)}`;
}

export type LinkReading = LinkClaims | 'invalid' | 'unknown-key';

export function readLink(keys: SecretKeys, purpose: LinkPurpose, token: string): LinkReading {
  const match = /^([A-Za-z0-9_-]{1,32})\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{22})$/.exec(token);
  if (match === null || token.length > maxTokenCharacters) return 'invalid';
  const [, keyId, payload, mac] = match as unknown as [string, string, string, string];
  const key = Object.hasOwn(keys.keys, keyId) ? keys.keys[keyId] : undefined;
  if (key === undefined) return 'unknown-key';
  const expected = macOf(key, purpose, `${keyId}.${payload}`);
  if (!timingSafeEqual(Buffer.from(expected), Buffer.from(mac))) return 'invalid';
  const signed = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [string, Channel, string, string, string];
  const [profile, channel, topic, addressHash, message] = signed;
  return { profile, channel, topic, addressHash, message };
}

export interface SignedLinks {
  unsubscribeUrl(claims: LinkClaims): Promise<string>;
  /** undefined: not one of ours. */
  read(purpose: LinkPurpose, token: string): Promise<LinkClaims | undefined>;
}

/** `baseUrl`: where `/u/{token}` is served, without a trailing slash. */
export function signedLinks(secrets: CachedSecrets, baseUrl: string): SignedLinks {
  return {
    async unsubscribeUrl(claims) {
      return `${baseUrl}/u/${signLink(await secrets.keys(linksSecret), 'unsubscribe', claims)}`;
    },
    async read(purpose, token) {
      let reading = readLink(await secrets.keys(linksSecret), purpose, token);
      if (reading === 'unknown-key') reading = readLink(await secrets.reload(linksSecret), purpose, token);
      return typeof reading === 'string' ? undefined : reading;
    },
  };
}

function macOf(key: Uint8Array, purpose: LinkPurpose, text: string): string {
  return createHmac('sha256', key).update(`godwit/${purpose}/${text}`).digest().subarray(0, 16).toString('base64url');
}
