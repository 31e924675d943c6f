import type { Json } from '../../../kernel/canonical-json.ts';
import { dig } from '../../../kernel/dig.ts';
import { noOccurrences } from '../../audiences/did-clauses.ts';
import { evaluatePredicate } from '../../audiences/evaluate-predicate.ts';
import { membershipIn } from '../../audiences/evaluate-segment.ts';
import type { Facts } from '../../audiences/facts.ts';
import { type Found, lasting, missing } from '../../audiences/found.ts';
import type { Predicate } from '../../audiences/predicate.ts';
import { parseRef, type RefParts } from '../../audiences/ref.ts';
import { below, computedValue } from '../../computed-traits/computed-traits.ts';
import { consentKey } from '../../messaging/consent.ts';
import { geofenceIn } from '../../messaging/geofence-in.ts';
import { historyIn } from '../../profiles/journey-history.ts';
import { memberSince } from '../../profiles/memberships.ts';
import { traitValue } from '../../profiles/set-traits.ts';
import { type Scope, type Standpoint, zoneOf } from './scope.ts';

/** Reasons lie in the profile until they are in the journal. */
const MAX_PARTS_SHOWN = 8;

/** A predicate's value here and now, and what was looked at, as the journal keeps it. */
export function holds(
  turn: Standpoint,
  predicate: Predicate,
  scope: Scope,
): { readonly value: boolean; readonly validUntil: number | null; readonly because: Json } {
  const { value, validUntil, because } = evaluatePredicate(predicate, factsOf(turn, scope));
  const shown: Json[] = because.slice(0, MAX_PARTS_SHOWN).map((one) => ({ ...one }));
  return {
    value,
    validUntil,
    because: because.length > shown.length ? [...shown, { more: because.length - shown.length }] : shown,
  };
}

export function factsOf(turn: Standpoint, scope: Scope): Facts {
  const { profile, catalog } = turn;
  return {
    now: turn.now,
    zone: zoneOf(turn, scope.journey),
    ...(scope.run !== undefined && { enteredAt: scope.run.enteredAt }),
    lookup: (ref) => lookUp(turn, ref, scope),
    // Whoever asks is a published version, so its clauses are tracked; what was never seen is not stored.
    occurrences: ({ id }) =>
      Object.hasOwn(profile.seen, id) ? profile.seen[id] : noOccurrences(profile.createdAt || turn.now),
    journey: (id) => historyIn(profile, id),
    geofence: (id) => geofenceIn(catalog.policy, id),
    segment: membershipIn(catalog.segments, () => factsOf(turn, { entry: {}, fields: {} })),
    memberSince: (id) => memberSince(profile, id),
    consent: (channel, topic) => profile.consents[consentKey(channel, topic)]?.state ?? 'none',
  };
}

/** What a ref names, for whoever needs its value now and no more. */
export const resolveRef = (turn: Standpoint, ref: string, scope: Scope): Json | undefined =>
  lookUp(turn, ref, scope).value;

function lookUp(turn: Standpoint, ref: string, scope: Scope): Found {
  const parts = parseRef(ref);
  if (parts === undefined) return missing;
  const [name, ...path] = parts.path as [string, ...string[]];
  const { computed } = turn.catalog;
  if (parts.root === 'profile' && computed?.byName.has(name)) {
    const at = { now: turn.now, zone: zoneOf(turn, scope.journey) };
    return below(computedValue(computed, turn.profile, name, at)!, path);
  }
  return lasting(dig(rootOf(turn, parts.root, name, scope), path));
}

function rootOf(turn: Standpoint, root: RefParts['root'], name: string, scope: Scope): Json | undefined {
  switch (root) {
    case 'profile':
      return traitValue(turn.profile, name);
    case 'entry':
      return dig(scope.entry, [name]);
    case 'event':
      return dig(scope.event?.data, [name]);
    case 'steps':
      return dig(scope.fields, [name]);
  }
}
