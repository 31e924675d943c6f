import type { Json } from '../../kernel/canonical-json.ts';
import type { Profile } from '../profiles/profile.ts';
import { type ComputedTraits, computedValue } from './computed-traits.ts';
import type { Instant } from './value-at.ts';

/** `profile.*` as Liquid sees it. A computed trait is worked out when it is read: a text reads two of two hundred. */
export function visibleTraits(
  profile: Profile,
  computed: ComputedTraits | undefined,
  at: Instant,
): { readonly [name: string]: Json } {
  const traits: { [name: string]: Json } = Object.fromEntries(
    Object.entries(profile.traits).map(([name, { value }]) => [name, value]),
  );
  for (const name of computed?.byName.keys() ?? []) {
    Object.defineProperty(traits, name, {
      enumerable: true,
      configurable: true,
      get: () => computedValue(computed!, profile, name, at)?.value ?? null,
    });
  }
  return traits;
}
