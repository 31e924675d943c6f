import { chance } from '../../../kernel/ids.ts';
import type { Window } from '../../../kernel/schema.ts';
import { MINUTE_MS } from '../../../kernel/time.ts';
import { isInWindows, nextWindowOpening, windowCloses } from '../../../kernel/windows.ts';
import { dayName, nextDayStart } from '../../../kernel/zone.ts';
import { roundDue } from '../../journeys/engine/due.ts';
import type { Journey } from '../../journeys/journey.ts';
import { countryIn } from '../../profiles/country-in.ts';
import type { Profile } from '../../profiles/profile.ts';
import type { Channel } from '../channel.ts';
import type { ClosedDates, Policy, QuietWindow } from '../policy.ts';
import { type Check, isMarketing } from './check.ts';

/** What was held is released over this time, so that a morning does not begin with everything at once. */
export const RELEASE_SPREAD_MS = 15 * MINUTE_MS;

/** When messages may go: outside `quiet`, inside `windows` (none given: always), not on closed days. */
export interface SendingHours {
  readonly quiet: readonly Window[];
  readonly windows: readonly Window[];
  /** Of the journey and of the environment. */
  readonly closedDates: readonly string[];
  readonly zone: string;
}

/** What a message is held for by the clock; `sending.catchUp` says how long at most. */
const holds = {
  quiet: 'quiet-hours',
  holiday: 'closed-date',
  windows: 'sending.windows',
  closed: 'sending.closed-date',
} as const;
const fixes: Readonly<Record<(typeof holds)[keyof typeof holds], string>> = {
  'quiet-hours': 'shorten the quiet hours of the policy or of the journey',
  'closed-date': "take the day out of the policy's closedDates",
  'sending.windows': "widen the journey's sending.windows",
  'sending.closed-date': "take the day out of the journey's sending.closedDates",
};
export const isHeldByHours = (code: string): boolean => Object.values<string>(holds).includes(code);

export const checkHours: Check = (proposal) => {
  const { catalog, journey, now, zone, seed, channel, profile } = proposal;
  if (channel === 'webhook') return undefined;
  const { quietHours, closedDates = [], whenQuiet } = catalog.policy;
  if (quietHours.length === 0 && closedDates.length === 0 && journey?.sending === undefined) return undefined;
  const concerning = {
    quietHours: quietHours.filter((window) => concerns(window, channel, profile)),
    closedDates: closedDates.filter((days) => concerns(days, channel, profile)),
  };
  const hours = sendingHours(concerning, journey, zone, isMarketing(proposal));
  if (isOpen(now, hours)) return undefined;
  const until = releaseAt(now, hours, seed);
  if (until === undefined) {
    return { no: 'quiet-hours.always', fix: 'leave a gap between quiet hours and sending windows' };
  }
  const hold = holds[closedBy(now, hours, journey)];
  const drops = whenQuiet === 'drop' && (hold === holds.quiet || hold === holds.holiday);
  return { hold, until, saw: { zone }, fix: fixes[hold], ...(drops && { drops }) };
};

/** What the environment says comes before what the journey's author says. */
function closedBy(now: number, hours: SendingHours, journey: Pick<Journey, 'sending'> | undefined): keyof typeof holds {
  if (isInWindows(now, hours.quiet, hours.zone)) return 'quiet';
  if (!isClosed(now, hours)) return 'windows';
  return journey?.sending?.closedDates?.includes(dayName(now, hours.zone)) ? 'closed' : 'holiday';
}

/** A customer of whom no country is known lives in none of those that are named. */
function concerns({ channels, countries }: QuietWindow | ClosedDates, channel: Channel, profile: Profile): boolean {
  if (channels !== undefined && !channels.includes(channel)) return false;
  return countries === undefined || countries.includes(countryIn(profile, channel) ?? '');
}

/**
 * A journey's own quiet hours and closed dates come on top of the environment's: it may spare its customers more, never
 * less (guarantee G10). Its windows and closed dates are when its author wants it to send, so they hold for
 * transactional topics too.
 */
export function sendingHours(
  policy: Pick<Policy, 'quietHours' | 'closedDates'>,
  journey: Pick<Journey, 'sending'> | undefined,
  zone: string,
  marketing = true,
): SendingHours {
  const own = journey?.sending?.quietHours ?? 'environment';
  const holidays = (policy.closedDates ?? []).flatMap(({ dates }) => dates);
  const spared = marketing && own !== 'none';
  const added = own === 'environment' || own === 'none' ? [] : own;
  return {
    quiet: spared ? [...policy.quietHours, ...added] : [],
    windows: journey?.sending?.windows ?? [],
    closedDates: [...(journey?.sending?.closedDates ?? []), ...(spared ? holidays : [])],
    zone,
  };
}

export function isOpen(at: number, hours: SendingHours): boolean {
  const { quiet, windows, zone } = hours;
  return (
    !isInWindows(at, quiet, zone) && (windows.length === 0 || isInWindows(at, windows, zone)) && !isClosed(at, hours)
  );
}

const isClosed = (at: number, { closedDates, zone }: SendingHours): boolean =>
  closedDates.length > 0 && closedDates.includes(dayName(at, zone));

/** The soonest instant that is open, `at` itself when it is; undefined when there is none. */
export function soonestOpen(at: number, hours: SendingHours): number | undefined {
  const { quiet, windows, closedDates, zone } = hours;
  let candidate = at;
  // Each round passes a quiet window, a gap or a closed day: two weeks of each, and every closed day there is.
  for (let round = 0; round < 60 + closedDates.length; round += 1) {
    if (isOpen(candidate, hours)) return candidate;
    const outside = windowCloses(candidate, quiet, zone);
    if (outside === null) return undefined;
    candidate = outside;
    if (windows.length > 0) candidate = nextWindowOpening(candidate, windows, zone) ?? candidate;
    if (isClosed(candidate, hours)) candidate = nextDayStart(candidate, zone);
  }
  return undefined;
}

/** The soonest open instant, spread; where the gap is too short to spread in, the soonest itself. */
export function releaseAt(now: number, hours: SendingHours, seed: string): number | undefined {
  const soonest = soonestOpen(now, hours);
  if (soonest === undefined) return undefined;
  const spread = roundDue(soonest + Math.floor(chance('release', seed) * RELEASE_SPREAD_MS), now);
  if (spread - soonest <= RELEASE_SPREAD_MS && isOpen(spread, hours)) return spread;
  return roundDue(soonest, now);
}
