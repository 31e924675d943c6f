import type { Json } from '../../kernel/canonical-json.ts';
import type { Page, PageRequest } from '../page.ts';

/**
 * `stopped`: by an operator, seen before the next page. `failed`: tries were used up; `error` says at what. `skipped`: when
 * it was to begin, there was a `reason` not to.
 */
export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'stopped' | 'skipped';
export const isOver = (state: JobState): boolean => state !== 'queued' && state !== 'running';

/** By name, how many; `scanned` is always among them. Sums over pages and segments. */
export interface Counts {
  readonly [what: string]: number;
}

/** A scan of all profiles that was asked for once and is carried out once, however often its parts are tried. */
export interface Job {
  /** `[A-Za-z0-9_-]`, at most `MAX_JOB_ID` characters: it names executions and what the job tells profiles. */
  readonly id: string;
  /** Of the registry (scans/registry.ts). */
  readonly kind: string;
  readonly state: JobState;
  readonly params: Json;
  /** Into how many parts the table is cut. */
  readonly segments: number;
  /** When it was asked for, and by whom; epoch milliseconds. */
  readonly at: number;
  readonly by: string;
  /** When it begins. */
  readonly begin: number;
  /** How often it was resumed: executions of an earlier run leave it alone. */
  readonly run: number;
  /** So many profiles are told something in a minute, all segments together; absent: as fast as it goes. */
  readonly perMinute?: number;
  readonly endedAt?: number;
  /** The name of the error that used up all tries. */
  readonly error?: string;
  /** Of one that was skipped: a code. */
  readonly reason?: string;
}

export const MAX_JOB_ID = 64;

/** How far one segment has come. `page` counts pages and is what a writer must have read to write the next one. */
export interface SegmentProgress {
  readonly page: number;
  readonly cursor?: string;
  readonly isDone: boolean;
  readonly counts: Counts;
  /** Of a job with a pace: since when this many were told. */
  readonly paced?: { readonly from: number; readonly told: number };
}
export const untouched: SegmentProgress = { page: 0, isDone: false, counts: {} };

export type JobChange = Partial<Pick<Job, 'state' | 'run' | 'perMinute' | 'endedAt' | 'error' | 'reason'>>;

/** Which page of which segment. */
export interface PagePlace {
  readonly segment: number;
  readonly page: number;
}

/** Jobs, kept for `retention.jobDays`. All reads are strongly consistent but `list`. */
export interface JobStore {
  /** Puts it if there is none with this id; answers the one that is there then. */
  create(job: Job): Promise<Job>;
  read(id: string): Promise<Job | undefined>;
  /** Newest first; of one kind or of all. */
  list(page: PageRequest, kind?: string): Promise<Page<Job>>;
  /** False when its state is none of `from`. */
  change(id: string, from: readonly JobState[], to: JobChange): Promise<boolean>;
  readSegment(id: string, segment: number): Promise<SegmentProgress>;
  readSegments(id: string): Promise<readonly SegmentProgress[]>;
  /** Puts `next` if the page before it is what is stored; false when it is not. */
  writeSegment(job: Job, segment: number, next: SegmentProgress): Promise<boolean>;
  /** What a page found, overwritten when the page is done again. */
  keep(job: Job, place: PagePlace, found: Json): Promise<void>;
  /** In the order of segments and pages. */
  listKept(id: string, page: PageRequest): Promise<Page<Json>>;
}

export async function progressOf(jobs: Pick<JobStore, 'readSegments'>, id: string): Promise<Counts> {
  const segments = await jobs.readSegments(id);
  return segments.reduce<Counts>((sum, { counts }) => addCounts(sum, counts), { scanned: 0 });
}

/** A segment's item has room for these; what is beyond is counted as `other`. */
const MAX_COUNTERS = 2_000;

export function addCounts(sum: Counts, more: Counts): Counts {
  const result: { [what: string]: number } = { ...sum };
  for (const [what, howMany] of Object.entries(more)) {
    const isKnown = Object.hasOwn(result, what) || Object.keys(result).length < MAX_COUNTERS;
    const name = isKnown ? what : 'other';
    result[name] = (result[name] ?? 0) + howMany;
  }
  return result;
}
