import { canonicalJson, type Json } from '../../kernel/canonical-json.ts';
import type { WrongValue } from './clean-value.ts';
import { jsonBytes, MAX_ASIDE, MAX_ASIDE_BYTES } from './limits.ts';
import type { Profile, Trait } from './profile.ts';

/** A value that the policy's schema refused. The trait itself stays as it was. */
export interface SetAside {
  /** Absent when it was larger than `MAX_ASIDE_BYTES`; the journal has it with its record. */
  readonly value?: Json;
  readonly at: number;
  readonly source: Trait['source'];
  readonly why: WrongValue;
}

type Aside = NonNullable<Profile['aside']>;

/**
 * The newest of each trait is kept, and of the traits those whose value is newest. The same again is no change: a client
 * repeats it with every identify.
 */
export function withAside(
  profile: Profile,
  name: string,
  { value, ...rest }: SetAside & { readonly value: Json },
): Profile {
  const before = profile.aside !== undefined && Object.hasOwn(profile.aside, name) ? profile.aside[name] : undefined;
  if (before !== undefined && before.at > rest.at) return profile;
  const kept: SetAside = jsonBytes(value) > MAX_ASIDE_BYTES ? rest : { value, ...rest };
  if (before !== undefined && canonicalJson({ ...before, at: rest.at }) === canonicalJson(kept)) return profile;
  return { ...profile, ...newest({ ...profile.aside, [name]: kept }) };
}

/** What a good value of `at`, or one that was taken away then, leaves of it. */
export function withoutAside(profile: Profile, name: string, at: number): Profile {
  const before = profile.aside;
  if (before === undefined || !Object.hasOwn(before, name) || before[name]!.at > at) return profile;
  const { aside, ...rest } = profile;
  const { [name]: _, ...others } = before;
  return Object.keys(others).length === 0 ? rest : { ...rest, aside: others };
}

/** Of two profiles that become one: what is older than the good value that either has is of no use. */
export function joinAside(a: Profile['aside'], b: Profile['aside'], traits: Profile['traits']): Pick<Profile, 'aside'> {
  if (a === undefined && b === undefined) return {};
  const joined: { [name: string]: SetAside } = {};
  for (const [name, one] of [...Object.entries(a ?? {}), ...Object.entries(b ?? {})]) {
    const other = Object.hasOwn(joined, name) ? joined[name] : undefined;
    if (other !== undefined && !isNewer(one, other)) continue;
    if (Object.hasOwn(traits, name) && traits[name]!.at >= one.at) continue;
    joined[name] = one;
  }
  return newest(joined);
}

function isNewer(one: SetAside, other: SetAside): boolean {
  return one.at !== other.at ? one.at > other.at : canonicalJson(one) > canonicalJson(other);
}

function newest(aside: Aside): Pick<Profile, 'aside'> {
  const entries = Object.entries(aside);
  if (entries.length === 0) return {};
  if (entries.length <= MAX_ASIDE) return { aside };
  const kept = entries.sort(([a, x], [b, y]) => y.at - x.at || (a < b ? -1 : 1)).slice(0, MAX_ASIDE);
  return { aside: Object.fromEntries(kept) };
}
