import type { CustomerEvent } from '../domain/customer-event.ts';
import type { ProfileKey } from '../kernel/ids.ts';

/** An event of a request that may go into its profile's mailbox. */
export interface Arrival {
  readonly event: CustomerEvent;
  readonly key: ProfileKey;
  /** JSON pointer of the event in the request. */
  readonly pointer: string;
  /** UTF-8 bytes of the event as it came, with what it inherits from its batch: at least those of `event` less 400. */
  readonly bytes: number;
}

/** An event that was refused, and why (guarantee G13). Names and sizes only: never a value of a customer's field. */
export interface Refusal {
  /** Stable dotted code: `event.too-large`, `id.placeholder`, `profile.rate` … */
  readonly code: string;
  readonly detail: string;
  /** JSON pointer of the field in the request. */
  readonly pointer: string;
  readonly limit?: string | number;
  /** Size or type of what was found. */
  readonly actual?: string | number;
  readonly eventId?: string;
  readonly name?: string;
  readonly kind?: string;
  /** Names of the event's top-level fields and of its properties or traits. */
  readonly fields: readonly string[];
  /** How many events this refusal stands for; absent: one. */
  readonly count?: number;
}

/** The parts of a refusal that a single check knows. */
export type Fault = Pick<Refusal, 'code' | 'detail' | 'pointer' | 'limit' | 'actual'>;

export const isFault = (value: unknown): value is Fault =>
  typeof value === 'object' && value !== null && 'code' in value && 'detail' in value && 'pointer' in value;
