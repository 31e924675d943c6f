import type { MessageRequest } from '../../domain/decision.ts';
import type { Permit } from '../../domain/permit.ts';
import { chance } from '../../kernel/ids.ts';
import { DAY_MS, HOUR_MS, parseInstant } from '../../kernel/time.ts';
import { dayName, dayStart, nextDayStart } from '../../kernel/zone.ts';
import type { Sender, WarmUpPlan } from '../../settings.ts';
import type { Permits } from '../leases.ts';
import type { Clock } from '../ports.ts';

/** Whether a sender may write now: yes, not before `until`, or another sender in its place. */
export type Turn = { readonly giveBack: () => void } | { readonly until: number } | { readonly instead: string };

export type WarmUp = (sender: Sender, request: MessageRequest) => Promise<Turn>;

/** Partition of the counters, beside those of journeys. */
export const WARM_UP = 'sending#warm-up';

/** Of marketing, at once: the last places of a day are leased one by one. */
const LEASE = 20;
const KEPT_MS = 2 * DAY_MS;

const noPlan: Turn = { giveBack: () => undefined };

/**
 * How many messages a new sender may send on a calendar day of the environment's zone.
 *
 * 1. Marketing waits for the day on which there is a place, and comes back to its journey until then: queues keep
 *    nothing that long, and tomorrow it may not be wanted any more. Those of a day come within its first hour, not at once.
 * 2. Transactional messages go always, and take places: marketing gets what they leave.
 * 3. Tests that authors ask for are no customers' mail: they neither wait nor count.
 */
export function warmUp(permits: Permits, zone: string, clock: Clock): WarmUp {
  return async ({ id, warmUp: plan }, request) => {
    if (plan === undefined || request.testSend === true) return noPlan;
    const now = clock();
    const most = placesOn(plan, dayName(now, zone));
    if (most === undefined) return noPlan;
    const waits = !request.transactional && request.origin !== undefined;
    const counter = { journey: WARM_UP, name: placesName(id, dayName(now, zone)), over: now + KEPT_MS };
    const ceiling = waits ? most : Number.MAX_SAFE_INTEGER;
    const permit: Permit =
      waits && most === 0
        ? { counter, step: 1, at: 0, none: true }
        : await permits.take({ counter, step: 1, floor: 0, ceiling, most: waits ? LEASE : 1 });
    if (permit.none !== true) return { giveBack: () => permits.giveBack([permit]) };
    if (plan.overflow !== undefined) return { instead: plan.overflow };
    const first = Math.max(nextDayStart(now, zone), dayStart(parseInstant(`${plan.from}T12:00:00Z`)!, zone));
    return { until: first + Math.floor(chance('warm-up', request.id) * HOUR_MS) };
  };
}

export const placesName = (sender: string, day: string): string => `${sender}#${day}`;

/** None before the first day; absent: as many as there are, the plan is over. */
export function placesOn({ from, perDay }: WarmUpPlan, day: string): number | undefined {
  const index = Math.round((Date.parse(day) - Date.parse(from)) / DAY_MS);
  return index < 0 ? 0 : perDay[index];
}
