import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from './api-client.ts';

export interface RemoteJob {
  readonly id: string;
  readonly kind: string;
  readonly state: 'queued' | 'running' | 'done' | 'failed' | 'stopped' | 'skipped';
  readonly progress: { readonly [what: string]: number };
  readonly error?: string;
}

const firstPauseMs = 500;
const longestPauseMs = 10_000;

/** Asks for a job, less and less often, until it is over. */
export async function followJob(api: ApiClient, id: string, show: (job: RemoteJob) => void): Promise<RemoteJob> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 1.5)) {
    const job = await api.get<RemoteJob>(`/v1/jobs/${encodeURIComponent(id)}`);
    if (job.state !== 'queued' && job.state !== 'running') return job;
    show(job);
    await sleep(pauseMs);
  }
}
