import type { Refusal } from './ports.ts';

type Send<T> = (items: readonly T[]) => Promise<readonly Refusal[]>;

interface Waiting<T> {
  readonly items: readonly T[];
  readonly resolve: (refusals: readonly Refusal[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Entries of one request (SQS API reference, SendMessageBatch). */
const FULL = 10;

/**
 * Profiles that are evaluated side by side share their requests: each sends a message or two, and SQS bills a request of
 * ten entries as one. Whoever has something to send waits until everybody else has, too, or is done; so that nobody waits
 * for nothing, and alone nobody waits at all.
 *
 * A request that fails has failed for all whose entries were in it. No clock takes part: a call to AWS ends, well or badly,
 * and an invocation is over when the last of them is done in any case.
 */
export class Gathering {
  #running: number;
  #waiting = 0;
  readonly #flushes: (() => void)[] = [];

  /** @param running how many there are; each says `leave` when it is done. */
  constructor(running: number) {
    this.#running = running;
  }

  leave(): void {
    this.#running -= 1;
    this.#look();
  }

  /** The same call, for one of them. Refusals are told by each one's own index. */
  through<T>(send: Send<T>): Send<T> {
    let open: Waiting<T>[] = [];
    const flush = () => {
      const taken = open;
      open = [];
      this.#waiting -= taken.length;
      if (taken.length > 0) void together(taken, send);
    };
    this.#flushes.push(flush);
    return (items) => {
      if (this.#running <= 1) return send(items);
      const sent = new Promise<readonly Refusal[]>((resolve, reject) => {
        open.push({ items, resolve, reject });
      });
      this.#waiting += 1;
      if (open.reduce((sum, one) => sum + one.items.length, 0) >= FULL) flush();
      else this.#look();
      return sent;
    };
  }

  #look(): void {
    if (this.#waiting >= this.#running) for (const flush of this.#flushes) flush();
  }
}

async function together<T>(waiting: readonly Waiting<T>[], send: Send<T>): Promise<void> {
  try {
    const refusals = await send(waiting.flatMap(({ items }) => items));
    let before = 0;
    for (const { items, resolve } of waiting) {
      const [from, to] = [before, before + items.length];
      resolve(
        refusals.filter(({ index }) => index >= from && index < to).map((one) => ({ ...one, index: one.index - from })),
      );
      before = to;
    }
  } catch (error) {
    for (const { reject } of waiting) reject(error);
  }
}
