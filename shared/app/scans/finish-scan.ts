import { isOver } from './job.ts';
import { keptBy } from './job-result.ts';
import { scanKinds } from './registry.ts';
import type { ScanExecution, ScanPorts } from './scan-kind.ts';
import { startRound } from './start-scan.ts';

/** At the end of an execution: the job is done, or another execution goes on with what is left. */
export async function finishScan(
  { job: id, run, round }: Pick<ScanExecution, 'job' | 'run' | 'round'>,
  ports: ScanPorts,
): Promise<void> {
  const { clock, jobs, machine } = ports;
  const job = await jobs.read(id);
  if (job === undefined || isOver(job.state) || job.run !== run) return;
  const segments = await jobs.readSegments(id);
  const isDone = segments.length === job.segments && segments.every((one) => one.isDone);
  if (!isDone) return startRound(machine, job, round + 1);
  await scanKinds.get(job.kind)?.finish?.(job, ports, keptBy(jobs, id));
  await jobs.change(id, ['queued', 'running'], { state: 'done', endedAt: clock() });
}

/** When all tries of a part are used up. What was done stays done, and progress shows how far it came. */
export async function failScan(
  id: string,
  error: string,
  { clock, jobs }: Pick<ScanPorts, 'clock' | 'jobs'>,
): Promise<void> {
  await jobs.change(id, ['queued', 'running'], { state: 'failed', endedAt: clock(), error });
}
