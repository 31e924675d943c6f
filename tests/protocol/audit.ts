import type { Rules } from '../../shared/app/ports.ts';
import { decide, isPaused, neededVersions } from '../../shared/domain/decide.ts';
import { asksOfDelivery } from '../../shared/domain/messaging/asked-deliveries.ts';
import type { Profile } from '../../shared/domain/profiles/profile.ts';

/** Which events changed a profile and how often; handed over in merges like any state. */
export type Ledger = { readonly [eventId: string]: number };
type Audited = Profile & { readonly ledger?: Ledger };

export const ledgerOf = (profile: Profile): Ledger => (profile as Audited).ledger ?? {};

/** An event that the decision core cannot take. */
export const POISON = 'Poisoned';
export class Poisoned extends Error {}

/** What was there is forgotten. */
export const isErasing = (before: Profile, next: Profile): boolean =>
  next.inc > before.inc && next.erased !== undefined && next.erased.at !== before.erased?.at;

/** Whoever is erased does not know that their address has an actor. */
export const withoutAddresses: Rules = {
  neededVersions,
  isPaused,
  asksOfDelivery,
  decide(profile, ...more) {
    const decision = auditedRules.decide(profile, ...more);
    const { erased } = decision.profile;
    if (erased?.left === undefined || !isErasing(profile, decision.profile)) return decision;
    const wipes = Object.fromEntries(Object.entries(erased.left.wipes).filter(([, { how }]) => how !== 'address'));
    const effects = decision.effects.filter(
      (one) => one.e !== 'mail' || one.record.t !== 'wipe' || one.record.how !== 'address',
    );
    const left = { ...erased.left, wipes };
    return { ...decision, effects, profile: { ...decision.profile, erased: { ...erased, left } } };
  },
};

/** The real decision core, with a ledger beside the state. */
export const auditedRules: Rules = {
  neededVersions,
  isPaused,
  asksOfDelivery,
  decide(profile, key, record, catalog, now, frozen, permits, past) {
    if (record.t === 'event' && record.event.name === POISON) throw new Poisoned();
    const decision = decide(profile, key, record, catalog, now, frozen, permits, past);
    // What is passed on to whoever holds an identity happens there.
    if (!decision.changed || decision.forwarded) return decision;
    let ledger = ledgerOf(profile);
    if (record.t === 'event') ledger = { ...ledger, [record.event.id]: (ledger[record.event.id] ?? 0) + 1 };
    if (record.t === 'strip') ledger = {};
    if (isErasing(profile, decision.profile)) ledger = {};
    const isAbsorbed = record.t === 'absorb' && decision.profile.aliases.length > profile.aliases.length;
    if (isAbsorbed) {
      const sum = { ...ledger };
      for (const [id, times] of Object.entries(ledgerOf(frozen!))) sum[id] = (sum[id] ?? 0) + times;
      ledger = sum;
    }
    return { ...decision, profile: { ...decision.profile, ledger } as Audited };
  },
};
