import type { ProfileKey } from '../kernel/ids.ts';
import { MINUTE_MS } from '../kernel/time.ts';

export const maxEventsPerMinute = 500;
const maxTracked = 10_000;

/**
 * One profile must not fill the mailbox for everybody: FIFO looks for free groups only among the first 120,000
 * messages (SQS, avoid backlog with the same message group id). A token bucket per profile and container, generous:
 * with c containers, c × 500 events a minute pass.
 */
export function profileRate(): { admit(key: ProfileKey, now: number): boolean } {
  /** In order of last use, so that the first is the one to forget. */
  const buckets = new Map<ProfileKey, { tokens: number; at: number }>();
  return {
    admit(key, now) {
      const before = buckets.get(key) ?? { tokens: maxEventsPerMinute, at: now };
      buckets.delete(key);
      const refilled = before.tokens + (Math.max(0, now - before.at) / MINUTE_MS) * maxEventsPerMinute;
      const tokens = Math.min(maxEventsPerMinute, refilled);
      const admitted = tokens >= 1;
      buckets.set(key, { tokens: admitted ? tokens - 1 : tokens, at: Math.max(now, before.at) });
      if (buckets.size > maxTracked) buckets.delete(buckets.keys().next().value!);
      return admitted;
    },
  };
}
