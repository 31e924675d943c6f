import type { ConsentStatement } from '../../domain/messaging/consent-statement.ts';
import type { ProfileKey } from '../../kernel/ids.ts';
import type { JournalEntry, MessageRecord } from '../ports.ts';

/** What is stored of one profile key, in no particular order; eventually consistent. */
export interface Held<T> {
  readonly data: readonly T[];
  /** False when there is more than one answer can hold: a bot, or a hot id. */
  readonly complete: boolean;
}

export interface KeptStatement {
  readonly key: ProfileKey;
  readonly id: string;
  readonly statement: ConsentStatement;
}

export interface ConsentReader {
  statementsOf(key: ProfileKey): Promise<Held<KeptStatement>>;
}

export interface ProfileHistory {
  journal(key: ProfileKey): Promise<Held<JournalEntry>>;
  messages(key: ProfileKey): Promise<Held<MessageRecord>>;
}

/** Live counters of one journey: at least once, so approximate. */
export interface JourneyCount {
  readonly version: number;
  /** Calendar day in UTC. */
  readonly day: string;
  /** As `Count.what` of the decision core. */
  readonly what: string;
  readonly count: number;
}

export interface StatsReader {
  read(journey: string, version: number): Promise<readonly JourneyCount[]>;
}
