/**
 * What falls due, earliest first: a binary heap. Of the same instant, the lower rank comes first, and within a rank
 * what was put in first.
 */
export class DueQueue<T> {
  readonly #heap: { readonly at: number; readonly rank: number; readonly serial: number; readonly what: T }[] = [];
  #serial = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** When the first one is due. */
  get next(): number | undefined {
    return this.#heap[0]?.at;
  }

  put(at: number, rank: number, what: T): void {
    const heap = this.#heap;
    const one = { at, rank, serial: this.#serial++, what };
    let index = heap.length;
    heap.push(one);
    while (index > 0) {
      const above = (index - 1) >> 1;
      if (!isBefore(one, heap[above]!)) break;
      heap[index] = heap[above]!;
      index = above;
    }
    heap[index] = one;
  }

  /** Takes out the first one that is due at `limit` at the latest. */
  take(limit: number): { readonly at: number; readonly what: T } | undefined {
    const heap = this.#heap;
    const first = heap[0];
    if (first === undefined || first.at > limit) return undefined;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let below = 2 * index + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below += 1;
      if (!isBefore(heap[below]!, last)) break;
      heap[index] = heap[below]!;
      index = below;
    }
    heap[index] = last;
    return first;
  }
}

interface Place {
  readonly at: number;
  readonly rank: number;
  readonly serial: number;
}

function isBefore(a: Place, b: Place): boolean {
  return a.at !== b.at ? a.at < b.at : a.rank !== b.rank ? a.rank < b.rank : a.serial < b.serial;
}
