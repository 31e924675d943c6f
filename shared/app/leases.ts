import type { Decision } from '../domain/decision.ts';
import { type Counter, counterKey, isBeyond, type Need, nextAt, type Permit, PermitMiss } from '../domain/permit.ts';
import type { Clock, CounterStore } from './ports.ts';

/** Where permits come from. */
export interface Permits {
  /** A piece of the counter that nobody else gets, or `none`. */
  take(need: Need): Promise<Permit>;
  /** Not spent by any decision that was, or may have been, committed. */
  giveBack(permits: readonly Permit[]): void;
}

/**
 * Decides, and again with one permit more for as long as one is missing. What the decision does not spend goes back; so
 * does everything when it is not decided.
 */
export async function decideWithPermits(
  permits: Permits,
  decide: (given: readonly Permit[]) => Promise<Decision | undefined>,
): Promise<Decision | undefined> {
  const given: Permit[] = [];
  let spent: readonly Permit[] = [];
  try {
    for (;;) {
      try {
        const decision = await decide(given);
        spent = decision?.spent ?? [];
        return decision;
      } catch (error) {
        if (!(error instanceof PermitMiss)) throw error;
        given.push(await permits.take(error.need));
      }
    }
  } finally {
    permits.giveBack(given.filter((permit) => !spent.includes(permit)));
  }
}

interface Piece {
  readonly at: number;
  readonly end: number;
}

interface Lease {
  readonly counter: Counter;
  /** Not given out yet, earliest first. */
  pieces: Piece[];
  /** The counter stands here, or further. It only grows, so what lies beyond a ceiling from here stays beyond it. */
  seen: number;
  /** Steps of the last lease, and how many of them were taken since. */
  size: number;
  taken: number;
  leasedAt: number;
  asking: Promise<void> | undefined;
}

/** A piece of time that is older is void: a container that paused would otherwise send all at once. In microseconds. */
const STALE = 1_000_000;
/** A lease takes at most this part of what is left, so that the last ones are not shut up in containers that rest. */
const SHARE = 32;

/**
 * What one container has leased of shared counters.
 *
 * 1. Never more than the limit: pieces come from a conditional update and are given out once. A container that dies
 *    takes its rest along, so that less is given out.
 * 2. A lease is about as large as what the container used up in the last second, at least 1: seldom used limits strand
 *    nothing, busy ones cost a fraction of a write.
 * 3. That nothing is left is remembered: refusals cost nothing.
 * 4. One request per counter at a time; who comes meanwhile waits for it and looks again.
 */
export class Leases implements Permits {
  readonly #leases = new Map<string, Lease>();
  readonly #store: CounterStore;
  readonly #clock: Clock;

  constructor(store: CounterStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async take(need: Need): Promise<Permit> {
    const { counter, step } = need;
    const lease = this.#leaseOf(counter);
    for (;;) {
      const at = takeFrom(lease, need);
      if (at !== undefined) return { counter, step, at };
      const next = nextAt(lease.seen, need);
      if (isBeyond(next, need)) return { counter, step, at: next, none: true };
      lease.asking ??= this.#extend(lease, need).finally(() => {
        lease.asking = undefined;
      });
      await lease.asking;
    }
  }

  giveBack(permits: readonly Permit[]): void {
    for (const { counter, at, step, none } of permits) {
      if (none) continue;
      const lease = this.#leaseOf(counter);
      lease.pieces = [...lease.pieces, { at, end: at + step }].sort((a, b) => a.at - b.at);
      lease.taken -= 1;
    }
  }

  async #extend(lease: Lease, need: Need): Promise<void> {
    const { counter, step, ceiling, most } = need;
    const now = this.#clock();
    const perSecond = Math.floor((lease.taken * 1_000) / Math.max(1, now - lease.leasedAt));
    lease.size = Math.max(1, Math.min(most, 2 * lease.size, perSecond));
    for (;;) {
      const left = Math.floor((ceiling - nextAt(lease.seen, need)) / step);
      if (left < 1) return;
      const steps = Math.max(1, Math.min(lease.size, Math.floor(left / SHARE)));
      const { at, taken } = await this.#store.advance(counter, steps * step, need, lease.seen);
      lease.seen = Math.max(lease.seen, taken ? at + steps * step : at);
      if (!taken) continue;
      lease.pieces.push({ at, end: at + steps * step });
      lease.size = steps;
      lease.taken = 0;
      lease.leasedAt = now;
      return;
    }
  }

  #leaseOf(counter: Counter): Lease {
    const key = counterKey(counter);
    let lease = this.#leases.get(key);
    if (lease === undefined) {
      const now = this.#clock();
      for (const [other, { counter: old }] of this.#leases) if ((old.over ?? now) < now) this.#leases.delete(other);
      lease = { counter, pieces: [], seen: 0, size: 1, taken: 0, leasedAt: now, asking: undefined };
      this.#leases.set(key, lease);
    }
    return lease;
  }
}

/** Takes the first step that the need allows out of what is leased. */
function takeFrom(lease: Lease, need: Need): number | undefined {
  const { step, floor } = need;
  const fresh = lease.pieces.flatMap(({ at, end }) => {
    const from = at < floor - STALE ? at + Math.ceil((floor - STALE - at) / step) * step : at;
    return from < end ? [{ at: from, end }] : [];
  });
  const index = fresh.findIndex(({ at, end }) => at + step <= end && !isBeyond(at, need));
  const found = fresh[index];
  if (found === undefined) {
    lease.pieces = fresh;
    return undefined;
  }
  const rest = { at: found.at + step, end: found.end };
  lease.pieces = [...fresh.slice(0, index), ...(rest.at < rest.end ? [rest] : []), ...fresh.slice(index + 1)];
  lease.taken += 1;
  return found.at;
}
