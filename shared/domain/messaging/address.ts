import { digest } from '../../kernel/ids.ts';
import type { Channel } from './channel.ts';
import { channelSpecs } from './channels/registry.ts';

/** An address as it is compared and hashed; undefined for what is none, and on a channel that has no addresses. */
export const normaliseAddress = (channel: Channel, address: unknown): string | undefined =>
  channelSpecs[channel].address?.normalise(address);

/** What stands for an address in tables, effects and links: nobody can read the address from it without guessing it. */
export function addressHash(channel: Channel, address: string): string {
  return digest(channel, normaliseAddress(channel, address) ?? address);
}
