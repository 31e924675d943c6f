import { canonicalJson, type Json } from '../../kernel/canonical-json.ts';
import { isPrototypeKey } from '../../kernel/clean-text.ts';
import type { Turn } from '../turn.ts';
import { jsonBytes, MAX_PROFILE_BYTES, MAX_TRAIT_BYTES, MAX_TRAIT_NAME, MAX_TRAITS, profileBytes } from './limits.ts';
import type { Profile, Trait } from './profile.ts';
import { countryOf, normaliseTrait, traitName } from './reserved-traits.ts';

/**
 * Sets traits as of `at`.
 * - A value older than the one it would replace changes nothing; nor does the same value.
 * - null takes the value away, and what remains remembers when, so that an older value does not bring it back.
 * - What exceeds a limit is refused with a reason, trait by trait; beyond the profile's size, all of them.
 */
export function setTraits(
  turn: Turn,
  values: { readonly [name: string]: Json },
  at: number,
  source: Trait['source'],
): void {
  const before = turn.profile;
  const entries = Object.entries(values).map(([name, value]): [string, Json] => [traitName(name), value]);
  const country = countryOf(entries.find(([name]) => name === 'address')?.[1] ?? before.traits.address?.value);
  for (const [name, value] of entries) setTrait(turn, name, value, at, source, country);
  if (turn.profile === before) return;
  const bytes = profileBytes(turn.profile);
  if (bytes <= MAX_PROFILE_BYTES || bytes <= profileBytes(before)) return;
  turn.profile = before;
  turn.because({
    code: 'profile.too-large',
    saw: { limitBytes: MAX_PROFILE_BYTES, actualBytes: bytes },
    fix: 'send fewer or smaller traits, or unset some with null',
  });
}

function setTrait(
  turn: Turn,
  name: string,
  value: Json,
  at: number,
  source: Trait['source'],
  country: string | undefined,
): void {
  const { traits } = turn.profile;
  if (name === '' || name.length > MAX_TRAIT_NAME || isPrototypeKey(name)) {
    turn.because({ code: 'trait.name', saw: { limit: MAX_TRAIT_NAME, actual: name.length } });
    return;
  }
  const current = Object.hasOwn(traits, name) ? traits[name] : undefined;
  if (value === null && (current === undefined || current.value === null)) return;
  const normalised = value === null ? { value } : normaliseTrait(name, value, country);
  if (current !== undefined) {
    if (canonicalJson(current.value) === canonicalJson(normalised.value)) return;
    if (at < current.at) {
      turn.because({ code: 'trait.older', saw: { trait: name } });
      return;
    }
  } else if (Object.keys(traits).length >= MAX_TRAITS) {
    turn.because({ code: 'traits.too-many', saw: { trait: name, limit: MAX_TRAITS } });
    return;
  }
  const bytes = jsonBytes(normalised.value);
  if (bytes > MAX_TRAIT_BYTES) {
    turn.because({ code: 'trait.too-large', saw: { trait: name, limitBytes: MAX_TRAIT_BYTES, actualBytes: bytes } });
    return;
  }
  if (normalised.unusual !== undefined) {
    turn.because({ code: `trait.not-${normalised.unusual}`, saw: { trait: name, type: typeof value } });
  }
  turn.change({ traits: { ...traits, [name]: { value: normalised.value, at, source } } });
}

/** The value of a trait; a value taken away is missing. */
export function traitValue(profile: Profile, name: string): Json | undefined {
  const trait = Object.hasOwn(profile.traits, name) ? profile.traits[name] : undefined;
  return trait === undefined || trait.value === null ? undefined : trait.value;
}
