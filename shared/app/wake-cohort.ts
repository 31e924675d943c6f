import { Transient } from '../kernel/errors.ts';
import { digest, type ProfileKey } from '../kernel/ids.ts';
import { parseInstant } from '../kernel/time.ts';
import type { Clock, Cohort, Mailbox } from './ports.ts';

export interface WakePorts {
  readonly clock: Clock;
  readonly mailbox: Mailbox;
}

export interface Wake {
  readonly id: string;
  readonly key: ProfileKey;
  /** Epoch milliseconds. */
  readonly due: number;
}

/**
 * The task of the state machine: tells every member of the cohort that its time has come. Any failure fails the
 * task, and the machine tries all of it again: a second wake finds nothing due.
 *
 * The id names the execution, so that two waits of one profile that end in one minute are two records
 * (protocol.md, step 17). A wait with another hop before it is woken as well: evaluate, which knows the clock, arms
 * what is early again, so that there is one way to do it.
 */
export async function wakeCohort(execution: string, { due, ends, keys }: Cohort, ports: WakePorts): Promise<void> {
  const endsAt = ends ?? parseInstant(due)!;
  await wake(
    keys.map((key) => ({ id: digest(execution, key), key, due: endsAt })),
    ports,
  );
}

/**
 * All or Transient: which of them arrived does not matter, a second wake is harmless.
 *
 * Hops begin at 0 again, since the clock is not a record that made another one: a loop of journeys through a wait
 * passes no hop limit. Time brakes it (one round per wait), and re-entry rules bound how often a journey is entered.
 */
export async function wake(wakes: readonly Wake[], { mailbox, clock }: WakePorts): Promise<void> {
  const received = clock();
  const refused = await mailbox.send(
    wakes.map(({ id, key, due }) => ({
      id,
      mail: { schema: 1, key, received, hop: 0, records: [{ t: 'wake', id, due }] },
    })),
  );
  if (refused.length > 0) throw new Transient('wake.refused', `${refused.length} of ${wakes.length} wakes refused`);
}
