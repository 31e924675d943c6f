import { Conflict } from '../../kernel/errors.ts';
import type { Job, JobStore } from './job.ts';

/** It ends before its next page. Stopping what is stopped is no error, so that an operator may ask twice. */
export async function stopJob(jobs: JobStore, { id }: Job, now: number): Promise<Job> {
  await jobs.changeState(id, ['queued', 'running'], { state: 'stopped', endedAt: now });
  const job = (await jobs.read(id))!;
  if (job.state !== 'stopped') throw new Conflict('job.over', `the job is ${job.state}`);
  return job;
}
