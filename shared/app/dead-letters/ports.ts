import type { DeadLetterQueueName } from '../../resources.ts';
import type { Page, PageRequest } from '../page.ts';
import type { JournalEntry, ParkedNote } from '../ports.ts';

/** What lies in a queue of dead letters. */
export interface Letter {
  /** SQS gives another one when it goes back (SQS, "Dead-letter queue redrive"). */
  readonly id: string;
  readonly body: string;
  /** How often it was received, looking included. */
  readonly receives: number;
  /** Epoch milliseconds; of a FIFO queue, when it died. */
  readonly sentAt: number;
}

export interface Depth {
  /** The figures are approximate, and up to a minute old (SQS API, GetQueueAttributes). */
  readonly waiting: number;
  readonly inWork: number;
}

export interface DeadLetterQueues {
  depth(queue: DeadLetterQueueName): Promise<Depth>;
  /** Some of them, hidden from nobody. */
  look(queue: DeadLetterQueueName): Promise<readonly Letter[]>;
  /** Begins to move them back to the queues that gave them up; answers before it is done. */
  redrive(queue: DeadLetterQueueName): Promise<void>;
}

export interface ParkedRecords {
  list(page: PageRequest): Promise<Page<ParkedNote>>;
  read(id: string): Promise<ParkedNote | undefined>;
  /** The entry of the journal as it stands by now. */
  entryOf(note: Pick<ParkedNote, 'key' | 'jk'>): Promise<Pick<JournalEntry, 'st' | 'in'> | undefined>;
  /** Takes it out of the list; the entry stays. */
  forget(id: string): Promise<void>;
}

export interface DeadLetterPorts {
  readonly queues: DeadLetterQueues;
  readonly parked: ParkedRecords;
}
