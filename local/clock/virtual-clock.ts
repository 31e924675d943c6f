/**
 * The one clock of the local cloud. It runs beside real time until somebody moves it forward, and then jumps from due
 * time to due time, so that a week's journey happens in order.
 *
 * 1. Nothing else in local/ reads the time of day; functions read it through a patched `Date` (patched-date.ts).
 * 2. Whatever will happen later is a timer here: visibility, delays, waits, schedules, batching windows.
 * 3. Whatever happens now holds an activity; `settle` returns when there is none and nothing is due.
 */
import { type HeapEntry, TimerHeap } from './timer-heap.ts';

export interface Timer {
  cancel(): void;
}

/** setTimeout's own limit; longer delays would fire at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;
/** `settle` gives up when nothing has begun or ended for so long. */
const STANDSTILL_MS = 120_000;

export interface ClockOptions {
  startTime?: number | undefined;
  /** A frozen clock moves only by `advance`: for tests that must not depend on how fast the machine is. */
  frozen?: boolean | undefined;
}

export class VirtualClock {
  /** [offset to real time, or NaN; frozen instant, or NaN]: shared with every worker. */
  readonly shared = new SharedArrayBuffer(16);
  readonly #cells = new Float64Array(this.shared);
  readonly #timers = new TimerHeap();
  readonly #activities = new Map<number, string>();
  #activityIds = 0;
  #lastProgressAt = 0;
  #idleWaiters: (() => void)[] = [];
  #realTimer: NodeJS.Timeout | undefined;
  #realTimerFor = Number.POSITIVE_INFINITY;
  #moving: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: ClockOptions = {}) {
    const start = options.startTime ?? Date.now();
    this.#cells[0] = start - Date.now();
    this.#cells[1] = options.frozen ? start : Number.NaN;
  }

  now(): number {
    const frozenAt = this.#cells[1]!;
    return Number.isNaN(frozenAt) ? Math.floor(Date.now() + this.#cells[0]!) : frozenAt;
  }

  /** Runs once when the clock reaches `dueAt`; due times in the past run as soon as the caller has returned. */
  at(dueAt: number, run: () => void): Timer {
    const entry = this.#timers.add(dueAt, run);
    this.#arm();
    return { cancel: () => this.#timers.remove(entry) };
  }

  nextDue(): number | undefined {
    return this.#timers.first()?.dueAt;
  }

  /** Marks work in progress; the answer ends it. The label is what `settle` names when it gives up. */
  begin(label: string): () => void {
    const id = ++this.#activityIds;
    this.#activities.set(id, label);
    this.#lastProgressAt = performance.now();
    return () => {
      this.#lastProgressAt = performance.now();
      if (!this.#activities.delete(id) || this.#activities.size > 0) return;
      const waiters = this.#idleWaiters;
      this.#idleWaiters = [];
      for (const wake of waiters) wake();
    };
  }

  /** Runs `work` as one activity. */
  async during<T>(label: string, work: () => Promise<T>): Promise<T> {
    const end = this.begin(label);
    try {
      return await work();
    } finally {
      end();
    }
  }

  /** Returns when nothing is in progress and nothing is due. What becomes due later is not waited for. */
  async settle(): Promise<void> {
    for (let quietTurns = 0; quietTurns < 2; ) {
      if (this.#stopped) return;
      const ran = this.#runDue();
      if (this.#activities.size > 0) {
        await this.#untilIdle();
        quietTurns = 0;
        continue;
      }
      quietTurns = ran ? 0 : quietTurns + 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Moves forward by `byMs`, stopping at every due time on the way until all is quiet there. */
  advance(byMs: number): Promise<void> {
    if (!(byMs >= 0)) throw new RangeError(`clock.advance: the time to advance by must be >= 0 ms, not ${byMs}`);
    const moved = this.#moving.then(() => this.#advance(byMs));
    this.#moving = moved.catch(() => undefined);
    return moved;
  }

  /** Jumps forward at once, in the middle of whatever is going on, as a clock that is set does. */
  step(byMs: number): void {
    this.#jumpTo(this.now() + byMs);
    this.#runDue();
  }

  /** A frozen clock begins to run beside real time. */
  thaw(): void {
    const frozenAt = this.#cells[1]!;
    if (Number.isNaN(frozenAt)) return;
    this.#cells[0] = frozenAt - Date.now();
    this.#cells[1] = Number.NaN;
    this.#realTimerFor = Number.POSITIVE_INFINITY;
    this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#realTimer);
    for (const wake of this.#idleWaiters) wake();
  }

  async #advance(byMs: number): Promise<void> {
    const target = this.now() + byMs;
    await this.settle();
    for (;;) {
      const due = this.nextDue();
      if (this.#stopped || due === undefined || due > target) break;
      this.#jumpTo(due);
      this.#runDue();
      if (this.#activities.size > 0 || (this.nextDue() ?? Number.POSITIVE_INFINITY) <= this.now()) await this.settle();
    }
    this.#jumpTo(target);
    await this.settle();
  }

  #jumpTo(instant: number): void {
    const ahead = instant - this.now();
    if (ahead <= 0) return;
    this.#cells[0]! += ahead;
    if (!Number.isNaN(this.#cells[1]!)) this.#cells[1]! = instant;
    this.#realTimerFor = Number.POSITIVE_INFINITY;
    this.#arm();
  }

  #runDue(): boolean {
    let ran = false;
    for (let first = this.#timers.first(); first && first.dueAt <= this.now(); first = this.#timers.first()) {
      this.#timers.remove(first);
      first.run();
      ran = true;
    }
    return ran;
  }

  #arm(): void {
    const first: HeapEntry | undefined = this.#timers.first();
    if (this.#stopped || !first || first.dueAt === this.#realTimerFor) return;
    const wait = first.dueAt - this.now();
    if (wait > 0 && !Number.isNaN(this.#cells[1]!)) return;
    clearTimeout(this.#realTimer);
    this.#realTimerFor = first.dueAt;
    this.#realTimer = setTimeout(
      () => {
        this.#realTimerFor = Number.POSITIVE_INFINITY;
        this.#runDue();
        this.#arm();
      },
      Math.min(Math.max(wait, 0), LONGEST_TIMEOUT_MS),
    );
    this.#realTimer.unref();
  }

  async #untilIdle(): Promise<void> {
    let watch: NodeJS.Timeout | undefined;
    const standstill = new Promise<never>((_, reject) => {
      watch = setInterval(() => {
        if (performance.now() - this.#lastProgressAt < STANDSTILL_MS) return;
        reject(new Error(`The local cloud stands still for ${STANDSTILL_MS / 1000} s, busy with ${this.#busyWith()}`));
      }, 1000);
    });
    const idle = new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
    await Promise.race([idle, standstill]).finally(() => clearInterval(watch));
  }

  #busyWith(): string {
    return [...new Set(this.#activities.values())].join(', ');
  }
}
