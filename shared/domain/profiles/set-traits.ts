import { canonicalJson, type Json } from '../../kernel/canonical-json.ts';
import { isPrototypeKey } from '../../kernel/clean-text.ts';
import type { Turn } from '../turn.ts';
import type { WrongValue } from './clean-value.ts';
import {
  jsonBytesBeyond,
  MAX_PROFILE_BYTES,
  MAX_TRAIT_BYTES,
  MAX_TRAIT_NAME,
  MAX_TRAITS,
  profileBytes,
  profileBytesBeyond,
} from './limits.ts';
import { type Outlier, outlierIn } from './outlier.ts';
import type { Profile, Trait } from './profile.ts';
import { countryOf, isRecord, type Normalised, normaliseTrait, traitName } from './reserved-traits.ts';
import { withAside, withoutAside } from './set-aside.ts';
import { cleanTrait } from './trait-rules.ts';

/**
 * Sets traits as of `at`.
 * - A value older than the one it would replace changes nothing.
 * - The same value changes nothing either, not even its time: clients repeat all they know with every identify, and each
 *   would be a write. So another value that comes late, with a time between the two, wins where it should not.
 * - A value that the policy's schemas refuse is set aside, with what is wrong with it, and the trait stays as it is.
 * - null takes the value away, and what remains remembers when, so that an older value does not bring it back.
 * - A computed trait cannot be set: it is what the customer's events say.
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
  const country = countryFor(turn, entries.find(([name]) => name === 'address')?.[1] ?? before.traits.address?.value);
  for (const [name, value] of entries) setTrait(turn, name, value, at, source, country);
  if (turn.profile === before) return;
  const bytes = profileBytesBeyond(MAX_PROFILE_BYTES, turn.profile);
  if (bytes === undefined || bytes <= profileBytes(before)) return;
  turn.profile = before;
  turn.because({
    code: 'profile.too-large',
    saw: { limitBytes: MAX_PROFILE_BYTES, actualBytes: bytes },
    fix: 'send fewer or smaller traits, or unset some with null',
  });
}

/** The one that the address says, as far as it can be read; else the policy's. */
function countryFor({ catalog }: Turn, address: Json | undefined): string | undefined {
  const { traitRules, policy } = catalog;
  const rule = traitRules.get('address');
  const cleaned =
    rule && isRecord(address)
      ? cleanTrait(rule, normaliseTrait('address', address, undefined).value, undefined)
      : undefined;
  const clean = cleaned !== undefined && 'value' in cleaned ? cleaned.value : address;
  return countryOf(clean) ?? policy.defaultCountry;
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
  if (turn.catalog.computed.byName.has(name)) {
    turn.because({ code: 'trait.computed', saw: { trait: name } });
    return;
  }
  if (name === '' || name.length > MAX_TRAIT_NAME || isPrototypeKey(name)) {
    turn.because({ code: 'trait.name', saw: { limit: MAX_TRAIT_NAME, actual: name.length } });
    return;
  }
  const current = Object.hasOwn(traits, name) ? traits[name] : undefined;
  if (value === null && (current === undefined || current.value === null)) {
    forgetAside(turn, name, at);
    return;
  }
  const cleaned = value === null ? { value } : clean(turn, name, value, country);
  const isOlder = current !== undefined && at < current.at;
  if ('value' in cleaned && current !== undefined && canonicalJson(current.value) === canonicalJson(cleaned.value)) {
    forgetAside(turn, name, at);
    return;
  }
  if (isOlder) {
    turn.because({ code: 'trait.older', saw: { trait: name } });
    return;
  }
  if ('why' in cleaned) {
    turn.because({ code: 'trait.set-aside', saw: { trait: name, ...cleaned.why } });
    replace(turn, withAside(turn.profile, name, { value, at, source, why: cleaned.why }));
    return;
  }
  if (current === undefined && Object.keys(traits).length >= MAX_TRAITS) {
    turn.because({ code: 'traits.too-many', saw: { trait: name, limit: MAX_TRAITS } });
    return;
  }
  const bytes = jsonBytesBeyond(MAX_TRAIT_BYTES, cleaned.value);
  if (bytes !== undefined) {
    turn.because({ code: 'trait.too-large', saw: { trait: name, limitBytes: MAX_TRAIT_BYTES, actualBytes: bytes } });
    return;
  }
  if (cleaned.unusual !== undefined) {
    turn.because({ code: `trait.not-${cleaned.unusual}`, saw: { trait: name, type: typeof value } });
  }
  const outlier = outlierNow(turn, name, cleaned.value);
  if (outlier !== undefined) turn.because({ code: 'trait.outlier', saw: { trait: name, ...outlier } });
  const flag = outlier !== undefined && ({ flag: 'outlier' } as const);
  turn.change({ traits: { ...traits, [name]: { value: cleaned.value, at, source, ...flag } } });
  forgetAside(turn, name, at);
}

/** Reserved traits into their one form; what a schema says comes after, and what it has brought into form is not unusual. */
function clean(
  { catalog }: Turn,
  name: string,
  value: Json,
  country: string | undefined,
): Normalised | { readonly why: WrongValue } {
  const normalised = normaliseTrait(name, value, country);
  const rule = catalog.traitRules.get(name);
  if (rule === undefined) return normalised;
  const cleaned = cleanTrait(rule, normalised.value, country);
  if ('why' in cleaned || rule.whole !== undefined) return cleaned;
  return { ...normalised, value: cleaned.value };
}

function outlierNow({ catalog }: Turn, name: string, value: Json): Outlier | undefined {
  const rule = catalog.traitRules.get(name);
  return rule && outlierIn(rule, name, value, catalog.statistics);
}

const forgetAside = (turn: Turn, name: string, at: number): void => replace(turn, withoutAside(turn.profile, name, at));

/** Also a dry run's profile, which is made anew with every change, stays the same object when nothing has changed. */
function replace(turn: Turn, profile: Profile): void {
  if (profile !== turn.profile) turn.profile = profile;
}

/** The value of a trait; a value taken away is missing. */
export function traitValue(profile: Profile, name: string): Json | undefined {
  const trait = Object.hasOwn(profile.traits, name) ? profile.traits[name] : undefined;
  return trait === undefined || trait.value === null ? undefined : trait.value;
}
