import { dig } from '../../kernel/dig.ts';
import type { Policy } from '../messaging/policy.ts';
import type { Profile } from '../profiles/profile.ts';
import { numeric } from '../profiles/trait-schema.ts';
import { isCountable } from './sketch.ts';

/** Traits and parts of traits that the policy says are numbers. */
export const namedNumbers = ({ traits = {} }: Pick<Policy, 'traits'>): string[] =>
  Object.entries(traits).flatMap(([name, { type }]) => (numeric.includes(type) ? name : []));

/**
 * What statistics count of one customer, under the words that predicates have for them: traits that are numbers, and those
 * parts of others that the policy names.
 */
export function numbersOf({ traits }: Profile, named: readonly string[]): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  for (const [name, { value }] of Object.entries(traits)) if (isCountable(value)) numbers.set(name, value);
  for (const name of named) {
    const [trait, ...path] = name.split('.') as [string, ...string[]];
    const part = path.length > 0 && Object.hasOwn(traits, trait) ? dig(traits[trait]!.value, path) : undefined;
    if (isCountable(part)) numbers.set(name, part);
  }
  return numbers;
}
