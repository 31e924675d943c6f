import type { Profile } from '../../profiles/profile.ts';
import { traitValue } from '../../profiles/set-traits.ts';
import { addressHash, normaliseAddress } from '../address.ts';
import type { Channel } from '../channel.ts';
import type { Check, Proposal } from './check.ts';

/** Where a channel's address lies in the profile. In-app and webhook messages need none. */
export const addressTraits: { readonly [C in Channel]: string | undefined } = {
  email: 'email',
  sms: 'phone',
  push: 'pushToken',
  'in-app': undefined,
  webhook: undefined,
};

/** The address as the customer's profile has it, whether or not it is a good one. */
export function addressIn(profile: Profile, channel: Channel): string | undefined {
  const trait = addressTraits[channel];
  const value = trait === undefined ? undefined : traitValue(profile, trait);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

const addressOf = ({ to, profile, channel }: Proposal) => to ?? addressIn(profile, channel);

export const checkAddress: Check = (proposal) => {
  const { channel } = proposal;
  const trait = addressTraits[channel];
  if (trait === undefined) return undefined;
  const address = addressOf(proposal);
  if (address === undefined) return { no: 'address.missing', fix: `set the trait ${trait}` };
  if (normaliseAddress(channel, address) !== undefined) return undefined;
  const form = channel === 'sms' ? 'a number in E.164 form, +14155550100' : 'a whole address';
  return { no: 'address.invalid', saw: { characters: address.length }, fix: `set the trait ${trait} to ${form}` };
};

/** Bounced for good, or complained: transactional messages too, because the provider counts every further try against us. */
export const checkDeadAddress: Check = (proposal) => {
  const address = addressOf(proposal);
  const { deadAddresses } = proposal.profile;
  if (address === undefined || addressTraits[proposal.channel] === undefined) return undefined;
  if (Object.keys(deadAddresses).length === 0) return undefined;
  const hash = addressHash(proposal.channel, address);
  const dead = Object.hasOwn(deadAddresses, hash) ? deadAddresses[hash] : undefined;
  return dead === undefined ? undefined : { no: `suppressed.${dead}`, fix: 'needs another address' };
};
