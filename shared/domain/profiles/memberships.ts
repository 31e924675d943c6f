import { MAX_LISTS } from './limits.ts';
import type { Memberships, Profile } from './profile.ts';

/** Since when the customer belongs to it, of what is remembered: lists and live segments. */
export function memberSince(
  { memberships, lists }: Pick<Profile, 'memberships' | 'lists'>,
  segment: string,
): number | undefined {
  const kept =
    memberships !== undefined && Object.hasOwn(memberships.in, segment) ? memberships.in[segment] : undefined;
  if (kept !== undefined) return kept.since;
  return lists !== undefined && Object.hasOwn(lists, segment) ? lists[segment] : undefined;
}

/**
 * Who was a member on either side is one, since the earlier time. What is true of the person that the two make is worked out after
 * that, by the catalog (journeys/engine/merge-memberships.ts).
 */
export function joinMemberships(a: Memberships | undefined, b: Memberships | undefined): Pick<Profile, 'memberships'> {
  if (a === undefined && b === undefined) return {};
  if (a === undefined || b === undefined) return { memberships: (a ?? b)! };
  const due = Math.min(a.due ?? Number.POSITIVE_INFINITY, b.due ?? Number.POSITIVE_INFINITY);
  return {
    memberships: {
      saw: Math.min(a.saw, b.saw),
      ...(Number.isFinite(due) && { due }),
      in: unite(a.in, b.in),
    },
  };
}

/** By id, so that equal memberships are the same bytes. */
export function unite(a: Memberships['in'], b: Memberships['in']): Memberships['in'] {
  const ids = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  const sinceIn = (all: Memberships['in'], id: string) =>
    Object.hasOwn(all, id) ? all[id]!.since : Number.POSITIVE_INFINITY;
  return Object.fromEntries(ids.map((id) => [id, { since: Math.min(sinceIn(a, id), sinceIn(b, id)) }]));
}

/** The union; of more than one profile has room for, those that the customer was put on first. */
export function joinLists(a: Profile['lists'], b: Profile['lists']): Pick<Profile, 'lists'> {
  if (a === undefined && b === undefined) return {};
  const ids = [...new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})])];
  const all = ids.map((id): [string, number] => [
    id,
    Math.min(a?.[id] ?? Number.POSITIVE_INFINITY, b?.[id] ?? Number.POSITIVE_INFINITY),
  ]);
  const kept = all.sort(([x, since], [y, then]) => since - then || (x < y ? -1 : 1)).slice(0, MAX_LISTS);
  return { lists: Object.fromEntries(kept.sort(([x], [y]) => (x < y ? -1 : 1))) };
}
