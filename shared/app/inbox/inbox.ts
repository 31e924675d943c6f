import type { InAppContent } from '../../domain/messaging/render/in-app-content.ts';
import type { ProfileKey } from '../../kernel/ids.ts';

/** A message that is kept for its customer's app. */
export interface InboxMessage {
  /** Of the profile that it was decided for: the message id begins with it. */
  readonly key: ProfileKey;
  readonly id: string;
  readonly topic: string;
  readonly journey?: string;
  readonly step?: string;
  readonly content: InAppContent;
  /** When it was stored; epoch milliseconds, as all here. */
  readonly at: number;
  readonly expiresAt: number;
  readonly readAt?: number;
  readonly clickedAt?: number;
}

/** Throws what the database throws, so that an adapter can class it. */
export interface InboxStore {
  /** Once under its id, whatever is in it and however often it is asked; false when it was there. */
  put(message: InboxMessage): Promise<boolean>;
  /** What is kept, in no order; of what was dismissed, nothing. */
  list(key: ProfileKey): Promise<readonly InboxMessage[]>;
  read(key: ProfileKey, id: string): Promise<InboxMessage | undefined>;
  /** The first time counts. */
  note(message: Pick<InboxMessage, 'key' | 'id'>, what: 'readAt' | 'clickedAt', at: number): Promise<void>;
  /** Takes its content away; what stays keeps it from being stored again. False when there is no such message. */
  dismiss(message: Pick<InboxMessage, 'key' | 'id'>, at: number): Promise<boolean>;
  remove(messages: readonly Pick<InboxMessage, 'key' | 'id'>[]): Promise<void>;
}
