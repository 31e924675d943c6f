import type { Profile } from '../../profiles/profile.ts';
import { traitValue } from '../../profiles/set-traits.ts';
import { addressHash, normaliseAddress } from '../address.ts';
import type { Channel } from '../channel.ts';
import { channelSpecs } from '../channels/registry.ts';
import type { Check, Proposal } from './check.ts';

/** The address as the customer's profile has it, whether or not it is a good one. */
export function addressIn(profile: Profile, channel: Channel): string | undefined {
  const { address } = channelSpecs[channel];
  const value = address && traitValue(profile, address.trait);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

const addressOf = ({ to, profile, channel }: Proposal) => to ?? addressIn(profile, channel);

export const checkAddress: Check = (proposal) => {
  const { channel } = proposal;
  const wanted = channelSpecs[channel].address;
  if (wanted === undefined) return undefined;
  const { trait, form } = wanted;
  const address = addressOf(proposal);
  if (address === undefined) return { no: 'address.missing', fix: `set the trait ${trait}` };
  if (normaliseAddress(channel, address) !== undefined) return undefined;
  return { no: 'address.invalid', saw: { characters: address.length }, fix: `set the trait ${trait} to ${form}` };
};

/** Bounced for good, or complained: transactional messages too, because the provider counts every further try against us. */
export const checkDeadAddress: Check = (proposal) => {
  const address = addressOf(proposal);
  const { deadAddresses } = proposal.profile;
  if (address === undefined || channelSpecs[proposal.channel].address === undefined) return undefined;
  if (Object.keys(deadAddresses).length === 0) return undefined;
  const hash = addressHash(proposal.channel, address);
  const dead = Object.hasOwn(deadAddresses, hash) ? deadAddresses[hash] : undefined;
  return dead === undefined ? undefined : { no: `suppressed.${dead}`, fix: 'needs another address' };
};
