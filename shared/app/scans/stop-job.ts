import { Conflict } from '../../kernel/errors.ts';
import type { Job, JobState, JobStore } from './job.ts';
import type { ScanMachine } from './scan-kind.ts';
import { startRound } from './start-scan.ts';

/** It ends before its next page. Stopping what is stopped is no error, so that an operator may ask twice. */
export async function stopJob(jobs: JobStore, { id }: Job, now: number): Promise<Job> {
  await jobs.change(id, ['queued', 'running'], { state: 'stopped', endedAt: now });
  const job = (await jobs.read(id))!;
  if (job.state !== 'stopped') throw new Conflict('job.over', `the job is ${job.state}`);
  return job;
}

/** It goes on where its segments stand. Asked again, also of one that goes on already, it is started again. */
export async function resumeJob(
  { jobs, machine }: { readonly jobs: JobStore; readonly machine: ScanMachine },
  { id, run }: Job,
  from: readonly JobState[] = ['stopped'],
): Promise<Job> {
  await jobs.change(id, from, { state: 'queued', run: run + 1 });
  const job = (await jobs.read(id))!;
  if (job.state !== 'queued' && job.state !== 'running') throw new Conflict('job.over', `the job is ${job.state}`);
  await startRound(machine, job, 0);
  return job;
}
