import { HOUR_MS } from '../../kernel/time.ts';
import type { Occurrence, Occurrences } from '../audiences/did-clauses.ts';
import { printMemberships, readMemberships } from './pack-memberships.ts';
import { emptyProfile, type Memberships, type Profile } from './profile.ts';
import { toStored } from './stored-profile.ts';

/**
 * A profile as its item holds it. Occurrences are most of what changes with every event, and as JSON each takes 40 bytes,
 * so each clause becomes a text of some 8 bytes an occurrence:
 *
 *     since|total|sum|mf8k2w1c=49.9 jfwq8 1H*3=60
 *
 * Times are differences to the one before in base 36, those of whole hours in hours (`H`); `*3` is the number in a bucket, `=60`
 * the sum. What an earlier release stored is an object, and is read as well. So it is with memberships (pack-memberships.ts).
 */
export type PackedProfile = Omit<Partial<Profile>, 'seen' | 'memberships'> & {
  readonly seen?: { readonly [clause: string]: string | Occurrences };
  readonly memberships?: string | Memberships;
};

export function packProfile(profile: Profile): PackedProfile {
  const { seen, memberships, ...rest } = toStored(profile);
  return {
    ...rest,
    ...(memberships !== undefined && { memberships: printMemberships(memberships) }),
    ...(seen !== undefined && { seen: mapped(seen, printOccurrences) }),
  };
}

export function unpackProfile({ seen, memberships, ...rest }: PackedProfile): Profile {
  const read = (one: string | Occurrences) => (typeof one === 'string' ? readOccurrences(one) : one);
  return {
    ...emptyProfile,
    ...rest,
    ...(memberships !== undefined && {
      memberships: typeof memberships === 'string' ? readMemberships(memberships) : memberships,
    }),
    seen: seen === undefined ? emptyProfile.seen : mapped(seen, read),
  };
}

const mapped = <T, U>(all: { readonly [key: string]: T }, to: (one: T) => U): { readonly [key: string]: U } =>
  Object.fromEntries(Object.entries(all).map(([key, one]) => [key, to(one)]));

export function printOccurrences({ times, total, sum, since }: Occurrences): string {
  let before = 0;
  const texts = times.map(({ at, count, sum: value }) => {
    const difference = at - before;
    before = at;
    const time =
      difference !== 0 && difference % HOUR_MS === 0 ? `${base36(difference / HOUR_MS)}H` : base36(difference);
    return time + (count === 1 ? '' : `*${base36(count)}`) + (value === 0 ? '' : `=${value}`);
  });
  return [base36(since), base36(total), sum, texts.join(' ')].join('|');
}

export function readOccurrences(text: string): Occurrences {
  const [since, total, sum, times] = text.split('|') as [string, string, string, string];
  let at = 0;
  const read = (entry: string): Occurrence => {
    const [head, value = '0'] = entry.split('=') as [string, string?];
    const [time, count = '1'] = head.split('*') as [string, string?];
    at += time.endsWith('H') ? number36(time.slice(0, -1)) * HOUR_MS : number36(time);
    return { at, count: number36(count), sum: Number(value) };
  };
  return {
    times: times === '' ? [] : times.split(' ').map(read),
    total: number36(total),
    sum: Number(sum),
    since: number36(since),
  };
}

const base36 = (number: number): string => number.toString(36);
const number36 = (text: string): number => Number.parseInt(text, 36);
