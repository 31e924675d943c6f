import type { Json } from '../../../kernel/canonical-json.ts';
import { isZone } from '../../../kernel/zone-name.ts';
import type { Segment } from '../../audiences/segment.ts';
import type { ComputedTraits } from '../../computed-traits/computed-traits.ts';
import type { CustomerEvent } from '../../customer-event.ts';
import type { Policy } from '../../messaging/policy.ts';
import { normaliseLocale } from '../../messaging/render/variant.ts';
import { zoneOfCountry } from '../../profiles/country-zones.ts';
import type { Profile, Run } from '../../profiles/profile.ts';
import { isRecord } from '../../profiles/reserved-traits.ts';
import { traitValue } from '../../profiles/set-traits.ts';
import type { Journey } from '../journey.ts';

/** What refs and predicates can see at one place beside the profile. */
export interface Scope {
  /** Absent for what no journey asks. */
  readonly journey?: Journey;
  readonly run?: Run;
  /** Properties at entry; of a run, those it kept. */
  readonly entry: { readonly [property: string]: Json };
  /** What steps saved. */
  readonly fields: { readonly [step: string]: { readonly [field: string]: Json } };
  /** The event that is being decided, in the pass that it set off. */
  readonly event?: CustomerEvent;
}

export function runScope(journey: Journey, run: Run, event?: CustomerEvent): Scope {
  return { journey, run, entry: run.entry ?? {}, fields: run.fields ?? {}, ...(event !== undefined && { event }) };
}

/** Who looks, and when: a Turn, or whoever asks without deciding (a preview, the hand-over). */
export interface Standpoint {
  readonly profile: Profile;
  readonly now: number;
  readonly catalog: {
    readonly policy: Pick<Policy, 'zone' | 'locale' | 'geofences'>;
    /** Absent: nobody belongs to any. */
    readonly segments?: ReadonlyMap<string, Segment>;
    /** Absent: there are none. */
    readonly computed?: ComputedTraits;
  };
}

export const scopeOfEvent = (event: CustomerEvent): Scope => ({ entry: {}, fields: {}, event });

/**
 * The customer's zone, else the journey's, else the environment's. The customer's is the trait `timezone` (said by the
 * product, else learned from the client's `context.timezone`), else that of their country, where it has one. A zone
 * that this runtime does not know is none.
 */
export function zoneOf({ profile, catalog }: Standpoint, journey: Pick<Journey, 'zone'> | undefined): string {
  const own = traitValue(profile, 'timezone');
  if (typeof own === 'string' && isZone(own)) return own;
  return zoneByCountry(profile) ?? journey?.zone ?? catalog.policy.zone;
}

function zoneByCountry(profile: Profile): string | undefined {
  const address = traitValue(profile, 'address');
  const country = (isRecord(address) ? address.country : undefined) ?? traitValue(profile, 'country');
  return typeof country === 'string' ? zoneOfCountry(country) : undefined;
}

export function localeOf(turn: Standpoint): string {
  return normaliseLocale(traitValue(turn.profile, 'locale')) ?? turn.catalog.policy.locale;
}
