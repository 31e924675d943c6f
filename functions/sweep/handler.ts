import type { Context } from 'aws-lambda';
import { type SweepCursor, sweep } from '../../shared/app/sweep.ts';
import { sweepPorts } from '../edge/actor-ports.ts';
import { settings } from '../edge/environment.ts';
import { logWarning, publishMetrics } from '../edge/observe.ts';

const ports = sweepPorts();
/** What a page and its mail may take at the end. */
const RESERVE_MS = 60_000;

/**
 * Once a day, after a journey was resumed or a plan applied, or with the answer of an earlier invocation to go on from there. One that runs out of time says so in the
 * log and in its answer; the next day's begins anew, and everything it does may be done again.
 */
export async function handler(event: Partial<SweepCursor>, context: Context): Promise<SweepCursor | null> {
  const start: SweepCursor = {
    at: event.at ?? Date.now(),
    ...(event.epoch !== undefined && { epoch: event.epoch }),
    ...(event.journey !== undefined && { journey: event.journey }),
    ...(event.cursor !== undefined && { cursor: event.cursor }),
  };
  const isTimeUp = () => context.getRemainingTimeInMillis() < RESERVE_MS;
  try {
    const rest = await sweep(start, { journalRetentionDays: settings().journalRetentionDays, isTimeUp }, ports);
    if (rest === undefined) return null;
    logWarning('sweep unfinished: invoke again with this event', { ...rest });
    ports.metrics.count('SweepUnfinished');
    return rest;
  } finally {
    publishMetrics();
  }
}
