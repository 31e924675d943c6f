import { SECOND_MS } from '../../kernel/time.ts';
import type { ProviderResult } from '../delivery.ts';
import type { Clock, Metrics } from '../ports.ts';

/** Of a provider that does not work: messages are parked instead of being handed to it. */
export interface Outage {
  /** `<channel>`, or `<channel>#<sender>`. */
  readonly provider: string;
  /** What it answered last, epoch milliseconds of the first time. */
  readonly why: string;
  readonly since: number;
  /** One message tries it at this instant, or later. */
  readonly tryAt: number;
  readonly tries: number;
}

export interface OutageStore {
  read(provider: string): Promise<Outage | undefined>;
  /** Puts it if what is there has this `tryAt`; `undefined`: if nothing is there. */
  put(outage: Outage, expectedTryAt: number | undefined): Promise<boolean>;
  delete(provider: string): Promise<void>;
  all(): Promise<readonly Outage[]>;
}

/** So many answers in a row of one container that are no fault of a message. */
const FAILURES = 5;
const FIRST_TRY_SECONDS = 30;
const LONGEST_SECONDS = 900;

const waitMs = (tries: number): number => Math.min(LONGEST_SECONDS, FIRST_TRY_SECONDS * 2 ** tries) * SECOND_MS;

interface Watched {
  /** What is shared was read. */
  known: boolean;
  failures: number;
  outage: Outage | undefined;
  asking: Promise<unknown> | undefined;
}

/**
 * Circuit breakers, one for each provider: a channel, or a sender of it (M. Nygard, "Release It!", Circuit Breaker).
 *
 * 1. Containers count failures by themselves and share only what they conclude, so that a provider that works costs
 *    nothing but one read for each container. What is shared is read with the first message and after each failure.
 * 2. While it is open the provider is not called, but by one message from each `tryAt` on: whose container moves
 *    `tryAt` has the right to. So an outage costs each container `FAILURES` messages at most, and then one for a try.
 * 3. Any answer that is about the message, or about how many there are, closes it.
 */
export class Breakers {
  readonly #watched = new Map<string, Watched>();
  readonly #store: OutageStore;
  readonly #clock: Clock;
  readonly #metrics: Metrics;

  constructor(store: OutageStore, clock: Clock, metrics: Metrics) {
    this.#store = store;
    this.#clock = clock;
    this.#metrics = metrics;
  }

  /** As far as this container knows: for whom a claim would be in vain. */
  isOpen(provider: string): Outage | undefined {
    const outage = this.#watched.get(provider)?.outage;
    return outage === undefined || outage.tryAt <= this.#clock() ? undefined : outage;
  }

  /** Right before the call: `undefined` is the right to make it. */
  async enter(provider: string): Promise<Outage | undefined> {
    const watched = this.#watchedAs(provider);
    for (;;) {
      if (!watched.known) {
        await this.#look(provider, watched);
        continue;
      }
      const { outage } = watched;
      if (outage === undefined) return undefined;
      if (outage.tryAt > this.#clock()) return outage;
      if (await this.#mayTry(outage, watched)) return undefined;
    }
  }

  async report(provider: string, result: ProviderResult): Promise<void> {
    const watched = this.#watchedAs(provider);
    const why = failureOf(result);
    if (why === undefined) {
      watched.failures = 0;
      if (watched.outage === undefined) return;
      await this.#store.delete(provider);
      watched.outage = undefined;
      return;
    }
    watched.failures += 1;
    if (watched.outage !== undefined) {
      this.#metrics.count('ProviderDown');
      return;
    }
    if (watched.failures < FAILURES) return this.#look(provider, watched);
    const now = this.#clock();
    const outage = { provider, why, since: now, tries: 0, tryAt: now + waitMs(0) };
    if (!(await this.#store.put(outage, undefined))) return this.#look(provider, watched);
    watched.outage = outage;
    this.#metrics.count('ProviderDown');
  }

  #watchedAs(provider: string): Watched {
    let watched = this.#watched.get(provider);
    if (watched === undefined) {
      watched = { known: false, failures: 0, outage: undefined, asking: undefined };
      this.#watched.set(provider, watched);
    }
    return watched;
  }

  /** One question at a time; who comes meanwhile waits for its answer, and has no right by it. */
  async #mayTry(outage: Outage, watched: Watched): Promise<boolean> {
    if (watched.asking !== undefined) {
      await watched.asking;
      return false;
    }
    const tries = outage.tries + 1;
    const next = { ...outage, tries, tryAt: this.#clock() + waitMs(tries) };
    const put = this.#store.put(next, outage.tryAt);
    const isMine = await this.#ask(watched, put);
    if (isMine) watched.outage = next;
    else await this.#look(outage.provider, watched);
    return isMine;
  }

  async #look(provider: string, watched: Watched): Promise<void> {
    if (watched.asking !== undefined) {
      await watched.asking;
      return;
    }
    await this.#ask(
      watched,
      this.#store.read(provider).then((outage) => {
        watched.outage = outage;
        watched.known = true;
      }),
    );
  }

  async #ask<T>(watched: Watched, question: Promise<T>): Promise<T> {
    watched.asking = question;
    try {
      return await question;
    } finally {
      watched.asking = undefined;
    }
  }
}

/** What is no fault of the message: the provider cannot be reached, is broken, or refuses all of us. */
export function failureOf(result: ProviderResult): string | undefined {
  if ('unknown' in result) return result.unknown;
  if (!('throttled' in result)) return undefined;
  const { throttled, alarm } = result;
  return alarm === true || /\.(unreachable|status-5\d\d)$/.test(throttled) ? throttled : undefined;
}
