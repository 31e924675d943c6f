import type { Because } from '../../domain/audiences/evaluate-predicate.ts';
import type { Segment } from '../../domain/audiences/segment.ts';
import { isKept, isList } from '../../domain/audiences/segment-kind.ts';
import type { CatalogSnapshot } from '../../domain/catalog.ts';
import { memberSince } from '../../domain/profiles/memberships.ts';
import { personalInSegment, type QuestionPorts } from '../access/personal-questions.ts';
import type { StoredProfile } from '../ports.ts';
import { factsIn } from './facts-in.ts';

export interface ShownMembership {
  readonly segment: string;
  readonly kind: 'live' | 'on-demand' | 'list';
  /** Epoch milliseconds; null: worked out now, and not remembered. */
  readonly since: number | null;
  readonly because: readonly Because[];
}

/** Parts that are shown of each. */
const MAX_PARTS = 20;

/** Segments that a customer belongs to now, by id, and why: what was compared, each part with its value. */
export function membershipsOf({ profile }: StoredProfile, snapshot: CatalogSnapshot, now: number): ShownMembership[] {
  const facts = factsIn(snapshot, now)(profile);
  return [...(snapshot.segments ?? [])]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap((segment): ShownMembership[] => {
      const found = facts.segment(segment.id);
      if (found?.value !== true) return [];
      const since = isKept(segment) ? (memberSince(profile, segment.id) ?? null) : null;
      return [{ segment: segment.id, kind: kindOf(segment), since, because: found.because.slice(0, MAX_PARTS) }];
    });
}

/** Belonging to it would say what somebody's trait is. */
export async function withoutPersonal(
  all: readonly ShownMembership[],
  ports: QuestionPorts,
): Promise<readonly ShownMembership[]> {
  const asked = await Promise.all(all.map(({ segment }) => personalInSegment(segment, ports)));
  return all.filter((_, index) => asked[index] === undefined);
}

const kindOf = (segment: Segment): ShownMembership['kind'] =>
  isList(segment) ? 'list' : isKept(segment) ? 'live' : 'on-demand';
