import type { Profile } from '../domain/profiles/profile.ts';
import type { Json } from '../kernel/canonical-json.ts';

/** Values as traits, for a customer who is made up. */
export function traitsFrom(values: Json | undefined, at: number): Profile['traits'] {
  const entries = Object.entries((values ?? {}) as { [name: string]: Json });
  return Object.fromEntries(entries.map(([name, value]) => [name, { value, at, source: 'api' } as const]));
}
