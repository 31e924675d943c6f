import type { Json } from '../../kernel/canonical-json.ts';
import type { Counts, Job, JobStore } from './job.ts';
import { scanKinds } from './registry.ts';

const KEPT_PAGE = 100;

/** Undefined while it is not done, and of a kind that only does something. */
export async function resultOf(job: Job, counts: Counts, jobs: Pick<JobStore, 'listKept'>): Promise<Json | undefined> {
  if (job.state !== 'done') return undefined;
  return scanKinds.get(job.kind)?.result?.({ job, counts, kept: () => readKept(jobs, job.id) });
}

async function readKept(jobs: Pick<JobStore, 'listKept'>, id: string): Promise<Json[]> {
  const all: Json[] = [];
  for await (const one of keptBy(jobs, id)) all.push(one);
  return all;
}

/** What pages have kept, one after the other: of a large table it is more than fits into memory at once. */
export async function* keptBy(jobs: Pick<JobStore, 'listKept'>, id: string): AsyncGenerator<Json> {
  let cursor: string | undefined;
  do {
    const page = await jobs.listKept(id, { limit: KEPT_PAGE, ...(cursor !== undefined && { cursor }) });
    yield* page.data;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}
