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
 * 3. They do not expire: an unsubscribe link in an old mail must work. What grants something, and tokens for apps, which are
 *    made in the same way, say until when they hold, and whoever reads one looks at that.
 */
export interface LinkClaims {
  readonly profile: ProfileKey;
  readonly channel: Channel;
  readonly topic: string;
  readonly addressHash: string;
  readonly message: string;
}

/** Of a task: the visit to its step, and the message that brought it. */
export interface TaskClaims {
  readonly profile: ProfileKey;
  readonly message: string;
  readonly journey: string;
  readonly version: number;
  readonly step: string;
  readonly run: string;
  readonly visit: number;
}

/** Of a double opt-in: what is confirmed, when the link was made, and until when it is good (epoch milliseconds). */
export interface ConfirmClaims extends Omit<LinkClaims, 'topic'> {
  readonly topics: readonly string[];
  readonly at: number;
  readonly until: number;
}

/** Of an app: the inbox of one customer, and nothing else. */
export interface InboxClaims {
  readonly profile: ProfileKey;
  /** Epoch milliseconds. */
  readonly until: number;
}

interface ClaimsOf {
  readonly unsubscribe: LinkClaims;
  readonly preferences: LinkClaims;
  readonly confirm: ConfirmClaims;
  readonly task: TaskClaims;
  readonly inbox: InboxClaims;
}
export type LinkPurpose = keyof ClaimsOf;

/** A contract: links that are out carry values in this order, without names. */
const order: { readonly [P in LinkPurpose]: readonly (keyof ClaimsOf[P])[] } = {
  unsubscribe: ['profile', 'channel', 'topic', 'addressHash', 'message'],
  preferences: ['profile', 'channel', 'topic', 'addressHash', 'message'],
  confirm: ['profile', 'channel', 'topics', 'addressHash', 'message', 'at', 'until'],
  task: ['profile', 'message', 'journey', 'version', 'step', 'run', 'visit'],
  inbox: ['profile', 'until'],
};

const maxTokenCharacters = 1_000;

export function signLink<P extends LinkPurpose>(keys: SecretKeys, purpose: P, claims: ClaimsOf[P]): string {
  const values = order[purpose].map((name) => claims[name]);
  const signed = `${keys.current}.${Buffer.from(JSON.stringify(values)).toString('base64url')}`;
  return `${signed}.${macOf(keys.keys[keys.current]!, purpose, signed)}`;
}

export type LinkReading<P extends LinkPurpose> = ClaimsOf[P] | 'invalid' | 'unknown-key';

export function readLink<P extends LinkPurpose>(keys: SecretKeys, purpose: P, token: string): LinkReading<P> {
  const match = /^([A-Za-z0-9_-]{1,32})\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{22})$/.exec(token);
  if (match === null || token.length > maxTokenCharacters) return 'invalid';
  const [, keyId, payload, mac] = match as unknown as [string, string, string, string];
  const key = Object.hasOwn(keys.keys, keyId) ? keys.keys[keyId] : undefined;
  if (key === undefined) return 'unknown-key';
  const expected = macOf(key, purpose, `${keyId}.${payload}`);
  if (!timingSafeEqual(Buffer.from(expected), Buffer.from(mac))) return 'invalid';
  const values = JSON.parse(Buffer.from(payload, 'base64url').toString()) as unknown[];
  return Object.fromEntries(order[purpose].map((name, i) => [name, values[i]])) as unknown as ClaimsOf[P];
}

export interface SignedLinks {
  unsubscribeUrl(claims: LinkClaims): Promise<string>;
  preferencesUrl(claims: LinkClaims): Promise<string>;
  confirmUrl(claims: ConfirmClaims): Promise<string>;
  /** Where the outcome of a task is posted. */
  taskUrl(claims: TaskClaims): Promise<string>;
  inboxToken(claims: InboxClaims): Promise<string>;
  /** undefined: not one of ours. */
  read<P extends LinkPurpose>(purpose: P, token: string): Promise<ClaimsOf[P] | undefined>;
}

/** `baseUrl`: where `/u/{token}` and `/v1/tasks` are served, without a trailing slash. */
export function signedLinks(secrets: CachedSecrets, baseUrl: string): SignedLinks {
  return {
    async unsubscribeUrl(claims) {
      return `${baseUrl}/u/${signLink(await secrets.keys(linksSecret), 'unsubscribe', claims)}`;
    },
    async preferencesUrl(claims) {
      return `${baseUrl}/preferences/${signLink(await secrets.keys(linksSecret), 'preferences', claims)}`;
    },
    async confirmUrl(claims) {
      return `${baseUrl}/confirm/${signLink(await secrets.keys(linksSecret), 'confirm', claims)}`;
    },
    async taskUrl(claims) {
      return `${baseUrl}/v1/tasks/${signLink(await secrets.keys(linksSecret), 'task', claims)}/outcome`;
    },
    async inboxToken(claims) {
      return signLink(await secrets.keys(linksSecret), 'inbox', claims);
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
