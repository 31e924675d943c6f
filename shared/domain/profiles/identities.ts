import { type ProfileKey, profileKey } from '../../kernel/ids.ts';
import type { CustomerEvent } from '../customer-event.ts';
import type { NamedIdentity } from '../mail-record.ts';
import type { Turn } from '../turn.ts';
import { MAX_IDENTITIES } from './limits.ts';
import type { Profile } from './profile.ts';

type Ids = Profile['ids'];

/**
 * Remembers the ids that an event carries, as far as they are this profile's own: its key's, or an alias's. An
 * anonymous id beside a user id belongs to another actor until that one has been absorbed (profiles/merge.ts).
 */
export function recordIdentities(turn: Turn, event: CustomerEvent): void {
  const { userId, anonymousId } = event;
  const { user, anonymous } = turn.profile.ids;
  if (userId !== undefined && userId !== user) addIds(turn, { user: userId });
  if (anonymousId !== undefined && !anonymous?.includes(anonymousId)) addIds(turn, { anonymous: [anonymousId] });
  if (turn.profile.createdAt === 0) turn.change({ createdAt: turn.now });
}

/** The id under which the API's caller spoke of this profile. Others than these two are claimed where the policy says so. */
export function recordNamedIdentity(turn: Turn, identity: NamedIdentity): void {
  if ('kind' in identity) return;
  addIds(turn, 'user' in identity ? { user: identity.user } : { anonymous: [identity.anonymous] });
}

function addIds(turn: Turn, ids: Ids): void {
  const { profile, key } = turn;
  const mine = (candidate: ProfileKey) => candidate === key || profile.aliases.includes(candidate);
  const known = userIds(profile.ids);
  const { anonymous = [] } = profile.ids;
  const newUsers = userIds(ids).filter((id) => !known.includes(id) && mine(profileKey('user', id)));
  const newAnonymous = (ids.anonymous ?? []).filter(
    (id) => !anonymous.includes(id) && mine(profileKey('anonymous', id)),
  );
  if (newUsers.length === 0 && newAnonymous.length === 0) return;
  if (known.length + anonymous.length >= MAX_IDENTITIES) return;
  turn.change({
    ids: joinIds(profile.ids, {
      ...(newUsers.length > 0 && { user: newUsers[0]!, former: newUsers.slice(1) }),
      ...(newAnonymous.length > 0 && { anonymous: newAnonymous }),
    }),
  });
}

const userIds = (ids: Ids): string[] => [...(ids.user === undefined ? [] : [ids.user]), ...(ids.former ?? [])];

/** Of several user ids the one with the highest key is the profile's name, because its key is the root of the merge. */
export function joinIds(a: Ids, b: Ids): Ids {
  const users = [...new Set([...userIds(a), ...userIds(b)])].sort(byKeyDescending);
  const anonymous = [...new Set([...(a.anonymous ?? []), ...(b.anonymous ?? [])])].sort();
  const named = joinNamed(a.named, b.named);
  return {
    ...(users.length > 0 && { user: users[0]! }),
    ...(users.length > 1 && { former: users.slice(1) }),
    ...(anonymous.length > 0 && { anonymous }),
    ...(named !== undefined && { named }),
  };
}

/** A union, whatever the policy's `max` says: what was one person's before is the joined person's. */
function joinNamed(a: Ids['named'], b: Ids['named']): Ids['named'] {
  if (a === undefined || b === undefined) return a ?? b;
  const kinds = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return Object.fromEntries(kinds.map((kind) => [kind, [...new Set([...(a[kind] ?? []), ...(b[kind] ?? [])])].sort()]));
}

function byKeyDescending(a: string, b: string): number {
  return profileKey('user', a) < profileKey('user', b) ? 1 : -1;
}
