import type { Channel } from './channel.ts';

export type SuppressionReason = 'bounce' | 'complaint' | 'manual' | 'unsubscribe';

/** An address that must not be written to: for every topic, or for one. Keyed by a hash of the address. */
export interface Suppression {
  readonly channel: Channel;
  /** digest of the normalised address; or its SHA-256, where a list has no more (`hashedAddress`) */
  readonly addressHash: string;
  /** null: every topic that is not transactional … and, for bounce and complaint, transactional ones too. */
  readonly topic: string | null;
  readonly reason: SuppressionReason;
  readonly at: number;
}

/** To be taken away. */
export interface RemovedSuppression extends Pick<Suppression, 'channel' | 'topic'> {
  /** All that stand for the address. */
  readonly hashes: readonly string[];
}

/**
 * The suppression that stops a message of this topic, if any.
 *
 * A bounce or complaint is about the address: whoever goes on writing to it loses the sender's standing for all, so it
 * stops transactional messages too. An unsubscribe or a manual entry is about what is wanted: a receipt or a password
 * reset still goes out. A consent that was granted after an unsubscribe of the same topic is the newer wish.
 */
export function suppressedBy(
  suppressions: readonly Suppression[],
  message: { readonly topic: string; readonly transactional: boolean; readonly grantedAt?: number | undefined },
): Suppression | undefined {
  return suppressions.find(({ topic, reason, at }) => {
    if (topic !== null && topic !== message.topic) return false;
    if (reason === 'bounce' || reason === 'complaint') return true;
    if (message.transactional) return false;
    return !(reason === 'unsubscribe' && topic !== null && (message.grantedAt ?? 0) > at);
  });
}
