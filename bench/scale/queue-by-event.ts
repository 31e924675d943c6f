// The same queue record by record: events in the order of their times, drawn by a seed. It is what the simulation of days, which only
// knows seconds and amounts, is compared with; and it has groups, of which only one batch is in work at a time.
import { randomExponential, randomInt, randomLcg } from 'd3-random';
import { type ServiceTime, secondsFor } from './consumers.ts';

export interface QueueByEvent {
  readonly arrivalsPerSecond: number;
  readonly seconds: number;
  readonly consumers: number;
  readonly batchSize: number;
  readonly service: ServiceTime;
  /** Profiles; each record is of one of them. */
  readonly groups: number;
  /** The share of records that are of one and the same profile. */
  readonly hotShare?: number;
  /** 0 to 1. */
  readonly seed: number;
}

export interface Outcome {
  readonly arrived: number;
  readonly done: number;
  /** Seconds from arrival until work on it begins. */
  readonly meanWait: number;
  readonly longestWait: number;
  /** Mean number of records that wait, over time until the last is taken. */
  readonly meanWaiting: number;
  readonly batches: number;
}

interface Item {
  readonly at: number;
  readonly group: number;
}

export function simulateQueue(props: QueueByEvent): Outcome {
  const items = arrivals(props);
  const free = new Array<number>(props.consumers).fill(0);
  const waiting = new Waiting();
  let [next, done, batches, waited, longest, now] = [0, 0, 0, 0, 0, 0];
  while (done < items.length) {
    const consumer = free.indexOf(Math.min(...free));
    now = Math.max(now, free[consumer]!);
    if (waiting.isEmpty()) now = Math.max(now, items[next]!.at);
    while (next < items.length && items[next]!.at <= now) waiting.add(items[next++]!);
    const batch = waiting.take(now, props.batchSize);
    if (batch.length === 0) {
      now = Math.min(items[next]?.at ?? Number.POSITIVE_INFINITY, waiting.soonest(now));
      free[consumer] = now;
      continue;
    }
    const end = now + secondsFor(props.service, batch.length);
    free[consumer] = end;
    for (const { at, group } of batch) {
      waiting.occupy(group, end);
      waited += now - at;
      longest = Math.max(longest, now - at);
    }
    done += batch.length;
    batches++;
  }
  return {
    arrived: items.length,
    done,
    meanWait: waited / done,
    longestWait: longest,
    meanWaiting: waited / now,
    batches,
  };
}

function arrivals({ arrivalsPerSecond, seconds, groups, hotShare = 0, seed }: QueueByEvent): Item[] {
  const source = randomLcg(seed);
  const gap = randomExponential.source(source)(arrivalsPerSecond);
  const group = randomInt.source(source)(1, groups + 1);
  const items: Item[] = [];
  for (let at = gap(); at < seconds; at += gap()) items.push({ at, group: source() < hotShare ? 0 : group() });
  return items;
}

/** What waits, in order, and which groups are worked on, until when. */
class Waiting {
  readonly #items: Item[] = [];
  #first = 0;
  readonly #busyUntil = new Map<number, number>();

  isEmpty(): boolean {
    return this.#first === this.#items.length;
  }

  add(item: Item): void {
    this.#items.push(item);
  }

  occupy(group: number, until: number): void {
    this.#busyUntil.set(group, until);
  }

  /** In their order, those of groups that nobody works on; of one group as many as there are. */
  take(now: number, most: number): Item[] {
    const [batch, passed]: [Item[], Item[]] = [[], []];
    let index = this.#first;
    for (; index < this.#items.length && batch.length < most; index++) {
      const item = this.#items[index]!;
      (this.#isBusy(item, now) ? passed : batch).push(item);
    }
    this.#first += batch.length;
    passed.forEach((item, place) => {
      this.#items[this.#first + place] = item;
    });
    return batch;
  }

  /** When a group comes free of which something waits. */
  soonest(now: number): number {
    let soonest = Number.POSITIVE_INFINITY;
    for (let index = this.#first; index < this.#items.length; index++) {
      const until = this.#busyUntil.get(this.#items[index]!.group) ?? 0;
      if (until > now) soonest = Math.min(soonest, until);
    }
    return soonest;
  }

  #isBusy({ group }: Item, now: number): boolean {
    return (this.#busyUntil.get(group) ?? 0) > now;
  }
}
