import type { Journey, Limits } from '../../journeys/journey.ts';
import type { Profile } from '../../profiles/profile.ts';
import { freeAt, longestSpanMs } from './cap-span.ts';
import { type Check, type Hold, isMarketing, laterOf, type Proposal, type Verdict } from './check.ts';

type Limit = NonNullable<Limits['messagesPerProfile']>[number];
type Timed = Limit & { readonly per: Exclude<Limit['per'], 'run'> };
const RAISE = 'raise limits.messagesPerProfile';
type Limited = NonNullable<Profile['sends'][number]['limited']>;

/**
 * `limits.messagesPerProfile`: frequency caps of one journey, with the same places: taken by the decision, given back
 * when the message was not sent. Counted is what versions with such a limit decided, in every run of the customer or,
 * with `run`, in this one. A run's places never become free again, so there it is a "no" and not a hold.
 */
export const checkJourneyLimits: Check = (proposal) => {
  const { journey, run } = proposal;
  if (journey === undefined || !isMarketing(proposal)) return undefined;
  let held: Hold | undefined;
  for (const limit of limitsOf(journey)) {
    const verdict = isTimed(limit)
      ? checkTimed(limit, journey, proposal)
      : checkRun(limit, proposal.profile.sends.filter(({ limited }) => limited?.run === run).length);
    if (verdict === undefined) continue;
    if ('no' in verdict) return verdict;
    held = laterOf(held, verdict);
  }
  return held;
};

function checkTimed(limit: Timed, { id }: Journey, { profile, now, zone }: Proposal): Hold | undefined {
  const ends = profile.sends
    .filter(({ limited }) => limited?.journey === id)
    .map(({ at }) => freeAt(limit.per, at, zone))
    .filter((free) => free > now)
    .sort((a, b) => a - b);
  if (ends.length < limit.max) return undefined;
  const saw = { ...limit, sent: ends.length };
  return { hold: 'cap.journey', until: ends[ends.length - limit.max]!, saw, fix: RAISE };
}

function checkRun(limit: Limit, sent: number): Verdict {
  if (sent < limit.max) return undefined;
  return { no: 'cap.journey', saw: { ...limit, sent }, fix: RAISE };
}

/** What has to be remembered of a send, so that the limits of its journey find it; undefined: nothing. */
export function limitedBy(journey: Journey | undefined, run: string | undefined, now: number): Limited | undefined {
  if (journey === undefined || run === undefined) return undefined;
  const limits = limitsOf(journey);
  if (limits.length === 0) return undefined;
  const spans = limits.filter(isTimed).map(({ per }) => longestSpanMs(per));
  const ofRun = limits.length > spans.length;
  return { journey: journey.id, until: now + Math.max(0, ...spans), ...(ofRun && { run }) };
}

/**
 * Whether some limit may still ask for it.
 *
 * @param moving the run that is on its way: in its first pass it is not in the profile yet.
 */
export function isStillLimited(limited: Limited | undefined, { runs }: Profile, now: number, moving?: string): boolean {
  if (limited === undefined) return false;
  const { until, run } = limited;
  return until > now || (run !== undefined && (run === moving || Object.hasOwn(runs, run)));
}

const limitsOf = ({ limits }: Journey): readonly Limit[] => limits?.messagesPerProfile ?? [];
const isTimed = (limit: Limit): limit is Timed => limit.per !== 'run';
