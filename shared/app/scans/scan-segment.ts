import { isNobody } from '../../domain/profiles/profile.ts';
import { Permanent } from '../../kernel/errors.ts';
import { isTestKey } from '../../kernel/ids.ts';
import type { ScannedPage, StoredProfile } from '../ports.ts';
import { addCounts, isOver, type Job, type SegmentProgress } from './job.ts';
import { roomNow } from './pace.ts';
import { scanKinds } from './registry.ts';
import type { PageResult, ScanKind, ScanPorts } from './scan-kind.ts';

/** What the state machine does next with this segment. */
export type SegmentAnswer =
  | { readonly next: 'done' | 'more' }
  /** The job has a pace. */
  | { readonly next: 'wait'; readonly seconds: number };

/**
 * Works through one segment until it is done, the job is stopped, its pace is used up, or the time is up.
 *
 * 1. A page first does what it does, then its progress is written: a call that dies in between does the page again.
 * 2. Progress holds sums and is replaced as a whole, on condition that the page before is what is stored: a page counts
 *    once however often it was done, and of two calls at one segment only one goes on.
 * 3. Test runs are left alone: they are nobody, their times are none of ours, and one that got stuck is begun anew. So are
 *    actors of identities that only know who has them, unless the kind repairs these too.
 * 4. The job is read before every page, so that a stop is seen within one.
 */
export async function scanSegment(
  { job: id, run, segment }: { readonly job: string; readonly run: number; readonly segment: number },
  isTimeUp: () => boolean,
  ports: ScanPorts,
): Promise<SegmentAnswer> {
  const { jobs } = ports;
  let at = await jobs.readSegment(id, segment);
  while (!at.isDone) {
    const job = await jobs.read(id);
    if (job === undefined || isOver(job.state) || job.run !== run) return { next: 'done' };
    const kind = scanKinds.get(job.kind);
    if (kind === undefined) throw new Permanent('scan.unknown-kind', `there is no kind of scan ${job.kind}`);
    if (job.state === 'queued') {
      const reason = await kind.begin?.(job, ports);
      if (reason !== undefined) {
        await jobs.change(id, ['queued'], { state: 'skipped', reason, endedAt: ports.clock() });
        continue;
      }
      await jobs.change(id, ['queued'], { state: 'running' });
    }
    const { left, seconds, paced } = roomNow(job, at, ports.clock());
    if (left === 0) return { next: 'wait', seconds };

    const found = await findPage(kind, job, segment, at.cursor, ports);
    const result = await kind.page(found.profiles, job, ports, left, at.counts);
    if (result.keep !== undefined) await jobs.keep(job, { segment, page: at.page }, result.keep);
    const next: SegmentProgress = {
      ...progressAfter(at, found, result),
      ...(paced !== undefined && { paced: { from: paced.from, told: paced.told + (result.told ?? 0) } }),
    };
    if (!(await jobs.writeSegment(job, segment, next))) return { next: 'more' };
    at = next;
    if (isTimeUp()) break;
  }
  return { next: at.isDone ? 'done' : 'more' };
}

async function findPage(
  kind: ScanKind,
  job: Job,
  segment: number,
  cursor: string | undefined,
  ports: ScanPorts,
): Promise<ScannedPage> {
  const given = await kind.find?.(job, cursor, ports);
  if (given !== undefined) return given;
  const filter = kind.filter?.(job, ports);
  const found = await ports.profiles.scan({
    segment: { index: segment, of: job.segments },
    ...(filter !== undefined && { filter }),
    ...(cursor !== undefined && { cursor }),
  });
  const isMeant = ({ key, profile }: StoredProfile) =>
    !isTestKey(key) && (kind.includesIdentities === true || !isNobody(profile));
  return { ...found, profiles: found.profiles.filter(isMeant) };
}

/** Behind the last profile that was looked at; any key of a segment may be where a scan goes on. */
function progressAfter(at: SegmentProgress, found: ScannedPage, { counts, last, enough }: PageResult): SegmentProgress {
  const isCut = last !== undefined && last < found.profiles.length - 1;
  const cursor = isCut ? found.profiles[last]!.key : found.cursor;
  const scanned = isCut ? last + 1 : found.scanned;
  return {
    page: at.page + 1,
    isDone: cursor === undefined || enough === true,
    counts: addCounts(at.counts, { scanned, ...counts }),
    ...(cursor !== undefined && { cursor }),
  };
}
