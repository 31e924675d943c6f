/** What one invocation takes, in seconds: serial calls and start, and for each record the CPU that no other record shares. */
export interface ServiceTime {
  readonly fixed: number;
  readonly perRecord: number;
}

export const secondsFor = ({ fixed, perRecord }: ServiceTime, batch: number): number => fixed + perRecord * batch;

export interface ConsumersProps {
  readonly batchSize: number;
  readonly service: ServiceTime;
  /** MaximumConcurrency of the event source, all mappings together. */
  readonly most: number;
  /** Concurrent batches with which Lambda begins, and by how many more it goes on each second while something is left. */
  readonly start: number;
  readonly growth: number;
  /** Invocations that one container may begin in a second, however short they are. */
  readonly perContainer: number;
}

export interface Round {
  readonly done: number;
  readonly batches: number;
  /** Billed. */
  readonly seconds: number;
  /** Containers that it takes. */
  readonly concurrency: number;
}

/** Idle pollers are given up over minutes: their number halves in five of them. AWS says only that it scales back. */
const KEPT_PER_SECOND = 0.5 ** (1 / 300);

/**
 * The pollers of a queue and the function behind it. A batch is as large as it has to be for the pollers that there are to
 * keep up, at most `batchSize`; while that is not enough their number grows.
 */
export class Consumers {
  readonly #props: ConsumersProps;
  #pollers: number;

  constructor(props: ConsumersProps) {
    this.#props = props;
    this.#pollers = Math.min(props.start, props.most);
  }

  /**
   * How many of those that wait could be taken within a second.
   * @param room concurrency that the account has left for them.
   */
  offer(waiting: number, room: number): number {
    const pollers = Math.min(this.#pollers, room);
    const batch = this.#batch(waiting, pollers);
    return Math.min(waiting, (pollers * batch) / this.#occupied(batch));
  }

  /** @param done what was taken of `waiting`, which something else may have made less than was offered. */
  finish(waiting: number, done: number, room: number): Round {
    const { service, start, most, growth } = this.#props;
    const pollers = Math.min(this.#pollers, room);
    const batch = this.#batch(waiting, pollers);
    const batches = done / batch;
    const concurrency = batches * this.#occupied(batch);
    const isBehind = waiting - done > 1e-6;
    this.#pollers = isBehind
      ? Math.min(most, this.#pollers + growth)
      : Math.max(Math.min(start, most), concurrency, this.#pollers * KEPT_PER_SECOND);
    return { done, batches, seconds: batches * secondsFor(service, batch), concurrency };
  }

  /** Seconds for which an invocation takes its container. */
  #occupied(batch: number): number {
    return Math.max(1 / this.#props.perContainer, secondsFor(this.#props.service, batch));
  }

  #batch(waiting: number, pollers: number): number {
    const { batchSize, service, perContainer } = this.#props;
    const spare = pollers - waiting * service.perRecord;
    if (spare <= 0) return batchSize;
    const bySeconds = (waiting * service.fixed) / spare;
    const byInvocations = waiting / (pollers * perContainer);
    return Math.min(batchSize, Math.max(1, bySeconds, byInvocations));
  }
}
