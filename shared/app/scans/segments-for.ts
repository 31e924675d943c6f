import { DAY_MS, formatInstant } from '../../kernel/time.ts';
import { scanning } from '../../resources.ts';
import type { JobStore } from './job.ts';

/** Of 2 KB each they are read in seven minutes, so that one call of the function is enough. */
const PROFILES_PER_SEGMENT = 1_000_000;

/** The id of a job that comes once a day. */
export const dailyId = (kind: string, instant: number): string => `${kind}-${formatInstant(instant).slice(0, 10)}`;

/** As many as what yesterday's job of the kind found asks for: each has calls and transitions of its own, also where it is empty. */
export async function segmentsFor(kind: string, now: number, jobs: Pick<JobStore, 'readSegments'>): Promise<number> {
  const parts = await jobs.readSegments(dailyId(kind, now - DAY_MS));
  if (parts.length === 0) return scanning.segments;
  const scanned = parts.reduce((sum, { counts }) => sum + (counts['scanned'] ?? 0), 0);
  return Math.max(1, Math.min(scanning.segments, Math.ceil(scanned / PROFILES_PER_SEGMENT)));
}
