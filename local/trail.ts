/** Where AWS keeps what a function, a queue or a machine shows beside its data: nobody encrypts or erases it there. */
export interface Trace {
  /** `log`: lines of functions, and Lambda's own about them; `queue`: group, deduplication id and attributes of a message. */
  readonly kind: 'log' | 'queue';
  /** Name of the function or the queue. */
  readonly of: string;
  readonly text: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

const MOST = 100_000;

/** The newest traces of this boot. */
export class Trail {
  readonly #traces: Trace[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(kind: Trace['kind'], of: string, text: string): void {
    this.#traces.push({ kind, of, text, at: this.#now() });
    if (this.#traces.length > 2 * MOST) this.#traces.splice(0, MOST);
  }

  list(): readonly Trace[] {
    return this.#traces;
  }
}
