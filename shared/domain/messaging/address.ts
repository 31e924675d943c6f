import { normaliseEmail, normalisePhone } from '../../kernel/addresses.ts';
import { digest } from '../../kernel/ids.ts';
import type { Channel } from './channel.ts';

/**
 * An address as it is compared and hashed; undefined for what is none. E-mail and phone numbers: kernel/addresses.ts.
 * Everything else is taken as it is.
 */
export function normaliseAddress(channel: Channel, address: unknown): string | undefined {
  if (channel === 'email') return normaliseEmail(address);
  if (channel === 'sms') return normalisePhone(address);
  if (typeof address !== 'string' || address.length > 2_000) return undefined;
  const trimmed = address.trim();
  return trimmed === '' ? undefined : trimmed;
}

/** What stands for an address in tables, effects and links: nobody can read the address from it without guessing it. */
export function addressHash(channel: Channel, address: string): string {
  return digest(channel, normaliseAddress(channel, address) ?? address);
}
