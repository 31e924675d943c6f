import type { ToldRecord } from '../mail-record.ts';
import type { Consent } from '../profiles/profile.ts';
import { setConsents } from '../profiles/set-consents.ts';
import type { Turn } from '../turn.ts';
import type { Channel } from './channel.ts';
import { consentFor } from './consent.ts';

type Keyword = Extract<ToldRecord, { readonly t: 'keyword' }>;

/**
 * A keyword that was texted from a number of this customer's.
 *
 * - `stop` withdraws every marketing topic of the channel, and notes which of them could be sent to until then.
 * - `start` grants those again, and nothing else: what was never granted, or withdrawn in another way, stays as it is.
 *
 * The address itself was suppressed, or freed, before this was told (app/receive-keywords.ts).
 */
export function takeKeyword(turn: Turn, { channel, word, at }: Keyword): void {
  turn.because({ code: `keyword.${word}`, channel });
  if (word === 'stop') {
    withdrawChannel(turn, channel, at, 'keyword');
    return;
  }
  const stopped = Object.values(turn.profile.consents).filter((one) => one.channel === channel && one.stopped);
  setConsents(
    turn,
    stopped.map(({ topic }): Consent => ({ channel, topic, state: 'granted', at, source: 'keyword' })),
  );
}

/** STOP and its like speak of the channel, so of every topic on it that is not transactional. */
export function withdrawChannel(turn: Turn, channel: Channel, at: number, source: 'keyword' | 'receipt'): void {
  const topics = [...turn.catalog.topics.values()].filter((topic) => topic.kind === 'marketing');
  const { consents } = turn.profile;
  setConsents(
    turn,
    topics.map((topic): Consent => {
      const { allowed, record } = consentFor(consents, channel, topic);
      const stopped = allowed || record?.stopped === true;
      return { channel, topic: topic.id, state: 'withdrawn', at, source, ...(stopped && { stopped }) };
    }),
  );
}
