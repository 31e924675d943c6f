import { MAX_LATE_MS } from '../../domain/journeys/engine/date-entries.ts';
import { membersAt, nextOccurrenceOf } from '../../domain/journeys/engine/schedule-entries.ts';
import type { Journey } from '../../domain/journeys/journey.ts';
import { digest } from '../../kernel/ids.ts';
import { DAY_MS, SECOND_MS } from '../../kernel/time.ts';
import { timing } from '../../resources.ts';
import { DEFAULT_PER_MINUTE } from './pace.ts';
import type { ScanPorts } from './scan-kind.ts';
import { type StartScan, startScan } from './start-scan.ts';

/**
 * Occurrences of a journey's `schedule` entries: each is a broadcast, and a link of a chain.
 *
 * 1. The job of the next one is there, asleep, while the journey is live or paused. Publishing and resuming start it, a
 *    link starts the one after it before it scans, and the daily sweep starts what is missing.
 * 2. Its id is made of journey and instant, so whoever starts it, it is one, and lets a customer in once.
 * 3. What lets in is the version that is live when it begins, so another version needs no other job.
 * 4. One that lies further ahead than an execution sleeps is left to a later sweep.
 */
export type OccurrenceParams = {
  readonly journey: string;
  /** Epoch milliseconds. */
  readonly occurrence: number;
  /** Of the catalog in which it was seen to come. */
  readonly epoch: number;
};

const MAX_AHEAD_MS = timing.maxHopDays * DAY_MS;

export const occurrenceId = (journey: string, occurrence: number): string =>
  `occurrence-${digest('occurrence', journey)}-${Math.floor(occurrence / SECOND_MS)}`;

/** Starts the job of the first occurrence after `after`; the same one again changes nothing. */
export async function startNextOccurrence(
  start: StartScan,
  journey: Journey,
  {
    after,
    now,
    epoch,
    by,
  }: { readonly after: number; readonly now: number; readonly epoch: number; readonly by: string },
): Promise<void> {
  const occurrence = nextOccurrenceOf(journey, after);
  if (occurrence === undefined || occurrence > now + MAX_AHEAD_MS) return;
  const params: OccurrenceParams = { journey: journey.id, occurrence, epoch };
  const id = occurrenceId(journey.id, occurrence);
  await start({ id, kind: 'broadcast', params, by, begin: occurrence, perMinute: DEFAULT_PER_MINUTE });
}

/** The chain goes on; then why this link is skipped, if it is. Reads the catalog as it is now. */
export async function beginOccurrence(
  { journey: id, occurrence, epoch }: OccurrenceParams,
  by: string,
  ports: ScanPorts,
): Promise<string | undefined> {
  const catalog = await ports.catalogs.current(epoch, [], true);
  const live = catalog.journeys.get(id);
  if (live === undefined) return 'journey.unknown';
  if (live.state !== 'live' && live.state !== 'paused') return `journey.${live.state}`;
  const now = ports.clock();
  const { document } = live.journey;
  const start = startScan({ ...ports, now: ports.clock });
  await startNextOccurrence(start, document, { after: occurrence, now, epoch: catalog.epoch, by });
  if (live.state === 'paused') return 'journey.paused';
  if (membersAt(document, occurrence) === undefined) return 'entry.no-schedule';
  return now > occurrence + MAX_LATE_MS ? 'entry.too-old' : undefined;
}

/** What is broken is whole again: the next occurrence of every journey has its job. */
export async function repairChains(by: string, ports: ScanPorts): Promise<void> {
  const catalog = await ports.catalogs.current(0, [], true);
  const now = ports.clock();
  const start = startScan({ ...ports, now: ports.clock });
  for (const { journey } of catalog.scheduled) {
    await startNextOccurrence(start, journey.document, { after: now, now, epoch: catalog.epoch, by });
  }
}
