import type { Reason } from '../decision.ts';
import { assignGlobally } from '../journeys/engine/holdout.ts';
import type { Journey } from '../journeys/journey.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Turn } from '../turn.ts';
import type { Channel } from './channel.ts';
import { type Hold, isTransactional, LATER, laterOf, type Proposal, type Verdict } from './policy/check.ts';
import { isRemembered, keepSendsMs } from './policy/check-caps.ts';
import { isStillLimited, limitedBy } from './policy/check-journey-limits.ts';
import { checks } from './policy/checks.ts';
import { rivalsOf } from './policy/rivals.ts';
import type { Topic } from './topic.ts';

/** A message that wants to go, on the first of these channels that may take it. */
export interface Wish {
  readonly messageId: string;
  readonly channels: readonly Channel[];
  readonly topic: string;
  readonly template?: { readonly id: string; readonly version?: number };
  readonly to?: string;
  readonly zone: string;
  readonly journey?: Journey;
  /** Where it stands, for the reasons. */
  readonly at: Pick<Reason, 'journey' | 'version' | 'run' | 'step'>;
}

export type Answer =
  | { readonly send: Channel; readonly topic: Topic }
  /** Not before `until`, epoch milliseconds. */
  | { readonly hold: string; readonly until: number; readonly channel: Channel; readonly drops?: true }
  /** The code of the first channel's "no". */
  | { readonly blocked: string };

/**
 * Consent, suppression, caps and quiet hours, as they are now (guarantee G10), channel by channel in the order given.
 * The first channel with nothing against it takes the message; else the first that is only held; else it is blocked.
 * Every "no" is recorded, with what would change it.
 */
export function decideMessage(turn: Turn, wish: Wish): Answer {
  const topic = turn.catalog.topics.get(wish.topic);
  const place = { ...wish.at, message: wish.messageId, topic: wish.topic };
  if (topic === undefined) {
    turn.because({ code: 'topic.unknown', ...place, fix: 'create the topic' });
    return { blocked: 'topic.unknown' };
  }
  if (wish.channels.length === 0) {
    turn.because({ code: 'channel.none', ...place, fix: 'name a channel that the template has and the address fits' });
  }
  if (!isTransactional(topic)) assignGlobally(turn);
  const rivals = isTransactional(topic) ? [] : rivalsOf(turn, wish.journey, wish.at.run, wish.zone);
  let held: Extract<Answer, { readonly hold: string }> | undefined;
  let blocked: string | undefined;
  for (const channel of wish.channels) {
    const verdict = checkAll({
      profile: turn.profile,
      catalog: turn.catalog,
      now: turn.now,
      zone: wish.zone,
      channel,
      topic,
      seed: wish.messageId,
      ...(wish.to !== undefined && { to: wish.to }),
      ...(wish.template !== undefined && { template: wish.template }),
      ...(wish.journey !== undefined && { journey: wish.journey }),
      ...(wish.at.run !== undefined && { run: wish.at.run }),
      ...(rivals.length > 0 && { rivals }),
    });
    if (verdict === undefined) return { send: channel, topic };
    const saw = verdict.saw === undefined ? {} : { saw: verdict.saw };
    if ('no' in verdict) {
      blocked ??= verdict.no;
      turn.because({ code: verdict.no, ...place, channel, ...saw, fix: verdict.fix });
    } else {
      const { hold, until, drops, fix } = verdict;
      // The first that is only held, if there is one.
      if (held === undefined || (held.drops && !drops)) held = { hold, until, channel, ...(drops && { drops }) };
      turn.because({ code: hold, ...place, channel, ...saw, fix: drops ? fix : `${LATER}; ${fix} to send it now` });
    }
  }
  return held ?? { blocked: blocked ?? 'channel.none' };
}

/** A "no" beats every hold. */
function checkAll(proposal: Proposal): Verdict {
  let held: Hold | undefined;
  for (const check of checks) {
    const verdict = check(proposal);
    if (verdict === undefined) continue;
    if ('no' in verdict) return verdict;
    held = laterOf(held, verdict);
  }
  return held;
}

/** Takes the message's place in the caps and limits. Remembered is only what one of them may ask for. */
export function reserve(turn: Turn, { messageId, journey, at }: Wish, channel: Channel, topic: Topic): void {
  if (isTransactional(topic)) return;
  const limited = limitedBy(journey, at.run, turn.now);
  if (limited === undefined && !isRemembered(turn.catalog.policy, channel, topic.id)) return;
  rememberSend(turn, { id: messageId, at: turn.now, channel, topic: topic.id, ...(limited && { limited }) });
}

export function rememberSend(turn: Turn, send: Profile['sends'][number]): void {
  const oldest = turn.now - keepSendsMs(turn.catalog.policy);
  const sends = turn.profile.sends.filter(
    ({ id, at, limited }) =>
      id !== send.id && (at > oldest || isStillLimited(limited, turn.profile, turn.now, send.limited?.run)),
  );
  turn.change({ sends: [...sends, send] });
}

/** A message that was not sent gives its place back. */
export function release(turn: Turn, messageId: string): void {
  const sends = turn.profile.sends.filter((send) => send.id !== messageId);
  if (sends.length < turn.profile.sends.length) turn.change({ sends });
}
