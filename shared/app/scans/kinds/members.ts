import { factsOf } from '../../../domain/journeys/engine/facts.ts';
import { memberSince } from '../../../domain/profiles/memberships.ts';
import type { ProfileKey } from '../../../kernel/ids.ts';
import { isSomebody } from '../is-somebody.ts';
import { scanKind } from '../scan-kind.ts';

export type MembersParams = {
  readonly segment: string;
  /** Of the catalog that has it. */
  readonly epoch: number;
  /** They are kept, to be listed (`/v1/jobs/{id}/people`): so many at most, all when absent. */
  readonly keep?: true;
  readonly sample?: number;
};

export type Member = {
  readonly key: ProfileKey;
  /** Epoch milliseconds; null where it is not remembered. */
  readonly since: number | null;
};

/** So many of a page are kept: whoever lists them reads their profiles one by one, and the rest is another page. */
const MAX_KEPT = 1_000;

/**
 * Who belongs to a segment, each profile as it was when the scan came by. A sample is those that one scan of the whole
 * table comes to first, which are nobody in particular (kinds/simulate.ts).
 */
export const membersKind = scanKind<MembersParams>({
  kind: 'members',
  async page(profiles, { params: { segment, epoch, keep, sample } }, ports, _room, before) {
    const newest = profiles.reduce((seen, one) => Math.max(seen, one.epoch), epoch);
    const catalog = await ports.catalogs.current(newest, []);
    const counts = { people: 0, members: 0 };
    const members: Member[] = [];
    const taken = () => (before['members'] ?? 0) + counts.members;
    const isEnough = () => sample !== undefined && taken() >= sample;
    let last = -1;
    for (const { key, profile, at } of profiles) {
      if (isEnough() || members.length === MAX_KEPT) break;
      last += 1;
      if (!isSomebody(profile)) continue;
      counts.people += 1;
      const standpoint = { profile, catalog, now: Math.max(at, ports.clock()) };
      if (factsOf(standpoint, { entry: {}, fields: {} }).segment(segment)?.value !== true) continue;
      counts.members += 1;
      if (keep === true) members.push({ key, since: memberSince(profile, segment) ?? null });
    }
    return {
      counts,
      last,
      ...(members.length > 0 && { keep: members }),
      ...(isEnough() && { enough: true }),
    };
  },
  result: ({ counts, job }) => ({
    members: counts['members'] ?? 0,
    ...(job.params.sample === undefined && { people: counts['people'] ?? 0 }),
  }),
});
