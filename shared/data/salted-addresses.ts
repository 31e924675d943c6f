import { createHmac } from 'node:crypto';
import type { SecretKeys } from '../app/secrets.ts';
import { saltedAddress } from '../domain/messaging/address.ts';
import type { Channel } from '../domain/messaging/channel.ts';

/**
 * What stands for an address of somebody who was erased, where the policy keeps its suppressions (ADR 42): an HMAC over the
 * hash by which it is known otherwise. Whoever has the table without the key cannot try addresses on it (RFC 2104).
 */
const saltedWith = (key: Uint8Array, channel: Channel, addressHash: string): string =>
  saltedAddress(createHmac('sha256', key).update(`${channel}#${addressHash}`).digest('base64url'));

export function saltedHash({ keys, current }: SecretKeys, channel: Channel, addressHash: string): string {
  return saltedWith(keys[current]!, channel, addressHash);
}

/** Under every key that there was: what has been salted cannot be salted anew. */
export const saltedHashes = ({ keys }: SecretKeys, channel: Channel, hashes: readonly string[]): readonly string[] =>
  Object.values(keys).flatMap((key) => hashes.map((one) => saltedWith(key, channel, one)));
