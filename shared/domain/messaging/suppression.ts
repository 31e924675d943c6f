import type { Channel } from './channel.ts';

export type SuppressionReason = 'bounce' | 'complaint' | 'manual' | 'unsubscribe';

/** An address that must not be written to: for every topic, or for one. Keyed by a hash of the address. */
export interface Suppression {
  readonly channel: Channel;
  /** digest of the normalised address */
  readonly addressHash: string;
  /** null: every topic that is not transactional … and, for bounce and complaint, transactional ones too. */
  readonly topic: string | null;
  readonly reason: SuppressionReason;
  readonly at: number;
}
