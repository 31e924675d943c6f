import type { Json } from '../../kernel/canonical-json.ts';
import { DAY_MS } from '../../kernel/time.ts';

/** What a ref names, at one instant. */
export interface Found {
  /** Undefined: missing. */
  readonly value: Json | undefined;
  /** The next instant at which time alone can make another value of it; null: never. */
  readonly validUntil: number | null;
  /**
   * The value is a number that halves every so many milliseconds, so it is another one at every instant; `validUntil`
   * says until when it falls undisturbed (null: for ever). A comparison with a threshold knows when it is crossed.
   */
  readonly halfLifeMs?: number;
  /** It looks further back than what is known of the customer: complete only since then. */
  readonly completeSince?: number;
}

/** A value that stays until something new is learned. */
export const lasting = (value: Json | undefined): Found => ({ value, validUntil: null });

export const missing: Found = lasting(undefined);

/**
 * A number that falls all the time is another one at every instant. What is asked of it beside its order (`is`, `in` and
 * their opposites, or as the operand of another comparison) is looked at again once a day: such a question means little.
 */
export const COARSE_MS = DAY_MS;
