import type { Predicate } from '../../domain/audiences/predicate.ts';
import { BROADCAST_VERSION } from '../../domain/profiles/broadcasts.ts';
import { NotFound } from '../../kernel/errors.ts';
import type { StatsReader } from '../profiles/ports.ts';
import { isOver, type Job, type JobStore, progressOf } from '../scans/job.ts';
import type { BroadcastParams } from '../scans/kinds/broadcast.ts';
import type { ScanMachine } from '../scans/scan-kind.ts';
import { resumeJob, stopJob } from '../scans/stop-job.ts';

export interface BroadcastChange {
  readonly state?: 'stopped' | 'running';
  readonly perMinute?: number;
}

export async function findBroadcast(jobs: JobStore, id: string): Promise<Job> {
  const job = await jobs.read(id);
  if (job?.kind !== 'broadcast') throw new NotFound('broadcast.not-found', `there is no broadcast ${id}`);
  return job;
}

/** Ids of broadcasts that go on, or will, and ask for a segment. */
export async function broadcastsAsking(jobs: JobStore, asks: (where: Predicate) => boolean): Promise<string[]> {
  const asking: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await jobs.list({ limit: 100, ...(cursor !== undefined && { cursor }) }, 'broadcast');
    for (const { id, state, params } of page.data) {
      const { where } = params as unknown as BroadcastParams;
      if (!isOver(state) && where !== undefined && asks(where)) asking.push(id);
    }
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return asking;
}

/** A new pace holds from the next page on. */
export async function changeBroadcast(
  ports: { readonly jobs: JobStore; readonly machine: ScanMachine },
  id: string,
  { state, perMinute }: BroadcastChange,
  now: number,
): Promise<Job> {
  const job = await findBroadcast(ports.jobs, id);
  if (perMinute !== undefined) await ports.jobs.change(id, ['queued', 'running', 'stopped'], { perMinute });
  if (state === 'stopped') return stopJob(ports.jobs, job, now);
  if (state === 'running') return resumeJob(ports, job);
  return findBroadcast(ports.jobs, id);
}

/**
 * `scanned`, `told` and `noMatch` are exact: of the scan. Who entered and who did not, by reason, comes of live counters:
 * at least once, and as far as profiles have decided.
 */
export async function broadcastProgress(
  { jobs, stats }: { readonly jobs: JobStore; readonly stats: StatsReader },
  { id }: Job,
) {
  const { scanned = 0, told = 0, noMatch = 0 } = await progressOf(jobs, id);
  const refused: Record<string, number> = {};
  let entered = 0;
  for (const { what, count } of await stats.read(id, BROADCAST_VERSION)) {
    if (what === 'entered') entered += count;
    else if (what.startsWith('not-entered/')) {
      const code = what.slice('not-entered/'.length);
      refused[code] = (refused[code] ?? 0) + count;
    }
  }
  return { scanned, told, noMatch, entered, refused };
}
