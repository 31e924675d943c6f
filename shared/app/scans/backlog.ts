import { SECOND_MS } from '../../kernel/time.ts';
import type { Job } from './job.ts';
import type { Backlog } from './scan-kind.ts';

const SHORTEST_MS = 10 * SECOND_MS;
const LONGEST_MS = 300 * SECOND_MS;

export interface RoomInMailbox {
  /** How many may be told something now. */
  readonly left: number;
  /** When it is none: how long to wait, whole seconds. */
  readonly seconds: number;
}

/**
 * Whoever tells many leaves room for what happens live, whatever its pace: all records of all customers go through the
 * same mailboxes, nearly in the order in which they came, and a pace beyond what `evaluate` takes would put hours of them before
 * every live event.
 *
 * 1. While more than `most` wait, nobody is told anything.
 * 2. Segments ask side by side, so each tells its share of `most` at once: about twice `most` lie there at the worst, and
 *    what was told while the figure was old.
 * 3. The fuller, the longer is waited: a mailbox that is not drained at all costs few looks.
 */
export async function roomInMailbox(
  { segments }: Pick<Job, 'segments'>,
  { waiting, most }: Backlog,
): Promise<RoomInMailbox> {
  const found = await waiting();
  if (found <= most) return { left: Math.max(1, Math.ceil(most / segments)), seconds: 0 };
  const ms = Math.min(LONGEST_MS, (SHORTEST_MS * found) / most);
  return { left: 0, seconds: Math.ceil(ms / SECOND_MS) };
}
