/** What CloudWatch has of a function in a minute (Lambda, "Types of metrics for Lambda functions"). */
export interface MinuteOfFunction {
  /** Epoch milliseconds. */
  readonly at: number;
  invocations: number;
  errors: number;
  longestMs: number;
}

const MINUTE_MS = 60_000;
const MOST = 2_000;

/** The newest minutes in which a function was invoked. */
export class FunctionMeasures {
  readonly #minutes = new Map<number, MinuteOfFunction>();

  add(now: number, ms: number, failed: boolean): void {
    const at = Math.floor(now / MINUTE_MS) * MINUTE_MS;
    let minute = this.#minutes.get(at);
    if (minute === undefined) {
      minute = { at, invocations: 0, errors: 0, longestMs: 0 };
      this.#minutes.set(at, minute);
      if (this.#minutes.size > MOST) this.#minutes.delete(this.#minutes.keys().next().value!);
    }
    minute.invocations++;
    if (failed) minute.errors++;
    minute.longestMs = Math.max(minute.longestMs, ms);
  }

  list(): readonly MinuteOfFunction[] {
    return [...this.#minutes.values()];
  }
}
