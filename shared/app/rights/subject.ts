import { type KnownAddress, knownAddresses, strangersAt } from '../../domain/profiles/known-addresses.ts';
import { identitiesOf } from '../../domain/profiles/named-of.ts';
import type { Profile } from '../../domain/profiles/profile.ts';
import type { ProfileKey } from '../../kernel/ids.ts';
import type { ProfileStore, StoredProfile } from '../ports.ts';
import { keysOf } from '../profiles/find-profile.ts';

/** Under which keys anything may be stored of one customer (GDPR: the data subject). */
export interface Subject {
  /** The profile first; then what was merged into it, or is about to be, and what was sent to an address alone. */
  readonly keys: readonly ProfileKey[];
  /** Actors of the customer's identities, which know who has them. */
  readonly identities: readonly ProfileKey[];
  readonly addresses: readonly KnownAddress[];
}

/** @param stored the root, as `findProfile` answers it. */
export async function subjectOf(profiles: Pick<ProfileStore, 'read'>, stored: StoredProfile): Promise<Subject> {
  const asked = await Promise.all(Object.keys(stored.profile.asked).map((key) => profiles.read(key)));
  // A device that was asked to merge may belong to another customer: then it is a signpost to them, and nothing of ours.
  const merging = asked.filter((one) => one !== undefined).filter(({ profile }) => isOrLeadsTo(profile, stored.key));
  const all = [stored.profile, ...merging.map(({ profile }) => profile)];
  const addresses = unique(all.flatMap(knownAddresses), ({ channel, addressHash }) => `${channel}#${addressHash}`);
  const keys = [...keysOf(stored), ...merging.flatMap(keysOf), ...strangersAt(addresses)];
  const known = new Set(keys);
  const identities = all.flatMap(identitiesOf).filter((key) => !known.has(key));
  return { keys: [...known], identities: [...new Set(identities)], addresses };
}

const isOrLeadsTo = ({ movedTo }: Profile, root: ProfileKey): boolean => movedTo === undefined || movedTo === root;

const unique = <T>(all: readonly T[], nameOf: (one: T) => string): T[] => [
  ...new Map(all.map((one) => [nameOf(one), one])).values(),
];
