import type { Counter } from '../../domain/permit.ts';
import { SECOND_MS } from '../../kernel/time.ts';
import type { Clock, CounterStore } from '../ports.ts';

export interface Rate {
  readonly perSecond: number;
  /** How many containers may send side by side, as the event source is configured. */
  readonly containers: number;
}

/** `at`: epoch milliseconds, when there may be room. */
export type Room = 'now' | { readonly at: number };

/** This part of the rate is parted among all containers beforehand: who sends seldom asks nobody, and writes nothing. */
const OWN_SHARE = 0.1;
/** So far ahead of its time a message may go: as much as an idle sender may send at once. */
const AHEAD_MS = 1_000;
/** Transactional messages may go so much further ahead: what marketing leaves to them of a rate that is used up. */
const FIRST_MS = 500;
/** Time that was leased and not used for so long is void: a container that paused would otherwise send all at once. */
const STALE_MS = 500;

/**
 * How much one container may send: places in time, leased from a counter that all containers share, which says up to
 * which instant of the rate places are given out.
 *
 * 1. A place is given out once, and used between `AHEAD_MS + FIRST_MS` before its time and `STALE_MS` after it. So in
 *    any T seconds at most `perSecond × (T + 2)` messages go, and one for each container.
 * 2. A lease is as large as what waits in the container, which is a batch: one write for ten messages. A larger one would
 *    keep places from others that can use them.
 * 3. That nothing is left is remembered: refusals cost nothing.
 * 4. One request at a time; who comes meanwhile waits for it and looks again.
 */
export class SendingRate {
  readonly perSecond: number;
  readonly #containers: number;
  readonly #counter: Counter;
  readonly #store: CounterStore;
  readonly #clock: Clock;
  /** Of one place, in microseconds. */
  readonly #step: number;
  /** The own share: at most one message. */
  #own = 1;
  #ownAt: number;
  /** Leased and not used, in microseconds since the epoch, earliest first. */
  #leased: { at: number; readonly end: number }[] = [];
  /** The counter stands here, or further. */
  #seen = 0;
  #wanted = 0;
  #asking: Promise<void> | undefined;

  constructor(counter: Counter, { perSecond, containers }: Rate, store: CounterStore, clock: Clock) {
    this.perSecond = perSecond;
    this.#containers = containers;
    this.#counter = counter;
    this.#store = store;
    this.#clock = clock;
    this.#step = Math.ceil(1_000_000 / (perSecond * (1 - OWN_SHARE)));
    this.#ownAt = clock();
  }

  /** @param weight how many places it takes: parts of a text message. */
  async take(weight: number, isFirst: boolean): Promise<Room> {
    if (this.#takeOwn(weight)) return 'now';
    this.#wanted += weight;
    try {
      for (;;) {
        if (this.#takeLeased(weight)) return 'now';
        const span = weight * this.#step;
        const end = Math.max(this.#seen, this.#now()) + span;
        const ceiling = this.#ceiling(span, isFirst);
        if (end > ceiling) return { at: this.#clock() + Math.ceil((end - ceiling) / 1_000) };
        this.#asking ??= this.#extend(ceiling).finally(() => {
          this.#asking = undefined;
        });
        await this.#asking;
      }
    } finally {
      this.#wanted -= weight;
    }
  }

  #now(): number {
    return this.#clock() * 1_000;
  }

  /** A slow rate has places longer than a lead: one of them fits always, and one more for who goes first. */
  #ceiling(span: number, isFirst: boolean): number {
    const reach = (ms: number) => Math.max(ms * 1_000, span);
    return this.#now() + reach(AHEAD_MS) + (isFirst ? reach(FIRST_MS) : 0);
  }

  #takeOwn(weight: number): boolean {
    const now = this.#clock();
    const earned = ((now - this.#ownAt) / SECOND_MS) * ((this.perSecond * OWN_SHARE) / this.#containers);
    this.#own = Math.min(1, this.#own + earned);
    this.#ownAt = now;
    if (this.#own < weight) return false;
    this.#own -= weight;
    return true;
  }

  #takeLeased(weight: number): boolean {
    const oldest = this.#now() - STALE_MS * 1_000;
    for (const piece of this.#leased) {
      if (piece.at < oldest) piece.at += Math.ceil((oldest - piece.at) / this.#step) * this.#step;
    }
    this.#leased = this.#leased.filter(({ at, end }) => at + this.#step <= end);
    const places = this.#leased.reduce((sum, { at, end }) => sum + Math.floor((end - at) / this.#step), 0);
    if (places < weight) return false;
    let left = weight;
    for (const piece of this.#leased) {
      const some = Math.min(left, Math.floor((piece.end - piece.at) / this.#step));
      piece.at += some * this.#step;
      left -= some;
    }
    return true;
  }

  async #extend(ceiling: number): Promise<void> {
    // The rest of a batch asks in the same turn.
    await undefined;
    const floor = this.#now();
    const left = Math.floor((ceiling - Math.max(this.#seen, floor)) / this.#step);
    const by = Math.min(left, this.#wanted) * this.#step;
    if (by <= 0) return;
    const { taken, at } = await this.#store.advance(this.#counter, by, { floor, ceiling }, this.#seen);
    this.#seen = Math.max(this.#seen, taken ? at + by : at);
    if (taken) this.#leased.push({ at, end: at + by });
  }
}
