import { canonicalJson } from '../kernel/canonical-json.ts';
import { hasForbiddenCharacters } from '../kernel/clean-text.ts';
import { digest } from '../kernel/ids.ts';
import { parseClientInstant } from '../kernel/time.ts';

const maxSentCharacters = 64;

/**
 * The event's own time stamp as the client wrote it, for the journal key: the same in every retry, hence never
 * corrected and never taken from the envelope. What is too long or unclean to be a key stands there as its digest.
 */
export function sentAsWritten(event: {
  readonly timestamp?: unknown;
  readonly originalTimestamp?: unknown;
}): string | null {
  const value = event.timestamp ?? event.originalTimestamp;
  if (value === undefined || value === null) return null;
  const text = typeof value === 'string' ? value : canonicalJson(value);
  return text.length > maxSentCharacters || hasForbiddenCharacters(text) ? digest(text) : text;
}

/**
 * `timestamp = receivedAt − (sentAt − originalTimestamp)` (Segment Spec, Common fields: Timestamps): a wrong clock on
 * the device cancels out. Never after the time of arrival; a time that is absent, unreadable or before 1970 (the zero
 * of a typed language, not a date) is the time of arrival.
 */
export function correctedTime(sent: string | null, sentAt: unknown, receivedAt: number): number {
  const original = readTime(sent);
  if (original === undefined) return receivedAt;
  const envelope = readTime(sentAt);
  const corrected = envelope === undefined ? original : receivedAt - (envelope - original);
  return Math.max(0, Math.min(receivedAt, corrected));
}

function readTime(value: unknown): number | undefined {
  if (typeof value !== 'string' || value.length > maxSentCharacters) return undefined;
  const time = parseClientInstant(value);
  return time === undefined || time < 0 ? undefined : time;
}
