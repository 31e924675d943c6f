import { MINUTE_MS } from '../../../kernel/time.ts';

/** Longer waits are carried by executions that serve whole minutes; shorter ones by a queue with a delay. */
const SHORT_WAIT_MS = 15 * MINUTE_MS;

/** Rounded up to the minute when more than 15 minutes ahead: never early (guarantee G6). */
export function roundDue(due: number, now: number): number {
  return due - now > SHORT_WAIT_MS ? Math.ceil(due / MINUTE_MS) * MINUTE_MS : Math.ceil(due);
}

/** The earlier of two instants; null is never. */
export const soonest = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);
