import { Permanent } from '../../kernel/errors.ts';
import { addCounts, isOver, type SegmentProgress } from './job.ts';
import { scanKinds } from './registry.ts';
import type { ScanPorts } from './scan-kind.ts';

/** What the state machine does next with this segment. */
export interface SegmentAnswer {
  readonly next: 'done' | 'more';
}

/**
 * Works through one segment until it is done, the job is stopped, or the time is up.
 *
 * 1. A page first does what it does, then its progress is written: a call that dies in between does the page again.
 * 2. Progress holds sums and is replaced as a whole, on condition that the page before is what is stored: a page counts
 *    once however often it was done, and of two calls at one segment only one goes on.
 * 3. The job is read before every page, so that a stop is seen within one.
 */
export async function scanSegment(
  { job: id, segment }: { readonly job: string; readonly segment: number },
  isTimeUp: () => boolean,
  ports: ScanPorts,
): Promise<SegmentAnswer> {
  const { jobs, profiles } = ports;
  let at = await jobs.readSegment(id, segment);
  while (!at.isDone) {
    const job = await jobs.read(id);
    if (job === undefined || isOver(job.state)) return { next: 'done' };
    if (job.state === 'queued') await jobs.changeState(id, ['queued'], { state: 'running' });
    const kind = scanKinds.get(job.kind);
    if (kind === undefined) throw new Permanent('scan.unknown-kind', `there is no kind of scan ${job.kind}`);

    const filter = kind.filter?.(job, ports);
    const found = await profiles.scan({
      segment: { index: segment, of: job.segments },
      ...(filter !== undefined && { filter }),
      ...(at.cursor !== undefined && { cursor: at.cursor }),
    });
    const { counts, keep } = await kind.page(found.profiles, job, ports);
    if (keep !== undefined) await jobs.keep(job, { segment, page: at.page }, keep);
    const next: SegmentProgress = {
      page: at.page + 1,
      isDone: found.cursor === undefined,
      counts: addCounts(at.counts, { scanned: found.scanned, ...counts }),
      ...(found.cursor !== undefined && { cursor: found.cursor }),
    };
    if (!(await jobs.writeSegment(job, segment, next))) return { next: 'more' };
    at = next;
    if (isTimeUp()) break;
  }
  return { next: at.isDone ? 'done' : 'more' };
}
