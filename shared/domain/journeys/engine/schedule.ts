import { formatInstant, parseInstant } from '../../../kernel/time.ts';
import type { Journey } from '../journey.ts';
import type { Refusal } from './enter.ts';

/** Why nobody enters at this time, by the schedule of the live version. */
export function notOpenAt({ schedule }: Journey, now: number): Refusal | undefined {
  const startAt = instantOf(schedule?.startAt);
  const endAt = instantOf(schedule?.endAt);
  if (startAt !== undefined && now < startAt) {
    return { code: 'journey.not-started', saw: { startAt }, fix: `opens at ${formatInstant(startAt)}` };
  }
  if (endAt === undefined || now < endAt) return undefined;
  const fix = `ended at ${formatInstant(endAt)}: publish a version that ends later`;
  return { code: 'journey.ended', saw: { endAt }, fix };
}

/** When those inside leave, whatever they wait for; by the version they are on (guarantee G8). */
export const leavesAt = ({ schedule }: Journey): number | undefined =>
  schedule?.atEnd === 'stop' ? instantOf(schedule.endAt) : undefined;

export const hasEnded = (journey: Journey, now: number): boolean => (leavesAt(journey) ?? Infinity) <= now;

export const instantOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : parseInstant(text);
