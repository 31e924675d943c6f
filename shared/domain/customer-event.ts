import type { Json } from '../kernel/canonical-json.ts';
import type { NamedId } from './profiles/named-id.ts';

/** What happened to a customer, whichever client told us. Wire parsers make it; nothing behind them knows a wire format. */
export interface CustomerEvent {
  /** The wire's messageId as sent; the same across retries. At most 100 characters. */
  readonly id: string;
  /** The time stamp exactly as the client wrote it (`timestamp ?? originalTimestamp`), null when it wrote none. Part of the journal key, so never corrected. At most 64 characters. */
  readonly sent: string | null;
  /** Corrected time, epoch milliseconds: receivedAt − (sentAt − sent) (Segment Spec), not after the time of arrival. */
  readonly at: number;
  readonly kind: 'track' | 'identify' | 'page' | 'screen' | 'group' | 'alias';
  /** Track: the event's name. Else 'Identified', 'Page Viewed', 'Screen Viewed', 'Group Joined', 'Alias Created'. */
  readonly name: string;
  readonly userId?: string;
  readonly anonymousId?: string;
  /** alias only: the identity that is given up. */
  readonly previousId?: string;
  readonly groupId?: string;
  /** Other identities, at most 10; the first one is the event's address when it has neither user id nor anonymous id. */
  readonly named?: readonly NamedId[];
  /** properties of track, page and screen; traits of identify and group. At most 32 KB together with the rest. */
  readonly data: { readonly [key: string]: Json };
  readonly context: {
    readonly locale?: string;
    readonly timezone?: string;
    readonly page?: Json;
    readonly campaign?: Json;
    /** The app's push token on this device. */
    readonly device?: { readonly token: string };
  };
}
