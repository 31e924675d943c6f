import { DAY_MS, formatInstant } from '../../kernel/time.ts';
import { scanning } from '../../resources.ts';
import type { JobStore } from './job.ts';
import { repairChains } from './occurrences.ts';
import type { ScanPorts } from './scan-kind.ts';
import { startScan } from './start-scan.ts';

/** Of 2 KB each they are read in seven minutes, so that one call of the function is enough. */
const PROFILES_PER_SEGMENT = 1_000_000;

/** Once a day: the sweep of all profiles, and the next link of every chain of occurrences that has none. */
export async function startSweep(ports: ScanPorts, given?: string): Promise<void> {
  const by = 'schedule';
  const now = ports.clock();
  const segments = await segmentsFor(sweepOn(now - DAY_MS), ports.jobs);
  const id = given ?? sweepOn(now);
  await startScan({ ...ports, now: ports.clock })({ id, kind: 'sweep', params: {}, by, segments });
  await repairChains(by, ports);
}

const sweepOn = (instant: number): string => `sweep-${formatInstant(instant).slice(0, 10)}`;

/** As many as what yesterday's sweep found asks for: each has calls and transitions of its own, also where it is empty. */
async function segmentsFor(yesterday: string, jobs: Pick<JobStore, 'readSegments'>): Promise<number> {
  const parts = await jobs.readSegments(yesterday);
  if (parts.length === 0) return scanning.segments;
  const scanned = parts.reduce((sum, { counts }) => sum + (counts['scanned'] ?? 0), 0);
  return Math.max(1, Math.min(scanning.segments, Math.ceil(scanned / PROFILES_PER_SEGMENT)));
}
