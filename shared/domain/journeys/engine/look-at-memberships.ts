import { part } from '../../audiences/asked-parts.ts';
import { evaluatePredicate } from '../../audiences/evaluate-predicate.ts';
import type { LiveSegment, LiveSegments } from '../../audiences/live-segments.ts';
import type { CompiledCatalog } from '../../compiled-catalog.ts';
import { MAX_MEMBERSHIPS } from '../../profiles/limits.ts';
import type { Memberships, Profile } from '../../profiles/profile.ts';
import type { Crossing } from './cross-segments.ts';
import { soonest } from './due.ts';
import { factsOf } from './facts.ts';

export interface Look {
  readonly in: Memberships['in'];
  /** Time alone may change one of those that were looked at then; null: none. */
  readonly due: number | null;
  readonly crossings: readonly Crossing[];
  /** Segments that it would belong to, and has no room for. */
  readonly left: readonly string[];
}

/**
 * Works out whether a customer belongs to the given segments at one instant, beside what is known of all others.
 *
 * 1. Of each, the answer is that of its predicate from scratch; what is known already only says what is a change.
 * 2. A segment that asks since when somebody belongs to another one is looked at after that one, and also when it was not
 *    among the given ones.
 */
export function lookAtMemberships(
  catalog: Pick<CompiledCatalog, 'policy' | 'segments' | 'computed' | 'live'>,
  profile: Profile,
  known: Memberships['in'],
  segments: readonly LiveSegment[],
  now: number,
): Look {
  const { live } = catalog;
  let open = inPlace(segments);
  const crossings: Crossing[] = [];
  const left: string[] = [];
  let members = known;
  let due: number | null = null;
  let facts = factsAt(catalog, profile, members, now);
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const { value, validUntil, because } = evaluatePredicate(one.where, facts);
    due = soonest(due, validUntil === null ? null : Math.max(Math.ceil(validUntil), now + 1));
    if (value === Object.hasOwn(members, one.id)) continue;
    if (value && Object.keys(members).length >= MAX_MEMBERSHIPS) {
      left.push(one.id);
      continue;
    }
    members = value ? inOrder({ ...members, [one.id]: { since: now } }) : without(members, one.id);
    crossings.push({ segment: one.id, change: value ? 'entered' : 'left', at: now, because });
    const { place } = one;
    const asking = (live.byPart.get(part.since(one.id)) ?? []).filter((other) => other.place > place);
    if (asking.length === 0) continue;
    facts = factsAt(catalog, profile, members, now);
    open = inPlace(new Set([...open, ...asking]));
  }
  return { in: members, due, crossings, left };
}

const factsAt = (
  catalog: Pick<CompiledCatalog, 'policy' | 'segments' | 'computed'>,
  profile: Profile,
  members: Memberships['in'],
  now: number,
) =>
  factsOf({ profile: { ...profile, memberships: { saw: 0, in: members } }, now, catalog }, { entry: {}, fields: {} });

/** The next one last. */
const inPlace = (segments: Iterable<LiveSegment>): LiveSegment[] => [...segments].sort((a, b) => b.place - a.place);

const inOrder = (members: Memberships['in']): Memberships['in'] =>
  Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)));

function without(members: Memberships['in'], id: string): Memberships['in'] {
  const { [id]: _left, ...rest } = members;
  return rest;
}

/** What is known of segments that are live now. */
export const knownMembers = ({ memberships }: Profile, { byId }: LiveSegments): Memberships['in'] => {
  const known = memberships?.in ?? {};
  const isGone = Object.keys(known).some((id) => !byId.has(id));
  return isGone ? Object.fromEntries(Object.entries(known).filter(([id]) => byId.has(id))) : known;
};
