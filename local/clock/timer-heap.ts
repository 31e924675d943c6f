/** A binary heap of timers that knows each entry's place, so that cancelling one (a message was deleted) is cheap. */
export interface HeapEntry {
  dueAt: number;
  order: number;
  place: number;
  run: () => void;
}

export class TimerHeap {
  readonly #entries: HeapEntry[] = [];
  #order = 0;

  first(): HeapEntry | undefined {
    return this.#entries[0];
  }

  add(dueAt: number, run: () => void): HeapEntry {
    const entry: HeapEntry = { dueAt, order: this.#order++, place: this.#entries.length, run };
    this.#entries.push(entry);
    this.#rise(entry);
    return entry;
  }

  remove(entry: HeapEntry): void {
    const place = entry.place;
    if (place < 0) return;
    entry.place = -1;
    const last = this.#entries.pop()!;
    if (last === entry) return;
    this.#put(last, place);
    this.#rise(last);
    this.#sink(last);
  }

  #put(entry: HeapEntry, place: number): void {
    this.#entries[place] = entry;
    entry.place = place;
  }

  #rise(entry: HeapEntry): void {
    while (entry.place > 0) {
      const parent = this.#entries[(entry.place - 1) >> 1]!;
      if (isBefore(parent, entry)) return;
      this.#swap(parent, entry);
    }
  }

  #sink(entry: HeapEntry): void {
    for (;;) {
      const left = this.#entries[entry.place * 2 + 1];
      const right = this.#entries[entry.place * 2 + 2];
      const child = left && right ? (isBefore(left, right) ? left : right) : left;
      if (!child || isBefore(entry, child)) return;
      this.#swap(entry, child);
    }
  }

  #swap(a: HeapEntry, b: HeapEntry): void {
    const place = a.place;
    this.#put(a, b.place);
    this.#put(b, place);
  }
}

function isBefore(a: HeapEntry, b: HeapEntry): boolean {
  return a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.order < b.order);
}
