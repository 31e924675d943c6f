import type { ProfileKey } from '../kernel/ids.ts';
import { MINUTE_MS } from '../kernel/time.ts';

export const maxEventsPerMinute = 500;
const maxTracked = 10_000;

export interface ProfileRate {
  admit(key: ProfileKey, now: number): boolean;
  /** How many have asked in the calendar minute of the last one that did. */
  asked(key: ProfileKey): number;
  /** One that was admitted could not be taken, and its client will send it again. */
  giveBack(key: ProfileKey): void;
}

interface Bucket {
  readonly tokens: number;
  readonly at: number;
  readonly minute: number;
  readonly asked: number;
}

/**
 * One profile must not fill the mailbox for everybody: FIFO looks for free groups only among the first 120,000
 * messages (SQS, avoid backlog with the same message group id). A token bucket per profile and container, generous:
 * with c containers, c × 500 events a minute pass.
 */
export function profileRate(): ProfileRate {
  /** In order of last use, so that the first is the one to forget. */
  const buckets = new Map<ProfileKey, Bucket>();
  return {
    admit(key, now) {
      const minute = Math.floor(now / MINUTE_MS);
      const before = buckets.get(key) ?? { tokens: maxEventsPerMinute, at: now, minute, asked: 0 };
      buckets.delete(key);
      const refilled = before.tokens + (Math.max(0, now - before.at) / MINUTE_MS) * maxEventsPerMinute;
      const tokens = Math.min(maxEventsPerMinute, refilled);
      const admitted = tokens >= 1;
      const asked = minute > before.minute ? 1 : before.asked + 1;
      const at = Math.max(now, before.at);
      buckets.set(key, { tokens: admitted ? tokens - 1 : tokens, at, minute: Math.max(minute, before.minute), asked });
      if (buckets.size > maxTracked) buckets.delete(buckets.keys().next().value!);
      return admitted;
    },
    asked: (key) => buckets.get(key)?.asked ?? 0,
    giveBack(key) {
      const bucket = buckets.get(key);
      if (bucket === undefined) return;
      buckets.set(key, { ...bucket, tokens: Math.min(maxEventsPerMinute, bucket.tokens + 1) });
    },
  };
}
