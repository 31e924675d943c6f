import { canonicalJson } from '../../kernel/canonical-json.ts';
import type { Turn } from '../turn.ts';
import { jsonBytes, MAX_PROFILE_BYTES } from './limits.ts';
import type { Consent } from './profile.ts';

/**
 * The newest statement about a channel and topic holds; its history is in the journal. What was stated before the newest
 * merge may be the other one's word, whenever it comes: there a withdrawal holds, as it does in the merge itself.
 */
export function setConsents(turn: Turn, consents: readonly Consent[]): void {
  const mergedAt = turn.profile.merged?.at(-1)?.at ?? 0;
  for (const consent of consents) {
    const key = `${consent.channel}/${consent.topic}`;
    const current = Object.hasOwn(turn.profile.consents, key) ? turn.profile.consents[key] : undefined;
    const join =
      current !== undefined && Math.max(current.at, consent.at) <= mergedAt ? moreCarefulConsent : newerConsent;
    const newest = current === undefined ? consent : join(current, consent);
    const what = { topic: consent.topic, channel: consent.channel };
    if (newest === current) {
      turn.because({ code: 'consent.older', ...what });
      continue;
    }
    // A withdrawal is never refused for want of space: it is the one thing that must be remembered.
    const next = { ...turn.profile, consents: { ...turn.profile.consents, [key]: newest } };
    const bytes = jsonBytes(next);
    if (consent.state !== 'withdrawn' && bytes > MAX_PROFILE_BYTES) {
      turn.because({ code: 'profile.too-large', ...what, saw: { limitBytes: MAX_PROFILE_BYTES, actualBytes: bytes } });
      continue;
    }
    turn.profile = next;
    turn.because({ code: 'consent.recorded', ...what, saw: { state: consent.state, source: consent.source } });
  }
}

const strength = { withdrawn: 2, pending: 1, granted: 0 } as const;

/**
 * Of two people who turn out to be one: a withdrawal wins over whatever the other one said, be it newer, because nobody took it
 * back who had made it. A total order, so that merges commute and are associative.
 */
export function moreCarefulConsent(a: Consent, b: Consent): Consent {
  if ((a.state === 'withdrawn') === (b.state === 'withdrawn')) return newerConsent(a, b);
  return a.state === 'withdrawn' ? a : b;
}

/** Newer wins; of the same instant the more careful one, then a stable order, so that merges commute. */
function newerConsent(current: Consent, other: Consent): Consent {
  if (other.at !== current.at) return other.at > current.at ? other : current;
  if (other.state !== current.state) return strength[other.state] > strength[current.state] ? other : current;
  return canonicalJson(other) > canonicalJson(current) ? other : current;
}
