export interface TableLimits {
  /** Of a table on demand, per second (DynamoDB, "Quotas": 40,000 by default). */
  readonly quota: number;
  /** What a new table takes at once, or was warmed up for (DynamoDB, "Understanding DynamoDB warm throughput"). */
  readonly warm: number;
}

/** A table takes twice its former peak, and what goes beyond that within so many seconds is throttled. */
const DOUBLING_SECONDS = 1_800;

/**
 * Units a second that a table on demand takes: twice the peak of more than half an hour ago, no less than what it is warm for,
 * no more than the quota (DynamoDB, "On-demand capacity mode: Initial throughput and scaling properties").
 */
export class OnDemand {
  readonly #limits: TableLimits;
  /** Most of each minute, those that count already, and those that do not yet. */
  readonly #minutes: number[] = [];
  #peak = 0;
  #passed = 0;

  constructor(limits: TableLimits) {
    this.#limits = limits;
  }

  capacity(): number {
    return Math.min(this.#limits.quota, Math.max(this.#limits.warm, 2 * this.#peak));
  }

  consume(second: number, units: number): void {
    const minute = Math.floor(second / 60);
    this.#minutes[minute] = Math.max(this.#minutes[minute] ?? 0, units);
    while (this.#passed < minute - DOUBLING_SECONDS / 60) {
      this.#peak = Math.max(this.#peak, this.#minutes[this.#passed] ?? 0);
      this.#passed++;
    }
  }
}
