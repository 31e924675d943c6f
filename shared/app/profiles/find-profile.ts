import type { NamedIdentity } from '../../domain/mail-record.ts';
import { keyOfNamed, normaliseId } from '../../domain/profiles/named-id.ts';
import { namedBy } from '../../domain/profiles/named-of.ts';
import { holdersOf, isErased, isNobody } from '../../domain/profiles/profile.ts';
import { Conflict, InvalidInput, NotFound, Transient } from '../../kernel/errors.ts';
import { type NamedKind, type ProfileKey, profileKey } from '../../kernel/ids.ts';
import type { ProfileStore, StoredProfile } from '../ports.ts';

export type IdType = 'userId' | 'anonymousId' | NamedKind;

/** Throws InvalidInput where the id is none of its kind. */
export function identityOf(idType: IdType, text: string): NamedIdentity {
  if (idType === 'userId') return { user: text };
  if (idType === 'anonymousId') return { anonymous: text };
  const id = normaliseId(idType, text);
  if (id !== undefined) return { kind: idType, id };
  const limit = limits[idType] ?? 'an id of one customer, at most 256 characters';
  const actual = `${text.length} characters`;
  const problem = { pointer: '/id', code: 'id.malformed', detail: `no ${idType}`, limit, actual };
  throw new InvalidInput('id.malformed', `the id is no ${idType} (${actual}): ${limit}`, [problem]);
}

const limits: { readonly [idType: string]: string } = {
  email: 'a whole e-mail address',
  phone: 'a number in E.164 form, +14155550100',
  'email-sha256': '64 hexadecimal digits',
  'phone-sha256': '64 hexadecimal digits',
};

export function keyOfIdentity(identity: NamedIdentity): ProfileKey {
  if ('kind' in identity) return keyOfNamed(identity);
  return 'user' in identity ? profileKey('user', identity.user) : profileKey('anonymous', identity.anonymous);
}

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

/** As findProfile; undefined when nothing is known of this customer. Conflict when several have the identity. */
export async function knownProfile(
  profiles: Pick<ProfileStore, 'read'>,
  key: ProfileKey,
): Promise<StoredProfile | undefined> {
  const [found, ...others] = await profilesOf(profiles, key);
  if (others.length === 0) return found;
  const detail = `${others.length + 1} customers have this identity; GET /v1/profiles?idType=&id= lists them`;
  throw new Conflict('identity.ambiguous', detail);
}

/** Everybody who has the identity with this key: one at most, unless its kind never merges. At most 20. */
export async function profilesOf(
  profiles: Pick<ProfileStore, 'read'>,
  key: ProfileKey,
): Promise<readonly StoredProfile[]> {
  const stored = await rootOf(profiles, key);
  if (stored === undefined || isErased(stored.profile)) return [];
  if (!isNobody(stored.profile)) return [stored];
  const roots = await Promise.all(holdersOf(stored.profile).map((holder) => rootOf(profiles, holder)));
  // Who gave it up a moment ago may still be listed.
  const holding = roots.filter((one) => one !== undefined).filter(({ profile }) => namedBy(profile, key) !== undefined);
  return [...new Map(holding.map((one) => [one.key, one])).values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

async function rootOf(profiles: Pick<ProfileStore, 'read'>, key: ProfileKey): Promise<StoredProfile | undefined> {
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
