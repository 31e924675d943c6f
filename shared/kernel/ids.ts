import { hash } from 'node:crypto';

/**
 * Every id of ours is `[A-Za-z0-9_-]`, at most 80 characters, so that it is legal as SES tag value, execution
 * name, SQS group and deduplication id alike (docs: SES SendEmail EmailTags, Step Functions service quotas,
 * SQS message quotas). What a client names itself (userId, messageId) is hashed where it becomes such a key.
 */

/** 22 characters: 128 bits of SHA-256, base64url. */
export function digest(...parts: string[]): string {
  return hash('sha256', joined(parts), 'base64url').slice(0, 22);
}

/** Each with its length in front, so that no two lists of parts are the same text. */
function joined(parts: readonly (string | number)[]): string {
  let text = '';
  for (const part of parts) {
    const own = String(part);
    text += `${isAscii(own) ? own.length : Buffer.byteLength(own)}:${own}`;
  }
  return text;
}

/** Nearly all are, and short: to look at them here is less than a call of what counts their bytes. */
function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}

/** `external:<type>`: an id that another system gave, told apart by its type. */
export type NamedKind = 'email' | 'phone' | 'device' | 'email-sha256' | 'phone-sha256' | `external:${string}`;
/** `push-token`: of one device; nobody is addressed by it. */
export type IdentityKind = 'anonymous' | 'user' | 'push-token' | NamedKind;

/**
 * The key of a profile: 'u' for a user id and 'a' for every other kind of identity ('t': a test run), then 22 characters of its hash;
 * MessageGroupId and partition key. Comparing two keys as strings is the order of merges (protocol.md, Merges): anonymous < known,
 * then by key.
 */
export type ProfileKey = string;

export function profileKey(kind: IdentityKind, id: string): ProfileKey {
  return (kind === 'user' ? 'u' : 'a') + digest(kind, id);
}

/**
 * Of a test run: an actor of its own that no client can name. 't' stands between 'a' and 'u', but nobody asks a test to
 * merge.
 */
export const testKey = (journey: string, run: string): ProfileKey => `t${digest('test', journey, run)}`;

export const isTestKey = (key: ProfileKey): boolean => key.startsWith('t');

export const isKnown = (key: ProfileKey): boolean => key.startsWith('u');

/** 64 hexadecimal digits: the form in which partners send addresses. */
export const sha256Hex = (text: string): string => hash('sha256', text, 'hex');

/** A deterministic number in [0, 1) from the parts: the only chance the decision core knows. */
export function chance(...parts: (string | number)[]): number {
  return Number.parseInt(hash('sha256', joined(parts)).slice(0, 12), 16) / 2 ** 48;
}
