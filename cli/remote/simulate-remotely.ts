import { randomUUID } from 'node:crypto';
import type { Journey } from '../../shared/domain/journeys/journey.ts';
import type { SimulationResult } from '../../shared/simulation/index.ts';
import type { Terminal } from '../terminal.ts';
import type { ApiClient } from './api-client.ts';
import { RemoteProblem } from './api-client.ts';

/** What a simulation with live profiles adds to the figures. */
export type LiveResult = SimulationResult & {
  readonly journey: string;
  readonly version: number;
  readonly sample: number;
  /** Customers who went round in a circle. */
  readonly endless: number;
  /** The bound on records came before the sample was full. */
  readonly isCut: boolean;
  readonly sharedLimitsIgnored: readonly string[];
};

interface JobDocument {
  readonly id: string;
  readonly state: string;
  readonly error?: string;
  readonly progress: Readonly<Record<string, number>>;
  readonly result?: Omit<LiveResult, 'traces'>;
}

const POLL_MS = 1_000;

/** Starts it, waits until it is done, and reads the journeys that something happened in, that one first. */
export async function simulateRemotely(
  api: ApiClient,
  id: string,
  request: unknown,
  terminal: Pick<Terminal, 'note'>,
): Promise<{ readonly result: LiveResult; readonly journeys: readonly Journey[] }> {
  const path = `/v1/journeys/${encodeURIComponent(id)}`;
  let job = await api.post<JobDocument>(`${path}/simulations`, request, { 'idempotency-key': randomUUID() });
  const where = `/v1/jobs/${job.id}`;
  while (job.state === 'queued' || job.state === 'running') {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    job = await api.get<JobDocument>(where);
    if (job.state === 'running') terminal.note(`${job.progress['customers'] ?? 0} customers simulated`);
  }
  if (job.result === undefined) {
    throw new RemoteProblem(`GET ${api.base}${where}`, `the job is ${job.state}${job.error ? `: ${job.error}` : ''}`);
  }
  const others = Object.keys(job.result.journeys).filter((other) => other !== id);
  const found = await Promise.all(
    others.map((other) => api.find<Journey>(`/v1/journeys/${encodeURIComponent(other)}?version=live`)),
  );
  const journeys = [await api.get<Journey>(path), ...found.flatMap((one) => (one ? [one.body] : []))];
  return { result: { ...job.result, traces: [] }, journeys };
}

/** What else is to be known of the figures. */
export function cautions({ sample, customers, isCut, endless, sharedLimitsIgnored }: LiveResult): string[] {
  return [
    ...(isCut ? [`only ${customers} of ${sample} customers: simulate fewer days or fewer events for more`] : []),
    ...(endless === 0 ? [] : [`${endless} customers made too many records and were left there: add a wait`]),
    ...(sharedLimitsIgnored.length === 0
      ? []
      : [`limits that customers share held nobody back in: ${sharedLimitsIgnored.join(', ')}`]),
  ];
}
