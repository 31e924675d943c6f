import { canonicalJson } from '../../kernel/canonical-json.ts';
import type { Joined } from './join-profiles.ts';
import type { Profile } from './profile.ts';

/** What the absorbed profile brought, for the journal: how many of each, and consents that gave way to the other side's. No values. */
export function whatWasBrought(root: Profile, absorbed: Profile, { profile: joined, ended }: Joined) {
  const { runs, traits, consents, sends, seen } = absorbed;
  const changed = (mine: { readonly [key: string]: unknown }, next: { readonly [key: string]: unknown }) =>
    Object.keys(next).filter((key) => !Object.hasOwn(mine, key) || canonical(mine[key]) !== canonical(next[key]));
  return {
    runs: Object.keys(runs).length,
    endedRuns: ended.length,
    traits: changed(root.traits, joined.traits).length,
    ofTraits: Object.keys(traits).length,
    consents: changed(root.consents, joined.consents),
    ofConsents: Object.keys(consents).length,
    messages: sends.length,
    counts: Object.keys(seen).length,
  };
}

const canonical = (value: unknown): string => canonicalJson(value as Parameters<typeof canonicalJson>[0]);
