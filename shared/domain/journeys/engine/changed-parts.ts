import { part } from '../../audiences/asked-parts.ts';
import type { Profile } from '../../profiles/profile.ts';

/**
 * What of the parts that predicates ask for (audiences/asked-parts.ts) is another one than before. Decisions copy what
 * they change and leave the rest, so what is the same object is the same: the work is in proportion to what changed.
 */
export function changedParts(before: Profile, after: Profile): string[] {
  if (before === after) return [];
  return [
    ...changedKeys(before.traits, after.traits).map(part.trait),
    ...changedKeys(before.seen, after.seen).map(part.seen),
    ...changedKeys(before.computed ?? {}, after.computed ?? {}).map(part.computed),
    ...changedKeys(before.consents, after.consents).map(part.consent),
    ...changedKeys(before.lists ?? {}, after.lists ?? {}).map(part.list),
    ...changedJourneys(before, after).map(part.journey),
  ];
}

export function changedKeys(before: { readonly [key: string]: unknown }, after: { readonly [key: string]: unknown }) {
  if (before === after) return [];
  const changed = Object.keys(after).filter((key) => !Object.hasOwn(before, key) || before[key] !== after[key]);
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) changed.push(key);
  return changed;
}

function changedJourneys(before: Profile, after: Profile): string[] {
  const runs = changedKeys(before.runs, after.runs).map((id) => (after.runs[id] ?? before.runs[id])!.journey);
  const entered = changedKeys(before.entered, after.entered).map((key) => key.split('|')[0]!);
  return [...new Set([...runs, ...entered])];
}
