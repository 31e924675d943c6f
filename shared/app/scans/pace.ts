import { MINUTE_MS, SECOND_MS } from '../../kernel/time.ts';
import type { Job, SegmentProgress } from './job.ts';

/** Of what goes to many: so that it leaves room for what happens live; 100 a second. */
export const DEFAULT_PER_MINUTE = 6_000;

export interface Room {
  /** How many may be told something now. */
  readonly left: number;
  /** When it is none: how long to wait, whole seconds. */
  readonly seconds: number;
  /** What has to be remembered with the next page. */
  readonly paced?: NonNullable<SegmentProgress['paced']>;
}

/**
 * A job's pace, cut up among its segments: each tells so many at once, and waits. With p per minute and s segments that is
 * ceil(p / s) every ceil(p / s) × s / p minutes, so that p comes out on average also where s does not divide it. Never
 * more than p + s begin within a minute of their own; a minute that lies across two may see twice as many.
 */
export function roomNow({ perMinute, segments }: Job, { paced }: SegmentProgress, now: number): Room {
  if (perMinute === undefined) return { left: Number.POSITIVE_INFINITY, seconds: 0 };
  const atOnce = Math.ceil(perMinute / segments);
  const everyMs = (MINUTE_MS * atOnce * segments) / perMinute;
  if (paced === undefined || now >= paced.from + everyMs) {
    return { left: atOnce, seconds: 0, paced: { from: now, told: 0 } };
  }
  const seconds = Math.max(1, Math.ceil((paced.from + everyMs - now) / SECOND_MS));
  return { left: Math.max(0, atOnce - paced.told), seconds, paced };
}
