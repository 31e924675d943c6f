import { digest, isKnown, type ProfileKey, profileKey } from '../../kernel/ids.ts';
import type { CustomerEvent } from '../customer-event.ts';
import type { Turn } from '../turn.ts';
import { MAX_IDENTITIES } from './limits.ts';
import { namedBy, withoutNamed } from './named-of.ts';
import { incarnationOf, type Profile } from './profile.ts';

export type LinkOrigin = 'identify' | 'alias';

/**
 * Two events say that two ids are one person: `identify` with both ids, and `alias`. The profile asks the other one
 * to yield (protocol.md, step 10); what comes of it is merge-mail.ts.
 *
 * `previousId` of an alias may be an anonymous id or a user id, and the wire does not say which (Segment Spec, Alias).
 * Both are asked: as an anonymous id it yields even when nothing is known of it yet, so that later events find their
 * person; as a user id it declines when no such user was ever seen.
 */
export function linkFromEvent(turn: Turn, event: CustomerEvent): void {
  const { id, userId, anonymousId, previousId } = event;
  if (event.kind === 'identify' && userId !== undefined && anonymousId !== undefined) {
    link(turn, profileKey('anonymous', anonymousId), 'identify', id);
  }
  if (event.kind === 'alias' && previousId !== undefined) {
    link(turn, profileKey('anonymous', previousId), 'alias', id);
    if (previousId !== userId) link(turn, profileKey('user', previousId), 'alias', id);
  }
}

/** @param by id of the event or command that says so */
export function link(turn: Turn, other: ProfileKey, origin: LinkOrigin, by: string): void {
  const { profile, key } = turn;
  if (other === key || profile.aliases.includes(other)) return;
  if (origin === 'identify' && profile.declined.includes(other)) {
    turn.because({ code: 'device.shared', fix: 'alias or merge the profiles if they are one person' });
    return;
  }
  const asked = Object.hasOwn(profile.asked, other) ? profile.asked[other] : undefined;
  if (asked !== undefined && (asked.origin === 'alias' || asked.origin === origin)) return;
  const identities = profile.aliases.length + Object.keys(profile.asked).length;
  if (asked === undefined && identities >= MAX_IDENTITIES) {
    turn.because({ code: 'merge.too-many', saw: { limit: MAX_IDENTITIES, actual: identities } });
    return;
  }
  ask(turn, other, origin, by);
  turn.because({ code: 'merge.asked', saw: { of: other, origin } });
}

/** Merges are remembered where the policy says something of identities: profiles of others stay as they always were. */
export const remembersMerges = ({ catalog }: Turn): boolean => catalog.policy.identities !== undefined;

/** @param by absent: not known any more */
export function ask(turn: Turn, other: ProfileKey, origin: LinkOrigin, by: string | undefined): void {
  const { asked } = turn.profile;
  const since = (Object.hasOwn(asked, other) ? asked[other]?.since : undefined) ?? turn.now;
  const cause = by !== undefined && remembersMerges(turn) ? { by } : {};
  turn.change({ asked: { ...asked, [other]: { since, origin, ...cause } } });
  turn.effect({
    e: 'mail',
    to: other,
    // A question may be asked again within minutes, when the answer has become another one.
    id: digest('yield', other, turn.key, origin, String(turn.now)),
    record: { t: 'yield', to: turn.key, origin, ...cause, ...ofInc(turn.profile) },
  });
}

/** @param profile whose incarnation it is about; the first one goes without saying. */
export function ofInc(profile: Pick<Profile, 'erased'>): { readonly inc?: number } {
  const inc = incarnationOf(profile);
  return inc > 0 ? { inc } : {};
}

/** Of an alias, only the user that was never seen declines. An identify's is the device of somebody else. */
export function takeDecline(turn: Turn, from: ProfileKey, maxDeclined: number): void {
  const { asked, aliases } = turn.profile;
  const question = Object.hasOwn(asked, from) ? asked[from] : undefined;
  if (question?.origin === 'alias' && !isKnown(from)) return;
  if (question !== undefined) {
    const { [from]: _answered, ...others } = asked;
    turn.change({ asked: others });
  }
  if (aliases.includes(from)) return;
  if (question?.origin === 'alias') {
    turn.because({ code: 'merge.unknown-user', saw: { of: from } });
    return;
  }
  const named = namedBy(turn.profile, from);
  if (question === undefined && named === undefined) return;
  if (named !== undefined) turn.profile = withoutNamed(turn.profile, named);
  const declined = turn.profile.declined.filter((key) => key !== from);
  turn.change({ declined: [...declined, from].slice(-maxDeclined) });
  turn.because({
    code: named === undefined ? 'device.shared' : 'identity.shared',
    saw: { of: from, ...(named !== undefined && { kind: named.kind }) },
    fix: 'alias or merge the profiles if they are one person',
  });
}
