import type { NamedIdentity } from '../../domain/mail-record.ts';
import { NotFound, Transient } from '../../kernel/errors.ts';
import { type ProfileKey, profileKey } from '../../kernel/ids.ts';
import type { ProfileStore, StoredProfile } from '../ports.ts';

export type IdType = 'userId' | 'anonymousId';

export const identityOf = (idType: IdType, id: string): NamedIdentity =>
  idType === 'userId' ? { user: id } : { anonymous: id };

export const keyOfIdentity = (identity: NamedIdentity): ProfileKey =>
  'user' in identity ? profileKey('user', identity.user) : profileKey('anonymous', identity.anonymous);

/** Merges chain, but a chain this long is a fault. */
const maxMoves = 20;

/**
 * The profile that a key leads to: signposts are followed, so that an id that was merged into another one finds the
 * person. A frozen signpost has not handed its state over yet; what its target knows counts all the same.
 */
export async function findProfile(profiles: Pick<ProfileStore, 'read'>, key: ProfileKey): Promise<StoredProfile> {
  const found = await knownProfile(profiles, key);
  if (found === undefined) throw new NotFound('profile.not-found', 'nothing is known of this customer');
  return found;
}

/** As findProfile; undefined when nothing is known of this customer. */
export async function knownProfile(
  profiles: Pick<ProfileStore, 'read'>,
  key: ProfileKey,
): Promise<StoredProfile | undefined> {
  let at = key;
  for (let moves = 0; moves <= maxMoves; moves++) {
    const stored = await profiles.read(at);
    if (stored === undefined) {
      if (moves === 0) return undefined;
      throw new Transient('profile.moving', 'this profile is being merged', 1);
    }
    if (stored.profile.movedTo === undefined) return stored;
    at = stored.profile.movedTo;
  }
  throw new Transient('profile.moving', `more than ${maxMoves} merges in a row`, 1);
}

/** The root and everything that was merged into it: where journal entries and messages lie. */
export const keysOf = (stored: StoredProfile): readonly ProfileKey[] => [
  ...new Set([stored.key, ...stored.profile.aliases]),
];
