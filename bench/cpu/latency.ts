import { setTimeout as sleep } from 'node:timers/promises';
import type { Workload } from './workload.ts';

export interface LatencyRow {
  readonly perSecond: number;
  readonly events: number;
  readonly p50: number;
  readonly p99: number;
}

/** From before the request leaves until the message is captured, in ms of real time, at a steady rate. */
export async function measureLatency(
  workload: Workload,
  users: readonly string[],
  perSecond: number,
  events: number,
): Promise<LatencyRow> {
  const began = new Map<string, number[]>();
  const took: number[] = [];
  workload.cloud.onMessage(({ to }) => {
    const at = began.get(to)?.shift();
    if (at !== undefined) took.push(performance.now() - at);
  });
  const start = performance.now();
  const posts: Promise<void>[] = [];
  for (let count = 0; count < events; count++) {
    await sleep(Math.max(0, start + (count * 1_000) / perSecond - performance.now()));
    const user = users[count % users.length]!;
    began.set(workload.addressOf(user), [...(began.get(workload.addressOf(user)) ?? []), performance.now()]);
    posts.push(workload.post([workload.order(user)]));
  }
  await Promise.all(posts);
  await workload.cloud.settle();
  workload.cloud.onMessage(undefined);
  if (took.length !== events) throw new Error(`${took.length} messages of ${events} were captured`);
  const sorted = took.sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!;
  return { perSecond, events, p50: at(0.5), p99: at(0.99) };
}
