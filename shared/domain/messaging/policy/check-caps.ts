import type { Json } from '../../../kernel/canonical-json.ts';
import { DAY_MS, MINUTE_MS } from '../../../kernel/time.ts';
import type { FrequencyCap, Policy } from '../policy.ts';
import { freeAt, longestSpanMs } from './cap-span.ts';
import { type Check, type Hold, isMarketing, laterOf, type Proposal, type Verdict } from './check.ts';
import { gapMs, keepsGap } from './check-gap.ts';
import type { Rival } from './rivals.ts';

/**
 * Frequency caps. What counts is the reservation that a decision makes: it is given back when the message was not
 * sent. A calendar span is one of the customer's zone, a Duration slides. The cap that frees its place last holds.
 *
 * A place that a message with a higher priority will want within `policy.reserve` is not free (rivals.ts).
 */
export const checkCaps: Check = (proposal) => {
  const { catalog, channel, topic } = proposal;
  if (!isMarketing(proposal)) return undefined;
  let held: Hold | undefined;
  for (const cap of catalog.policy.caps) {
    if (!applies(cap, channel, topic.id)) continue;
    const verdict = checkCap(cap, proposal);
    if (verdict === undefined) continue;
    if ('no' in verdict) return verdict;
    held = laterOf(held, verdict);
  }
  return held;
};

function checkCap(cap: FrequencyCap, proposal: Proposal): Verdict {
  const { profile, catalog, now, zone } = proposal;
  const { id, max, per, whenReached } = cap;
  const saw = {
    ...(id !== undefined && { cap: id }),
    max,
    per,
    channel: cap.channel ?? null,
    topic: cap.topic ?? null,
  };
  const fix = `raise the cap${id === undefined ? '' : ` ${id}`} in the policy`;
  if (max === 0) return { no: 'cap.zero', saw, fix };
  const ends = profile.sends
    .filter((send) => applies(cap, send.channel, send.topic) && isCounted(catalog, send.topic))
    .map(({ at }) => freeAt(per, at, zone))
    .filter((end) => end > now)
    .sort((a, b) => a - b);
  const seen = { ...saw, sent: ends.length };
  const verdict: Hold | undefined =
    ends.length >= max
      ? { hold: 'cap.reached', until: ends[ends.length - max]!, saw: seen, fix }
      : reservedFor(cap, ends, proposal, seen);
  return verdict === undefined || whenReached !== 'skip' ? verdict : { ...verdict, drops: true };
}

const isCounted = ({ topics }: Proposal['catalog'], topic: string) => topics.get(topic)?.kind !== 'transactional';

/**
 * Rivals take their places in the order in which they are due. The last one that would find none because this message
 * took it, while it would have found one otherwise, is what this message waits for.
 */
function reservedFor(
  cap: FrequencyCap,
  ends: readonly number[],
  { rivals = [], now, zone }: Proposal,
  seen: { readonly [what: string]: Json },
): Hold | undefined {
  const ourEnd = freeAt(cap.per, now, zone);
  const wanting = rivals.filter((one) => one.channels.some((channel) => applies(cap, channel, one.topic)));
  let rival: Rival | undefined;
  for (const [before, one] of wanting.entries()) {
    const taken = ends.filter((end) => end > one.due).length + before;
    if (ourEnd > one.due && taken === cap.max - 1) rival = one;
  }
  if (rival === undefined) return undefined;
  const { journey, step, due, priority } = rival;
  return {
    hold: 'cap.reserved-for',
    // What is due already has its wake on the way.
    until: Math.max(due, now + MINUTE_MS),
    saw: { ...seen, for: journey, step, due, priority },
    fix: `give the journey a priority of ${priority}, as ${journey} has, or raise the cap`,
  };
}

const applies = (cap: FrequencyCap, channel: string, topic: string): boolean =>
  (cap.channel === undefined || cap.channel === channel) && (cap.topic === undefined || cap.topic === topic);

/** Whether some cap of this environment, or its gap, will ask for it. */
export const isRemembered = ({ caps, gap }: Policy, channel: string, topic: string): boolean =>
  keepsGap(gap, channel) || caps.some((cap) => applies(cap, channel, topic));

/** How long sends are remembered: the longest cap or gap, and a day at least. A calendar day may have 26 hours. */
export const keepSendsMs = ({ caps, gap }: Policy): number =>
  Math.max(2 * DAY_MS, gapMs(gap), ...caps.map(({ per }) => longestSpanMs(per)));
