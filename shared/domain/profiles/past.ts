import type { MessageFact } from '../audiences/message-clauses.ts';
import type { CustomerEvent } from '../customer-event.ts';

/**
 * What the journal still holds of a profile and of what was merged into it: what it counted, or would have counted. Only
 * what was decided: parked records did not happen yet, and what a signpost forwarded stands in its target's journal.
 */
export interface Past {
  /** In the order in which they were decided. */
  readonly events: readonly PastEvent[];
  /** In the same order; without those that were decided and not sent. */
  readonly messages: readonly MessageFact[];
  /** Everything that is dated at or after this instant is in it; 0: there never was more. Epoch milliseconds. */
  readonly since: number;
}

export interface PastEvent {
  /** Without its context, which the journal does not keep. */
  readonly event: CustomerEvent;
  /** When it was decided, as closely as the journal says (seconds). */
  readonly decidedAt: number;
}

/** What somebody needs of a past, so that nothing else is read into memory. */
export interface PastAsk {
  /** Names of events. */
  readonly events: ReadonlySet<string>;
  readonly messages: boolean;
}
