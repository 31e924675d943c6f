import { emptyProfile, type Profile } from './profile.ts';

/** A profile as it is stored: without its empty parts. So a part that a release adds changes no profile that has none of it. */
export function toStored(profile: Profile): Partial<Profile> {
  const isEmpty = (value: unknown) =>
    value === 0 || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(profile).filter(([, value]) => !isEmpty(value)));
}

export const fromStored = (stored: Partial<Profile>): Profile => ({ ...emptyProfile, ...stored });
