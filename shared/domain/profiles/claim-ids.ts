import { digest, type ProfileKey } from '../../kernel/ids.ts';
import type { CustomerEvent } from '../customer-event.ts';
import type { NamedIdentity } from '../mail-record.ts';
import type { Turn } from '../turn.ts';
import type { IdentityRule } from './identity-rules.ts';
import { DEFAULT_MAX_OF_KIND, MAX_PROFILE_BYTES, profileBytes } from './limits.ts';
import { link, ofInc } from './links.ts';
import { addressKinds, idOfAddress, keyOfNamed, type NamedId } from './named-id.ts';
import { isNamed, namedOf, withNamed, withoutNamed } from './named-of.ts';
import type { Profile } from './profile.ts';
import { ruleOf } from './rule-of.ts';

/**
 * Identities that the policy tracks (docs/identity.md; ADR 20).
 *
 * 1. A profile lists what it goes by; each identity is an actor of its own, which is told: it merges, or remembers who
 *    holds it.
 * 2. What is refused (too many, somebody else's, no room) costs the identity and nothing else of the record.
 * 3. An address is the profile's as long as it is its trait, or came with a merge.
 */
export function claimFromEvent(turn: Turn, { named = [], id: by }: CustomerEvent): void {
  for (const one of named) claim(turn, one, { by, isNew: true });
}

/** A caller of the API spoke of this profile by it. */
export function claimNamed(turn: Turn, identity: NamedIdentity, by: string): void {
  if ('kind' in identity) claim(turn, identity, { by, isNew: true });
}

/**
 * @param by event or command that is being decided
 * @param isMerge the address of either side stays the person's, whichever the trait says now
 */
export function followAddresses(turn: Turn, by: string, isMerge: boolean): void {
  const { identities } = turn.catalog.policy;
  const { named } = turn.profile.ids;
  if (turn.isTest || turn.profile.movedTo !== undefined || (identities === undefined && named === undefined)) return;
  for (const address of addressKinds) {
    const { kind, trait } = address;
    const isTracked = ruleOf(identities, kind) !== undefined;
    if (!isTracked && named?.[kind] === undefined) continue;
    const [before, now] = [turn.before, turn.profile].map((one) => idOfAddress(address, valueIn(one, trait)));
    const isNew = before !== now;
    const isGone = isNew && !isMerge && before !== undefined && isNamed(turn.profile, { kind, id: before });
    if (isGone) letGo(turn, { kind, id: before }, by);
    if (now !== undefined) claim(turn, { kind, id: now }, { isNew, replaces: isGone, by });
  }
}

const valueIn = (profile: Profile, trait: string) =>
  Object.hasOwn(profile.traits, trait) ? profile.traits[trait]!.value : undefined;

interface Claim {
  readonly isNew: boolean;
  /** One of the same kind has just been given up. */
  readonly replaces?: boolean;
  readonly by: string;
}

function claim(turn: Turn, named: NamedId, { isNew, replaces, by }: Claim): void {
  const rule = ruleOf(turn.catalog.policy.identities, named.kind);
  if (rule === undefined || turn.isTest) return;
  if (!isNamed(turn.profile, named)) {
    const reason = refusal(turn, named, rule, replaces === true);
    if (reason !== undefined) {
      if (isNew) turn.because(reason);
      return;
    }
    turn.profile = withNamed(turn.profile, named);
    if (rule.merge === 'never') tellHolder(turn, 'hold', keyOfNamed(named), by);
  }
  if (rule.merge !== 'never') {
    link(turn, keyOfNamed(named), rule.merge === 'known' ? 'alias' : 'identify', by);
  }
}

function refusal(turn: Turn, named: NamedId, { merge, max = DEFAULT_MAX_OF_KIND }: IdentityRule, replaces: boolean) {
  const { kind } = named;
  const { profile } = turn;
  if (merge !== 'known' && profile.declined.includes(keyOfNamed(named))) {
    return { code: 'identity.shared', saw: { kind }, fix: 'merge the profiles if they are one person' };
  }
  const actual = profile.ids.named?.[kind]?.length ?? 0;
  if (actual >= max && !replaces) return { code: 'identity.too-many', saw: { kind, limit: max, actual } };
  const bytes = profileBytes(withNamed(profile, named));
  if (bytes <= MAX_PROFILE_BYTES) return undefined;
  return { code: 'profile.too-large', saw: { kind, limitBytes: MAX_PROFILE_BYTES, actualBytes: bytes } };
}

/** What joined a profile stays part of it: only of an identity that never merges somebody has to be told. */
function letGo(turn: Turn, named: NamedId, cause: string): void {
  turn.profile = withoutNamed(turn.profile, named);
  tellHolder(turn, 'release', keyOfNamed(named), cause);
}

/** Of those that never merge, what the absorbed profile held is held by this one. */
export function takeOverHolds(turn: Turn, before: Profile, absorbed: Profile, from: ProfileKey): void {
  for (const named of namedOf(absorbed)) {
    if (ruleOf(turn.catalog.policy.identities, named.kind)?.merge !== 'never') continue;
    const key = keyOfNamed(named);
    if (!isNamed(before, named)) tellHolder(turn, 'hold', key, from);
    tellHolder(turn, 'release', key, from, { by: from, at: FOR_GOOD, ...ofInc(absorbed) });
  }
}

/**
 * A signpost holds nothing any more. Its own word may come later than its root's, and by a clock of its own: no time of the
 * root's is sure to be newer.
 */
const FOR_GOOD = Number.MAX_SAFE_INTEGER;

/**
 * An identity that is this very profile, or was absorbed by it, needs no telling.
 *
 * @param cause what is decided: with the time it tells apart an address that comes back, be it in the same millisecond
 */
export function tellHolder(
  turn: Turn,
  t: 'hold' | 'release',
  to: ProfileKey,
  cause: string,
  word: { readonly by: ProfileKey; readonly at: number; readonly inc?: number } = {
    by: turn.key,
    at: turn.now,
    ...ofInc(turn.profile),
  },
): void {
  if (to === turn.key || turn.profile.aliases.includes(to)) return;
  const id = digest(t, to, word.by, String(word.at), cause);
  turn.effect({ e: 'mail', to, id, record: { t, ...word } });
}
