import { isErased, isNobody } from '../../domain/profiles/profile.ts';
import { Permanent } from '../../kernel/errors.ts';
import { isTestKey } from '../../kernel/ids.ts';
import type { ScannedPage, StoredProfile } from '../ports.ts';
import { roomInMailbox } from './backlog.ts';
import { addCounts, type Counts, isOver, type Job, type SegmentProgress } from './job.ts';
import { roomNow } from './pace.ts';
import { scanKinds } from './registry.ts';
import type { PageResult, PageSource, ScanKind, ScanPorts } from './scan-kind.ts';

/** What the state machine does next with this segment. */
export type SegmentAnswer =
  | { readonly next: 'done' | 'more' }
  /** The job has a pace, leaves room for others, or waits for somebody. */
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
 * 5. Before every page a kind that crowds looks whether the mailbox has room.
 */
export async function scanSegment(
  { job: id, run, segment }: { readonly job: string; readonly run: number; readonly segment: number },
  isTimeUp: () => boolean,
  ports: ScanPorts,
): Promise<SegmentAnswer> {
  const { jobs } = ports;
  let at = await jobs.readSegment(id, segment);
  let source: PageSource | undefined;
  try {
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
      const inMailbox = kind.crowds ? await roomInMailbox(job, ports.backlog) : undefined;
      if (inMailbox?.left === 0) return { next: 'wait', seconds: inMailbox.seconds };
      const room = Math.min(left, inMailbox?.left ?? left);

      const place = { segment, page: at.page };
      source ??= (await kind.open?.(job, at.cursor, ports)) ?? profilePages(kind, job, at, ports);
      const page = await source.next(room, place, at.counts);
      if (page.broken !== undefined) {
        await jobs.change(id, ['running'], { state: 'failed', error: page.broken, endedAt: ports.clock() });
        continue;
      }
      if (page.keep !== undefined) await jobs.keep(job, place, page.keep);
      const next: SegmentProgress = {
        page: at.page + 1,
        isDone: page.cursor === undefined || page.enough === true,
        counts: addCounts(at.counts, page.counts),
        ...(page.cursor !== undefined && { cursor: page.cursor }),
        ...(paced !== undefined && { paced: { from: paced.from, told: paced.told + (page.told ?? 0) } }),
      };
      if (!(await jobs.writeSegment(job, segment, next))) return { next: 'more' };
      at = next;
      if (page.waitSeconds !== undefined && !at.isDone) return { next: 'wait', seconds: page.waitSeconds };
      if (isTimeUp()) break;
    }
  } finally {
    await source?.close?.();
  }
  return { next: at.isDone ? 'done' : 'more' };
}

/** Pages of profiles, by a scan of the table unless the kind finds them itself. */
function profilePages(kind: ScanKind, job: Job, { cursor: from }: SegmentProgress, ports: ScanPorts): PageSource {
  let cursor = from;
  return {
    async next(room, place, before) {
      const found = await findPage(kind, job, place.segment, cursor, ports);
      const result = await kind.page!(found.profiles, job, ports, room, before, place);
      const { counts, ...end } = behind(found, result);
      cursor = end.cursor;
      return { ...result, counts, ...(cursor !== undefined && { cursor }) };
    },
  };
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
  const isPassedOver = ({ profile }: StoredProfile) =>
    kind.includesIdentities !== true && (isNobody(profile) || isErased(profile));
  const nobodies = found.profiles.filter(isPassedOver).length;
  const profiles = found.profiles.filter((one) => !isTestKey(one.key) && !isPassedOver(one));
  return { ...found, profiles, scanned: found.scanned - nobodies };
}

/** Behind the last profile that was looked at; any key of a segment may be where a scan goes on. */
function behind(
  found: ScannedPage,
  { counts, last }: PageResult,
): { readonly cursor: string | undefined; readonly counts: Counts } {
  const isCut = last !== undefined && last < found.profiles.length - 1;
  const cursor = isCut ? found.profiles[last]!.key : found.cursor;
  return { cursor, counts: { scanned: isCut ? last + 1 : found.scanned, ...counts } };
}
