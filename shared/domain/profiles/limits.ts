import type { Profile } from './profile.ts';

/**
 * One profile is one DynamoDB item that is read and written as a whole, billed by the kilobyte: what is beyond these
 * limits is refused with a reason, and the rest of the record is still decided.
 */
export const MAX_PROFILE_BYTES = 32_768;
/** What a merge may make of two profiles; beyond it the absorbed one's own traits and counts stay behind. */
export const MAX_MERGED_BYTES = 65_536;
export const MAX_TRAITS = 200;
export const MAX_TRAIT_BYTES = 8_192;
export const MAX_TRAIT_NAME = 200;
/** Traits of which a value was set aside, and how much of a value is kept there. */
export const MAX_ASIDE = 20;
export const MAX_ASIDE_BYTES = 512;
/** Anonymous ids, links and aliases of one person; beyond it a "person" is a shared login or a bot. */
export const MAX_IDENTITIES = 200;
/** Kinds of identities that a policy tracks; each may cost a profile an answer to every event. */
export const MAX_IDENTITY_KINDS = 50;
/** Of one kind, where the policy does not say; a merge may bring more. */
export const DEFAULT_MAX_OF_KIND = 20;
/** Profiles that an identity which never merges leads to, the newest ones. */
export const MAX_HOLDERS = 20;
/** Push tokens of one customer, those included that have ended. */
export const MAX_DEVICES = 10;
/** Merges that a profile remembers, the newest ones; the journal knows all that it keeps. */
export const MAX_MERGED = 20;
/** Shared devices remembered, so that they are not asked again. */
export const MAX_DECLINED = 20;
/** What dry runs of a customer remember; beyond it nobody enters one. No other limit counts it. */
export const MAX_AS_IF_BYTES = 8_192;
/** Everything that is stored of a test run expires then. */
export const TEST_RUN_DAYS = 7;
/** Messages given back at hand-over whose runs have gone on. */
export const MAX_HELD = 20;
/** Broadcasts that a customer took part in, newest last. */
export const MAX_BROADCASTS = 20;
/** Keyed journeys (one run per cart) remember this many last entries per journey. */
export const MAX_ENTERED_KEYS = 50;

/** Entries on days that traits name (birthday, renewal) which one profile is armed for. */
export const MAX_DATES = 20;

/** Of what computed traits are computed from; when it is full, what does not fit is not counted, with a reason. */
export const MAX_COMPUTED_BYTES = 16_384;
/** Of a value that a computed trait may keep, as JSON in UTF-8: longer ones, lists and objects are passed over. */
export const MAX_VALUE_BYTES = 64;
/** Computed traits that an environment has, those of presets included. */
export const MAX_COMPUTED_TRAITS = 200;
/** Live segments that one profile belongs to: at most 18 KB of the item. */
export const MAX_MEMBERSHIPS = 200;
/** Live segments of an environment, lists not counted: each is worked out once for every new customer that it may hold of. */
export const MAX_LIVE_SEGMENTS = 1_000;
/** Lists that one customer is on. */
export const MAX_LISTS = 50;

/** Of a profile, without what dry runs remember. */
export const profileBytes = (profile: Profile): number => jsonBytes(counted(profile));

function counted(profile: Profile): Omit<Profile, 'asIf'> {
  if (profile.asIf === undefined) return profile;
  const { asIf: _, ...real } = profile;
  return real;
}

export const profileBytesBeyond = (limit: number, profile: Profile): number | undefined =>
  jsonBytesBeyond(limit, counted(profile));

/** Bytes of the value as JSON in UTF-8. */
export const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');

/** Its bytes where they are more than so many; undefined: they are not. Most values are far from their limit, and are not written. */
export function jsonBytesBeyond(limit: number, value: unknown): number | undefined {
  if (left(limit, value) >= 0) return undefined;
  const bytes = jsonBytes(value);
  return bytes > limit ? bytes : undefined;
}

/**
 * What is left of so many bytes behind a value whose characters all take as many as a character can (\u0000: 6), and whose
 * numbers are as long as one can be; below 0, it may be too large. A fifth of the time that it takes to write it.
 */
function left(bytes: number, value: unknown): number {
  if (typeof value === 'string') return bytes - 6 * value.length - 2;
  if (typeof value === 'number') return bytes - 25;
  if (typeof value !== 'object' || value === null) return bytes - 5;
  // Places in a list are taken for names, which takes more than it has.
  let rest = bytes - 2;
  for (const name in value) {
    if (rest < 0) break;
    rest = left(rest - 6 * name.length - 4, (value as { readonly [name: string]: unknown })[name]);
  }
  return rest;
}
