import type { Clock } from '../ports.ts';
import { isOver, type JobStore } from './job.ts';
import type { ScanExecution, ScanMachine } from './scan-kind.ts';
import { startRound } from './start-scan.ts';

interface FinishPorts {
  readonly clock: Clock;
  readonly jobs: JobStore;
  readonly machine: ScanMachine;
}

/** At the end of an execution: the job is done, or another execution goes on with what is left. */
export async function finishScan(
  { job: id, run, round }: Pick<ScanExecution, 'job' | 'run' | 'round'>,
  { clock, jobs, machine }: FinishPorts,
): Promise<void> {
  const job = await jobs.read(id);
  if (job === undefined || isOver(job.state) || job.run !== run) return;
  const segments = await jobs.readSegments(id);
  const isDone = segments.length === job.segments && segments.every((one) => one.isDone);
  if (isDone) await jobs.change(id, ['queued', 'running'], { state: 'done', endedAt: clock() });
  else await startRound(machine, job, round + 1);
}

/** When all tries of a part are used up. What was done stays done, and progress shows how far it came. */
export async function failScan(
  id: string,
  error: string,
  { clock, jobs }: Pick<FinishPorts, 'clock' | 'jobs'>,
): Promise<void> {
  await jobs.change(id, ['queued', 'running'], { state: 'failed', endedAt: clock(), error });
}
