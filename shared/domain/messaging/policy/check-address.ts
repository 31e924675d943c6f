import { deviceIn, tokensIn } from '../../profiles/devices.ts';
import type { Profile } from '../../profiles/profile.ts';
import { traitValue } from '../../profiles/set-traits.ts';
import { addressHash, normaliseAddress } from '../address.ts';
import type { Channel } from '../channel.ts';
import { channelSpecs } from '../channels/registry.ts';
import type { Check, Proposal } from './check.ts';

/** Addresses as the customer's profile has them, whether or not they are good ones; several where they are devices. */
export function addressesIn(profile: Profile, channel: Channel): readonly string[] {
  const { address } = channelSpecs[channel];
  if (address === undefined) return [];
  const value = traitValue(profile, address.trait);
  const own = typeof value === 'string' && value !== '' ? [value] : [];
  if (address.ofDevices === undefined) return own;
  // A trait may still hold what a device has told, or told no more.
  return [...tokensIn(profile), ...own.filter((one) => deviceIn(profile, one.trim()) === undefined)];
}

export const addressIn = (profile: Profile, channel: Channel): string | undefined => addressesIn(profile, channel)[0];

const addressesOf = ({ to, profile, channel }: Proposal) => (to === undefined ? addressesIn(profile, channel) : [to]);

export const checkAddress: Check = (proposal) => {
  const { channel } = proposal;
  const wanted = channelSpecs[channel].address;
  if (wanted === undefined) return undefined;
  const { trait, form, ofDevices } = wanted;
  const addresses = addressesOf(proposal);
  const [address] = addresses;
  if (address === undefined) {
    return { no: 'address.missing', fix: ofDevices ? 'let the app tell its push token' : `set the trait ${trait}` };
  }
  if (addresses.some((one) => normaliseAddress(channel, one) !== undefined)) return undefined;
  return { no: 'address.invalid', saw: { characters: address.length }, fix: `set the trait ${trait} to ${form}` };
};

/** Bounced for good, or complained: transactional messages too, because the provider counts every further try against us. */
export const checkDeadAddress: Check = (proposal) => {
  const { deadAddresses } = proposal.profile;
  if (channelSpecs[proposal.channel].address === undefined || Object.keys(deadAddresses).length === 0) return undefined;
  const addresses = addressesOf(proposal);
  const dead = addresses.flatMap((address) => deadBecause(proposal.profile, proposal.channel, address) ?? []);
  if (dead.length === 0 || dead.length < addresses.length) return undefined;
  return { no: `suppressed.${dead[0]!}`, fix: 'needs another address' };
};

export function deadBecause({ deadAddresses }: Profile, channel: Channel, address: string) {
  const hash = addressHash(channel, address);
  return Object.hasOwn(deadAddresses, hash) ? deadAddresses[hash] : undefined;
}
