import { digest, type ProfileKey, profileKey, sha256Hex } from '../../kernel/ids.ts';
import type { Channel } from './channel.ts';
import { channelSpecs } from './channels/registry.ts';

/** An address as it is compared and hashed; undefined for what is none, and on a channel that has no addresses. */
export const normaliseAddress = (channel: Channel, address: unknown): string | undefined =>
  channelSpecs[channel].address?.normalise(address);

/** What stands for an address in tables, effects and links: nobody can read the address from it without guessing it. */
export function addressHash(channel: Channel, address: string): string {
  return digest(channel, normaliseAddress(channel, address) ?? address);
}

/** Of whoever is sent a message at an address, and of whom nothing else is known. */
export const keyOfAddress = (hash: string): ProfileKey => profileKey('anonymous', `address:${hash}`);

/**
 * What stands for an address of which only its SHA-256 is known, as partners and other senders hand lists over: 64 hexadecimal
 * digits of the normalised address. No other hash of ours can be made of it, so it is kept beside them.
 */
export const hashedAddress = (hex: string): string => `sha256:${hex.toLowerCase()}`;
export const isHashedAddress = (addressHash: string): boolean => addressHash.startsWith('sha256:');

/** What stands for an address of somebody who was erased: an HMAC, by which nobody can look for it without the key (ADR 42). */
export const saltedAddress = (hmac: string): string => `salted:${hmac}`;
export const isSaltedAddress = (addressHash: string): boolean => addressHash.startsWith('salted:');

/** How an address would stand in such a list. */
export const asHashed = (channel: Channel, address: string): string =>
  hashedAddress(sha256Hex(normaliseAddress(channel, address) ?? address));
