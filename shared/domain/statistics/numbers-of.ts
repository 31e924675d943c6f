import { dig } from '../../kernel/dig.ts';
import { type ComputedTraits, computedValue } from '../computed-traits/computed-traits.ts';
import type { Instant } from '../computed-traits/value-at.ts';
import type { Policy } from '../messaging/policy.ts';
import type { Profile } from '../profiles/profile.ts';
import { numeric } from '../profiles/trait-schema.ts';
import { isCountable } from './sketch.ts';

/** Traits and parts of traits that the policy says are numbers. */
export const namedNumbers = ({ traits = {} }: Pick<Policy, 'traits'>): string[] =>
  Object.entries(traits).flatMap(([name, { type }]) => (numeric.includes(type) ? name : []));

/**
 * What statistics count of one customer, under the words that predicates have for them: traits that are numbers, those
 * parts of others that the policy names, and computed traits, which hide ordinary ones of the same name.
 */
export function numbersOf(
  profile: Profile,
  named: readonly string[],
  computed: ComputedTraits,
  at: Instant,
): ReadonlyMap<string, number> {
  const { traits } = profile;
  const numbers = new Map<string, number>();
  for (const [name, { value }] of Object.entries(traits)) if (isCountable(value)) numbers.set(name, value);
  for (const name of named) {
    const [trait, ...path] = name.split('.') as [string, ...string[]];
    const part = path.length > 0 && Object.hasOwn(traits, trait) ? dig(traits[trait]!.value, path) : undefined;
    if (isCountable(part)) numbers.set(name, part);
  }
  for (const [name, { type }] of computed.byName) {
    numbers.delete(name);
    if (type !== 'number') continue;
    const value = computedValue(computed, profile, name, at)?.value;
    if (isCountable(value) && isKnown(computed, profile, name)) numbers.set(name, value);
  }
  return numbers;
}

/** A customer who never ordered has bought 0 times, and is none of the buyers among whom the fifths are found. */
function isKnown({ byName }: ComputedTraits, { computed = {} }: Profile, name: string): boolean {
  const definition = byName.get(name);
  return definition === undefined || 'from' in definition || Object.hasOwn(computed, definition.feed.id);
}
