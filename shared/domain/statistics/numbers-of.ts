import type { Profile } from '../profiles/profile.ts';
import { isCountable } from './sketch.ts';

/** What statistics count of one customer: traits that are numbers, under the words that predicates have for them. */
export function numbersOf(profile: Profile): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  for (const [name, { value }] of Object.entries(profile.traits)) if (isCountable(value)) numbers.set(name, value);
  return numbers;
}
