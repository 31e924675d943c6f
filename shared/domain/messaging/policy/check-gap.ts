import { longestMs } from '../../../kernel/duration.ts';
import { addDuration } from '../../../kernel/zone.ts';
import type { Gap } from '../policy.ts';
import { type Check, isMarketing } from './check.ts';

/**
 * The least time between two marketing messages, counted from decision to decision, as caps are: a message that comes too
 * soon after another is held until the gap is over.
 */
export const checkGap: Check = (proposal) => {
  const { profile, catalog, channel, now, zone } = proposal;
  const { gap } = catalog.policy;
  if (gap === undefined || !isMarketing(proposal) || !keepsGap(gap, channel)) return undefined;
  let until = now;
  let after: (typeof profile.sends)[number] | undefined;
  for (const send of profile.sends) {
    if (!keepsGap(gap, send.channel) || (gap.onlyDifferent && send.channel === channel)) continue;
    if (catalog.topics.get(send.topic)?.kind === 'transactional') continue;
    const end = addDuration(send.at, gap.between, zone);
    if (end > until) [until, after] = [end, send];
  }
  if (after === undefined) return undefined;
  return {
    hold: 'gap.too-soon',
    until,
    saw: { between: gap.between, last: after.at, channel: after.channel },
    fix: 'shorten the gap in the policy',
  };
};

export const keepsGap = (gap: Gap | undefined, channel: string): boolean =>
  gap !== undefined && (gap.channels === undefined || gap.channels.some((one) => one === channel));

export const gapMs = (gap: Gap | undefined): number => (gap === undefined ? 0 : longestMs(gap.between));
