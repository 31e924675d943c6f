import { type ProfileKey, profileKey } from '../../kernel/ids.ts';
import { keyOfNamed, type NamedId } from './named-id.ts';
import type { Profile } from './profile.ts';

export const namedOf = ({ ids }: Profile): NamedId[] =>
  Object.entries(ids.named ?? {}).flatMap(([kind, all]) => all.map((id) => ({ kind: kind as NamedId['kind'], id })));

/** Actors of the profile's identities and devices, which know who has them. */
export const identitiesOf = (profile: Profile): ProfileKey[] => [
  ...namedOf(profile).map(keyOfNamed),
  ...Object.keys(profile.devices ?? {}).map(keyOfToken),
];

export const keyOfToken = (token: string): ProfileKey => profileKey('push-token', token);

export const isNamed = ({ ids }: Profile, { kind, id }: NamedId): boolean => ids.named?.[kind]?.includes(id) === true;

/** Ids of one kind are sorted, so that merges commute. */
export function withNamed(profile: Profile, { kind, id }: NamedId): Profile {
  const named = { ...profile.ids.named, [kind]: [...(profile.ids.named?.[kind] ?? []), id].sort() };
  return { ...profile, ids: { ...profile.ids, named } };
}

export function withoutNamed(profile: Profile, { kind, id }: NamedId): Profile {
  const { named, ...ids } = profile.ids;
  const { [kind]: of = [], ...others } = named ?? {};
  const left = of.filter((one) => one !== id);
  const next = left.length > 0 ? { ...others, [kind]: left } : others;
  return { ...profile, ids: { ...ids, ...(Object.keys(next).length > 0 && { named: next }) } };
}

/** The identity whose actor has this key, if the profile goes by it. */
export const namedBy = (profile: Profile, key: string): NamedId | undefined =>
  namedOf(profile).find((named) => keyOfNamed(named) === key);
