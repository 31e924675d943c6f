interface Bucket {
  readonly at: number;
  readonly amounts: number[];
  total: number;
}

/** Below this a queue is empty: what rounding leaves of fractions. */
const NOTHING = 1e-7;

/**
 * A queue, first in, first out, of which only the second of arrival is known. Age is exact to a second: of what is left,
 * the oldest second is at the front.
 */
export class FluidQueue {
  readonly #nothing: () => number[];
  readonly #kinds: number;
  #buckets: Bucket[] = [];
  #first = 0;
  #waiting = 0;

  /** @param nothing of each kind; one kind when left out. */
  constructor(nothing = () => [0]) {
    this.#nothing = nothing;
    this.#kinds = nothing().length;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Seconds for which the oldest has waited. */
  age(now: number): number {
    const front = this.#buckets[this.#first];
    return front === undefined ? 0 : now - front.at;
  }

  /** @param amounts of each kind so many; fractions are fine. The queue keeps the array. */
  add(at: number, amounts: number[]): void {
    let total = 0;
    for (const amount of amounts) total += amount;
    if (total <= NOTHING) return;
    this.#waiting += total;
    const last = this.#buckets.at(-1);
    if (this.#first < this.#buckets.length && last!.at === at) {
      for (let kind = 0; kind < this.#kinds; kind++) last!.amounts[kind]! += amounts[kind]!;
      last!.total += total;
    } else this.#buckets.push({ at, amounts, total });
  }

  /** What the first `most` are, without taking them. */
  peek(most: number): number[] {
    const found = this.#nothing();
    let left = most;
    for (let index = this.#first; left > NOTHING && index < this.#buckets.length; index++) {
      const { amounts, total } = this.#buckets[index]!;
      const share = Math.min(1, left / total);
      for (let kind = 0; kind < this.#kinds; kind++) found[kind]! += amounts[kind]! * share;
      left -= total * share;
    }
    return found;
  }

  take(most: number): number[] {
    const taken = this.#nothing();
    let left = most;
    while (left > NOTHING && this.#first < this.#buckets.length) {
      const bucket = this.#buckets[this.#first]!;
      const share = bucket.total - left <= NOTHING ? 1 : left / bucket.total;
      for (let kind = 0; kind < this.#kinds; kind++) {
        const amount = bucket.amounts[kind]! * share;
        taken[kind]! += amount;
        bucket.amounts[kind]! -= amount;
      }
      const gone = bucket.total * share;
      bucket.total -= gone;
      this.#waiting -= gone;
      left -= gone;
      if (share === 1) this.#first++;
    }
    this.#forget();
    return taken;
  }

  #forget(): void {
    if (this.#first === this.#buckets.length) {
      this.#buckets = [];
      this.#first = 0;
      this.#waiting = 0;
    } else if (this.#first > 10_000) {
      this.#buckets = this.#buckets.slice(this.#first);
      this.#first = 0;
    }
  }
}
