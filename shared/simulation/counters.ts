import type { Decision } from '../domain/decision.ts';
import { counterKey, isBeyond, type Need, nextAt, type Permit, PermitMiss } from '../domain/permit.ts';

/**
 * Counters of shared limits as a simulation has them: what containers lease on AWS (shared/app/leases.ts) is taken here
 * one by one and as it is needed, because nobody decides at the same time. The limits and the order are the same.
 */
export class Counters {
  readonly #stands = new Map<string, number>();
  readonly #others: (need: Need) => number;

  /** @param others how far those who are not simulated have moved the counter. */
  constructor(others: (need: Need) => number = () => 0) {
    this.#others = others;
  }

  /** Decides, and again with one permit more for as long as one is missing. What is not spent was never taken. */
  decide(decide: (given: readonly Permit[]) => Decision): {
    readonly decision: Decision;
    readonly permits: readonly Permit[];
  } {
    const given: Permit[] = [];
    for (;;) {
      try {
        const decision = decide(given);
        for (const { counter, at, step } of decision.spent ?? []) this.#move(counterKey(counter), at + step);
        return { decision, permits: given };
      } catch (error) {
        if (!(error instanceof PermitMiss)) throw error;
        given.push(this.#permit(error.need, given));
      }
    }
  }

  #permit(need: Need, given: readonly Permit[]): Permit {
    const { counter, step } = need;
    const key = counterKey(counter);
    this.#move(key, this.#others(need));
    const promised = given
      .filter((one) => !one.none && counterKey(one.counter) === key)
      .map((one) => one.at + one.step);
    const at = nextAt(Math.max(this.#stands.get(key)!, ...promised), need);
    return { counter, step, at, ...(isBeyond(at, need) && { none: true }) };
  }

  #move(key: string, to: number): void {
    this.#stands.set(key, Math.max(this.#stands.get(key) ?? 0, to));
  }
}
