import { longestMs } from '../../../kernel/duration.ts';
import { DAY_MS } from '../../../kernel/time.ts';
import { addDuration, dayStart, nextDayStart } from '../../../kernel/zone.ts';
import type { Profile } from '../../profiles/profile.ts';
import type { FrequencyCap, Policy } from '../policy.ts';
import { type Check, isMarketing, type Proposal } from './check.ts';

type Send = Profile['sends'][number];

/**
 * Frequency caps. What counts is the reservation that a decision makes: it is given back when the message was not
 * sent. `day` is the calendar day in the customer's zone, a Duration slides. The cap that frees its place last holds.
 */
export const checkCaps: Check = (proposal) => {
  const { catalog, channel, topic } = proposal;
  if (!isMarketing(proposal)) return undefined;
  let latest: ReturnType<Check>;
  for (const cap of catalog.policy.caps) {
    if (!applies(cap, channel, topic.id)) continue;
    const verdict = checkCap(cap, proposal);
    if (verdict === undefined) continue;
    if ('no' in verdict) return verdict;
    if (latest === undefined || (verdict as { until: number }).until > (latest as { until: number }).until)
      latest = verdict;
  }
  return latest;
};

function checkCap(cap: FrequencyCap, { profile, catalog, now, zone }: Proposal): ReturnType<Check> {
  const saw = { max: cap.max, per: cap.per, channel: cap.channel ?? null, topic: cap.topic ?? null };
  if (cap.max === 0) return { no: 'cap.zero', saw, fix: 'raise the cap in the policy' };
  const counted = profile.sends.filter(
    (send) =>
      applies(cap, send.channel, send.topic) &&
      catalog.topics.get(send.topic)?.kind !== 'transactional' &&
      freeAt(cap.per, send, zone) > now,
  );
  if (counted.length < cap.max) return undefined;
  const ends = counted.map((send) => freeAt(cap.per, send, zone)).sort((a, b) => a - b);
  return { hold: 'cap.reached', until: ends[counted.length - cap.max]!, saw: { ...saw, sent: counted.length } };
}

/** When a send's place is free again. */
export const freeAt = (per: FrequencyCap['per'], { at }: Send, zone: string): number =>
  per === 'day' ? nextDayStart(dayStart(at, zone), zone) : addDuration(at, per, zone);

const applies = (cap: FrequencyCap, channel: string, topic: string): boolean =>
  (cap.channel === undefined || cap.channel === channel) && (cap.topic === undefined || cap.topic === topic);

/** Whether some cap of this environment will ask for it. */
export const isCapped = (policy: Policy, channel: string, topic: string): boolean =>
  policy.caps.some((cap) => applies(cap, channel, topic));

/** How long sends are remembered: the longest cap, and a day at least. A calendar day may have 26 hours. */
export function keepSendsMs(policy: Policy): number {
  return Math.max(2 * DAY_MS, ...policy.caps.map((cap) => (cap.per === 'day' ? 2 * DAY_MS : longestMs(cap.per))));
}
