import { DAY_MS, formatInstant, MINUTE_MS } from '../kernel/time.ts';
import { timing } from '../resources.ts';
import type { Clock, Cohort, WaitMachine, WakeRequest } from './ports.ts';

export interface WakeDelivery extends WakeRequest {
  /** SQS message id. */
  readonly id: string;
}

export interface ArmTimersPorts {
  readonly clock: Clock;
  readonly machine: WaitMachine;
}

/** A key takes 26 bytes of JSON; input of an execution is at most 256 KiB (Step Functions service quotas). */
export const MAX_COHORT = 9_000;
/** StartExecution: 300 a second in the smaller regions (Step Functions service quotas). */
const CONCURRENCY = 10;

/**
 * Gathers the waits that end in the same minute into cohorts, one execution each, and answers the ids of those
 * that could not be armed. Names carry the request id (protocol.md, step 17): a name made of its members would meet
 * a closed execution's name, and duplicates are harmless. Hops of 300 days: a year is the limit of an execution.
 */
export async function armTimers(
  deliveries: readonly WakeDelivery[],
  requestId: string,
  ports: ArmTimersPorts,
): Promise<readonly string[]> {
  const byMinute = Map.groupBy(deliveries, ({ due }) => Math.ceil(due / MINUTE_MS) * MINUTE_MS);
  const latest = Math.floor((ports.clock() + timing.maxHopDays * DAY_MS) / MINUTE_MS) * MINUTE_MS;
  const cohorts = [...byMinute].flatMap(([due, members]) => {
    const byKey = [...Map.groupBy(members, ({ key }) => key)];
    const parts: (typeof byKey)[] = [];
    for (let from = 0; from < byKey.length; from += MAX_COHORT) parts.push(byKey.slice(from, from + MAX_COHORT));
    return parts.map((part) => ({ due, part }));
  });

  const failed: string[] = [];
  const start = async ({ due, part }: (typeof cohorts)[number], index: number) => {
    const wakeAt = formatInstant(Math.min(due, latest));
    const cohort: Cohort = {
      schema: 1,
      due: wakeAt,
      ...(due > latest && { ends: due }),
      keys: part.map(([key]) => key),
    };
    const minute = wakeAt.slice(0, 16).replace(':', '-');
    try {
      await ports.machine.start(`${minute}Z-${requestId}-${index}`, cohort);
    } catch {
      failed.push(...part.flatMap(([, members]) => members.map(({ id }) => id)));
    }
  };
  for (let from = 0; from < cohorts.length; from += CONCURRENCY) {
    await Promise.all(cohorts.slice(from, from + CONCURRENCY).map((cohort, i) => start(cohort, from + i)));
  }
  return failed;
}
