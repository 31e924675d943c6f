import type { Segment } from '../../domain/audiences/segment.ts';
import { isKept } from '../../domain/audiences/segment-kind.ts';
import type { CatalogSnapshot } from '../../domain/catalog.ts';
import { SEGMENT_VERSION, segmentCounter } from '../../domain/journeys/engine/cross-segments.ts';
import { DAY_MS, formatInstant } from '../../kernel/time.ts';
import { readLiveDocument } from '../catalog/live-documents.ts';
import type { CatalogStore } from '../catalog/ports.ts';
import type { ProfileStore, StoredProfile } from '../ports.ts';
import type { StatsReader } from '../profiles/ports.ts';
import { isSomebody } from '../scans/is-somebody.ts';
import { type JobStore, progressOf } from '../scans/job.ts';
import { statisticsKind } from '../scans/kinds/statistics.ts';
import { dailyId } from '../scans/segments-for.ts';
import type { SegmentSizes } from '../statistics/ports.ts';
import { factsIn } from './facts-in.ts';

interface CountPorts {
  readonly catalog: CatalogStore;
  readonly profiles: Pick<ProfileStore, 'scan'>;
  readonly stats: StatsReader;
  readonly sizes: Pick<SegmentSizes, 'read'>;
  readonly jobs: Pick<JobStore, 'readSegments'>;
}

export interface MemberCount {
  /** Null: only the share is known, because no nightly job has counted everybody yet. */
  readonly members: number | null;
  /**
   * `live`: what the nightly job counted, and who has come and gone since by live counters. `sample`: the share of a
   * sample. `everybody`: all profiles were looked at.
   */
  readonly by: 'live' | 'sample' | 'everybody';
  /** Of a sample: the true number lies between these in 95 of 100 such counts. */
  readonly between?: readonly [number, number];
  readonly share?: number;
  readonly sampled?: number;
  /** When the nightly job began; epoch milliseconds. */
  readonly at?: number;
}

/** Pages of 1 MB, read one after the other: some 1,500 profiles of 2 KB, 375 read units. */
const SAMPLE_PAGES = 3;

/**
 * How many belong to a segment, as far as can be said at once.
 *
 * 1. A live segment or a list: last night's size, and who has entered and left since. Counters are at least once and of
 *    whole days; of the day of the count the part after it counts, as if the day had been even.
 * 2. Others: a sample of everybody, unless the table is so small that it is all of them. DynamoDB places items by a hash of
 *    their partition key (Developer Guide, "Partitions and data distribution"), so that who comes first in a scan is nobody
 *    in particular; the interval is Wilson's, which holds for small shares too.
 */
export async function countMembers(ports: CountPorts, id: string, now: number): Promise<MemberCount> {
  const { found } = await readLiveDocument(ports.catalog, 'segment', id);
  const snapshot = await ports.catalog.readSnapshot();
  const day = (instant: number) => formatInstant(instant).slice(0, 10);
  const night = (await ports.sizes.read(id, day(now - 2 * DAY_MS), day(now))).at(-1);
  const at = snapshot.statistics?.at;
  if (isKept(found.document as Segment) && night !== undefined && at !== undefined && day(at) === night.day) {
    const moved = await movedSince(ports.stats, id, at);
    return { members: Math.max(0, night.members + moved), by: 'live', at };
  }
  const sample = await sampleOf(ports.profiles, snapshot, id, now);
  const { people: sampled } = sample;
  if (sample.isAll) return { members: sample.members, by: 'everybody', sampled };
  const share = sample.members / Math.max(1, sampled);
  const people = await peopleAt(ports.jobs, now);
  if (people === undefined) return { members: null, by: 'sample', share, sampled };
  const [low, high] = wilson(sample.members, sampled);
  const between = [Math.floor(low * people), Math.ceil(high * people)] as const;
  return { members: Math.round(share * people), by: 'sample', between, share, sampled };
}

const signs: { readonly [what: string]: number } = { entered: 1, found: 1, left: -1, lost: -1 };

async function movedSince(stats: StatsReader, id: string, at: number): Promise<number> {
  const counted = await stats.read(segmentCounter(id), SEGMENT_VERSION);
  const from = formatInstant(at).slice(0, 10);
  const rest = 1 - (at % DAY_MS) / DAY_MS;
  const moved = counted.reduce((sum, { day, what, count }) => {
    const share = day < from ? 0 : day === from ? rest : 1;
    return sum + (signs[what] ?? 0) * count * share;
  }, 0);
  return Math.round(moved);
}

async function sampleOf(profiles: Pick<ProfileStore, 'scan'>, snapshot: CatalogSnapshot, id: string, now: number) {
  const factsFor = factsIn(snapshot, now);
  const isMember = ({ profile }: StoredProfile) => factsFor(profile).segment(id)?.value === true;
  let [people, members] = [0, 0];
  let cursor: string | undefined;
  for (let pages = 0; pages < SAMPLE_PAGES; pages += 1) {
    const page = await profiles.scan({ ...(cursor !== undefined && { cursor }) });
    const some = page.profiles.filter(({ profile }) => profile.test === undefined && isSomebody(profile));
    people += some.length;
    members += some.filter(isMember).length;
    cursor = page.cursor;
    if (cursor === undefined) break;
  }
  return { people, members, isAll: cursor === undefined };
}

/** Everybody, as the last nightly job met them. */
async function peopleAt(jobs: Pick<JobStore, 'readSegments'>, now: number): Promise<number | undefined> {
  for (const night of [now, now - DAY_MS]) {
    const { people } = await progressOf(jobs, dailyId(statisticsKind.kind, night));
    if (people !== undefined) return people;
  }
  return undefined;
}

/** Score interval of a share at 95 % (Wilson 1927): never beyond 0 and 1, and not empty when nobody was found. */
export function wilson(found: number, of: number): readonly [number, number] {
  if (of === 0) return [0, 1];
  const z = 1.96;
  const share = found / of;
  const scale = 1 + z ** 2 / of;
  const middle = (share + z ** 2 / (2 * of)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}
