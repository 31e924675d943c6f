import { joinOccurrences } from '../audiences/did-clauses.ts';
import type { AsIf, Profile, Run, Trait } from './profile.ts';

/**
 * Dry runs of journeys have a memory of their own, which lies over the real one: `profile.asIf`.
 *
 * 1. Dry runs see both, so that consent, caps, re-entry rules and predicates say what they would say.
 * 2. Nobody else sees it: neither real runs nor `send`, and no limit of the profile's size counts it.
 */

/** The customer as dry runs see them. */
export function withAsIf(profile: Profile): Profile {
  const { asIf, ...real } = profile;
  if (asIf === undefined) return real;
  return {
    ...real,
    runs: { ...real.runs, ...asIf.runs },
    entered: { ...real.entered, ...asIf.entered },
    traits: { ...real.traits, ...newer(asIf.traits ?? {}, real.traits) },
    sends: [...real.sends, ...(asIf.sends ?? [])],
    ...(asIf.holdouts !== undefined && { holdouts: { ...real.holdouts, ...asIf.holdouts } }),
    ...(asIf.compared !== undefined && { compared: { ...real.compared, ...asIf.compared } }),
    ...(asIf.seen !== undefined && { seen: { ...real.seen, ...together(real.seen, asIf.seen) } }),
  };
}

/**
 * The profile with what `seen`, which a dry run has changed, has beyond it; what is taken away from the real one is not.
 * What was joined cannot be told apart again: occurrences are noted by `withSeenAsIf`.
 */
export function asIfOf(profile: Profile, seen: Profile): Profile {
  const { asIf: before, ...real } = profile;
  const asIf: { -readonly [K in keyof AsIf]: AsIf[K] } = {};
  if (before?.seen !== undefined) asIf.seen = before.seen;
  const runs = beyond(seen.runs, real.runs);
  if (runs !== undefined) asIf.runs = runs;
  const entered = beyond(seen.entered, real.entered);
  if (entered !== undefined) asIf.entered = entered;
  const traits = beyond(seen.traits, real.traits);
  if (traits !== undefined) asIf.traits = traits;
  const holdouts = beyond(seen.holdouts ?? {}, real.holdouts ?? {});
  if (holdouts !== undefined) asIf.holdouts = holdouts;
  const compared = beyond(seen.compared ?? {}, real.compared ?? {});
  if (compared !== undefined) asIf.compared = compared;
  const sends = seen.sends.filter((send) => !real.sends.includes(send));
  if (sends.length > 0) asIf.sends = sends;
  return Object.keys(asIf).length === 0 ? real : { ...real, asIf };
}

export const withSeenAsIf = (profile: Profile, seen: Profile['seen']): Profile => ({
  ...profile,
  asIf: { ...profile.asIf, seen },
});

/**
 * Without what is of no use any more. Of a journey that is no dry run now, nothing is remembered but its runs, which
 * leave by themselves; and without runs, only what dry runs go by when they are entered: entries before, comparisons, and
 * messages as long as there is one of these.
 */
export function tidied(profile: Profile, isDryRun: (journey: string) => boolean): Profile {
  if (profile.asIf === undefined) return profile;
  const { asIf, ...real } = profile;
  const { entered = {}, compared = {}, seen, ...rest } = asIf;
  const ofDryRuns = <T>(all: { readonly [key: string]: T }) =>
    Object.fromEntries(Object.entries(all).filter(([key]) => isDryRun(key.split('|')[0]!)));
  const kept = { entered: ofDryRuns(entered), compared: ofDryRuns(compared) };
  const [hasEntered, isCompared] = [isFull(kept.entered), isFull(kept.compared)];
  const next: AsIf = {
    ...(rest.runs !== undefined && rest),
    ...(hasEntered && { entered: kept.entered }),
    ...(isCompared && { compared: kept.compared }),
    ...(seen !== undefined && (rest.runs !== undefined || hasEntered || isCompared) && { seen }),
  };
  const size = (all: AsIf) =>
    Object.keys(all).length + Object.keys(all.entered ?? {}).length + Object.keys(all.compared ?? {}).length;
  if (size(next) === size(asIf)) return profile;
  return Object.keys(next).length === 0 ? real : { ...real, asIf: next };
}

/** Real and dry runs alike, for whoever looks after all that wait. */
export function allRuns({ runs, asIf }: Pick<Profile, 'runs' | 'asIf'>): readonly (readonly [string, Run])[] {
  const real = Object.entries(runs);
  return asIf?.runs === undefined ? real : [...real, ...Object.entries(asIf.runs)];
}

const isFull = (all: object): boolean => Object.keys(all).length > 0;

/** What is known of the real ones is known since as long as before. */
function together(real: Profile['seen'], asIf: Profile['seen']): Profile['seen'] {
  return Object.fromEntries(
    Object.entries(asIf).map(([id, more]) => {
      const own = Object.hasOwn(real, id) ? real[id] : undefined;
      return [id, own === undefined ? more : { ...joinOccurrences(own, more), since: own.since }];
    }),
  );
}

/** What became true later than what a dry run would have written wins, as it does among real traits. */
const newer = (asIf: { readonly [name: string]: Trait }, real: Profile['traits']) =>
  Object.fromEntries(
    Object.entries(asIf).filter(([name, { at }]) => !(Object.hasOwn(real, name) && real[name]!.at > at)),
  );

function beyond<T>(
  seen: { readonly [key: string]: T },
  real: { readonly [key: string]: T },
): { readonly [key: string]: T } | undefined {
  const more = Object.entries(seen).filter(([key, value]) => !(Object.hasOwn(real, key) && real[key] === value));
  return more.length === 0 ? undefined : Object.fromEntries(more);
}
