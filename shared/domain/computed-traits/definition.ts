import type { Found } from '../audiences/found.ts';
import type { Statistics } from '../statistics/statistics.ts';
import type { Feed } from './feed.ts';
import type { Asked, Instant } from './value-at.ts';

/** What lint knows of a value; 'any': whatever the event carried. */
export type ComputedType = 'number' | 'string' | 'instant' | 'list' | 'any';

/** One computed trait as decisions know it: counted from what happened, or derived from other ones. */
export type Definition = Counted | Derived;

interface Named {
  readonly id: string;
  /** The document that it stands in: its own, or a preset. */
  readonly document: string;
  readonly type: ComputedType;
}

export interface Counted extends Named {
  readonly feed: Feed;
  readonly asked: Asked;
}

export interface Derived extends Named {
  /** Ids of others, which come before it. */
  readonly from: readonly string[];
  /** It goes by how the whole base is spread. */
  readonly byStatistics?: true;
  value(from: readonly Found[], at: DerivedAt): Found;
}

export interface DerivedAt extends Instant {
  readonly statistics?: Statistics;
}
