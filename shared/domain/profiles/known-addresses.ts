import type { ProfileKey } from '../../kernel/ids.ts';
import { addressHash, asHashed, hashedAddress, isHashedAddress, keyOfAddress } from '../messaging/address.ts';
import type { Channel } from '../messaging/channel.ts';
import { channelSpecs } from '../messaging/channels/registry.ts';
import { namedOf } from './named-of.ts';
import type { Profile } from './profile.ts';

const channels = Object.keys(channelSpecs) as Channel[];

export interface KnownAddress {
  readonly channel: Channel;
  /** As suppressions have it (messaging/address.ts). */
  readonly addressHash: string;
}

/** Of every channel, the customer's own: in the trait, among the identities, of a device, and those that are dead. */
export function knownAddresses(profile: Profile): KnownAddress[] {
  const named = namedOf(profile);
  const all = channels.flatMap((channel): KnownAddress[] => {
    const { address } = channelSpecs[channel];
    if (address === undefined) return [];
    const ids = (kind: string) => named.filter((one) => one.kind === kind).map(({ id }) => id);
    const trait = profile.traits[address.trait]?.value;
    const devices = address.ofDevices === true ? Object.keys(profile.devices ?? {}) : [];
    const plain = [trait, ...ids(address.trait), ...devices]
      .map((one) => (typeof one === 'string' ? address.normalise(one) : undefined))
      .filter((one) => one !== undefined);
    const hashes = [
      ...plain.flatMap((one) => [addressHash(channel, one), asHashed(channel, one)]),
      ...ids(`${address.trait}-sha256`).map(hashedAddress),
      ...Object.keys(profile.deadAddresses),
    ];
    return hashes.map((one) => ({ channel, addressHash: one }));
  });
  return [...new Map(all.map((one) => [`${one.channel}#${one.addressHash}`, one])).values()];
}

/** Actors of whoever was sent a message at one of these addresses alone (app/profiles/send-message.ts). */
export const strangersAt = (addresses: readonly KnownAddress[]): ProfileKey[] => [
  ...new Set(
    addresses
      .filter(({ channel, addressHash: hash }) => isWrittenTo(channel) && !isHashedAddress(hash))
      .map(({ addressHash: hash }) => keyOfAddress(hash)),
  ),
];

const isWrittenTo = (channel: Channel): boolean => channel === 'email' || channel === 'sms';
