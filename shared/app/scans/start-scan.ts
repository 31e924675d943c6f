import type { Json } from '../../kernel/canonical-json.ts';
import { InvalidInput } from '../../kernel/errors.ts';
import { formatInstant } from '../../kernel/time.ts';
import { scanning } from '../../resources.ts';
import type { CatalogStore } from '../catalog/ports.ts';
import type { Clock } from '../ports.ts';
import { isOver, type Job, type JobStore, MAX_JOB_ID } from './job.ts';
import type { ScanMachine } from './scan-kind.ts';

export interface ScanRequest {
  /** `[A-Za-z0-9_-]`, at most 64 characters. Asked again with the same id, it is the same job, whatever else is asked. */
  readonly id: string;
  readonly kind: string;
  readonly params: Json;
  /** Epoch milliseconds; absent: now. */
  readonly begin?: number;
  /** Id of the key, or what else started it. */
  readonly by: string;
  /** Default `scanning.segments`. */
  readonly segments?: number;
  readonly perMinute?: number;
}

export type StartScan = (request: ScanRequest) => Promise<Job>;

/** Of what changes the catalog, or asks about it, and starts a job for that. */
export interface ChangePorts {
  readonly catalog: Pick<CatalogStore, 'readSnapshot'>;
  readonly startScan: StartScan;
}

export interface StartScanPorts {
  readonly now: Clock;
  readonly jobs: Pick<JobStore, 'create'>;
  readonly machine: ScanMachine;
}

/** Starts a scan and does not wait for it. */
export const startScan =
  ({ now, jobs, machine }: StartScanPorts): StartScan =>
  async ({ id, kind, params, begin, by, segments = scanning.segments, perMinute }) => {
    if (!/^[A-Za-z0-9_-]+$/.test(id) || id.length > MAX_JOB_ID) {
      throw new InvalidInput(
        'job.id',
        `a job's id has [A-Za-z0-9_-], at most ${MAX_JOB_ID}; this one has ${id.length}`,
      );
    }
    const at = now();
    const wanted: Job = {
      ...{ id, kind, state: 'queued', params, segments, at, by, run: 0 },
      begin: Math.max(at, begin ?? at),
      ...(perMinute !== undefined && { perMinute }),
    };
    const job = await jobs.create(wanted);
    // Created before, and perhaps not started: its answer may have been lost in between.
    if (!isOver(job.state)) await startRound(machine, job, 0);
    return job;
  };

export const startRound = (machine: ScanMachine, { id, run, segments, begin }: Job, round: number): Promise<void> =>
  machine.start(`${id}-${run}-${round}`, { schema: 1, job: id, run, round, segments, begin: formatInstant(begin) });
