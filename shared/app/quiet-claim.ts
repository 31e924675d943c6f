import type { MessageRequest } from '../domain/decision.ts';
import { channelSpecs } from '../domain/messaging/channels/registry.ts';
import { isTestKey } from '../kernel/ids.ts';
import { SECOND_MS } from '../kernel/time.ts';
import { timing } from '../resources.ts';
import type { MessageRecord } from './ports.ts';

/**
 * A claim behind which nothing is written when the provider takes the message (docs: ADR 51; model-checked as
 * "claimOnly"):
 *
 * 1. The copy that has claimed stays in its queue until its sender has acknowledged it, so that a claim of which nothing
 *    more is heard is one of a message that was handed over. Whatever else became of it is written.
 * 2. Any receipt of the provider's says that it was.
 * 3. Whoever shows messages reads them as `asShown` does; whoever sends, reads what is stored.
 */
const HEARD_OF_MS = (timing.visibilityTimeoutSeconds + timing.claimGraceSeconds) * SECOND_MS;

/**
 * Of a channel whose provider tells of every message; nobody waits for the outcome, and a copy that comes twice must not make the
 * message go twice (`onUnknown: resend`). Who asks for one message, or tries one out, is told at once.
 */
export const isQuiet = ({ key, channel, origin, report, onUnknown }: MessageRequest): boolean =>
  channelSpecs[channel].isToldOf === true &&
  origin !== undefined &&
  report !== 'all' &&
  onUnknown !== 'resend' &&
  !isTestKey(key);

type Claimed = Pick<MessageRecord, 'st' | 'at' | 'quiet' | 'receipts'>;

/** The provider has it: it says so itself. */
export const isToldOf = ({ st, quiet, receipts = {} }: Claimed): boolean =>
  st === 'handing' && quiet === true && Object.keys(receipts).length > 0;

/** @param now epoch milliseconds, as the senders' clocks. */
export function asShown<R extends Claimed>(record: R, now: number): R {
  const { st, quiet, at } = record;
  const isSent = isToldOf(record) || (st === 'handing' && quiet === true && now - at >= HEARD_OF_MS);
  return isSent ? { ...record, st: 'sent' } : record;
}
