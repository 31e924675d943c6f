import { namedOf } from '../../domain/profiles/named-of.ts';
import type { ProfileKey } from '../../kernel/ids.ts';
import type { ProfileStore } from '../ports.ts';
import type { IdType } from '../profiles/find-profile.ts';

const CONCURRENT_READS = 25;

export type Person<T> = Omit<T, 'key'> & { readonly id: string | null; readonly idType: IdType | null };

/** Under the ids that their product apps know. Jobs keep keys alone, so an erasure reaches what they have found. */
export async function namePeople<T extends { readonly key: ProfileKey }>(
  profiles: Pick<ProfileStore, 'read'>,
  standing: readonly T[],
): Promise<readonly Person<T>[]> {
  const people: Person<T>[] = [];
  for (let from = 0; from < standing.length; from += CONCURRENT_READS) {
    const some = standing.slice(from, from + CONCURRENT_READS).map(async ({ key, ...where }): Promise<Person<T>> => {
      const profile = (await profiles.read(key))?.profile;
      const { user, anonymous: [anonymous] = [] } = profile?.ids ?? {};
      if (user !== undefined) return { id: user, idType: 'userId', ...where };
      if (anonymous !== undefined) return { id: anonymous, idType: 'anonymousId', ...where };
      const [named] = profile === undefined ? [] : namedOf(profile);
      return { id: named?.id ?? null, idType: named?.kind ?? null, ...where };
    });
    people.push(...(await Promise.all(some)));
  }
  return people;
}
