import type { Channel } from '../messaging/channel.ts';
import type { JourneyHistory } from '../profiles/journey-history.ts';
import type { DidClause, Occurrences } from './did-clauses.ts';
import type { Evaluation } from './evaluate-predicate.ts';
import type { Found } from './found.ts';
import type { MessageClause } from './message-clauses.ts';
import type { Geofence } from './place.ts';

/** What a predicate is evaluated against: one customer, in a run or at an event or neither, at one instant. */
export interface Facts {
  readonly now: number;
  /** IANA; the customer's, else the journey's, else the environment's. */
  readonly zone: string;
  /** When the run began; absent outside of runs, where `in this run` is false. */
  readonly enteredAt?: number;
  /** profile.<trait path> | entry.<p> | event.<p> | steps.<id>.<field> */
  lookup(ref: string): Found;
  /** Undefined: not tracked. Tracked and never seen is `noOccurrences(since)`. */
  occurrences(clause: DidClause | MessageClause): Occurrences | undefined;
  journey(id: string): JourneyHistory;
  /** Whether the customer belongs to it. Undefined: there is no segment of this id. */
  segment(id: string): Evaluation | undefined;
  /** Since when, as it is remembered of lists and live segments; undefined: no member, or not remembered. Absent: of none. */
  memberSince?(segment: string): number | undefined;
  /** Undefined: the environment's policy has none of this name. */
  geofence(id: string): Geofence | undefined;
  consent(channel: Channel, topic: string): 'granted' | 'pending' | 'withdrawn' | 'none';
}
