import { describe, expect, it } from 'vitest';
import { Consumers, type ServiceTime } from '../../bench/scale/consumers.ts';
import { FluidQueue } from '../../bench/scale/fluid-queue.ts';
import { type QueueByEvent, simulateQueue } from '../../bench/scale/queue-by-event.ts';

const everybody = 1_000_000;
const fixed = (seconds: number): ServiceTime => ({ fixed: seconds, perRecord: 0 });
const queue: QueueByEvent = {
  arrivalsPerSecond: 80,
  seconds: 2_000,
  consumers: 1,
  batchSize: 1,
  service: fixed(0.01),
  groups: everybody,
  seed: 0.42,
};

/** Erlang's C: the chance that one who arrives finds all consumers busy. */
function waitChance(consumers: number, load: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; k < consumers; k++) {
    term *= load / k;
    sum += term;
  }
  const last = ((term * load) / consumers) * (consumers / (consumers - load));
  return last / (sum + last);
}

/** Cosmetatos (1975): the mean wait of M/D/c by that of M/M/c; exact for one consumer (Pollaczek and Khinchine). */
function meanWaitMDc(consumers: number, arrivalsPerSecond: number, seconds: number): number {
  const load = arrivalsPerSecond * seconds;
  const use = load / consumers;
  const exponential = (waitChance(consumers, load) * seconds) / (consumers - load);
  const correction = ((1 - use) * (consumers - 1) * (Math.sqrt(4 + 5 * consumers) - 2)) / (16 * use * consumers);
  return (exponential / 2) * (1 + correction);
}

describe('the queue record by record agrees with theory', () => {
  it.each([
    ['one consumer, half busy', 1, 50],
    ['one consumer, four fifths busy', 1, 80],
    ['four consumers, four fifths busy', 4, 320],
    ['ten consumers, four fifths busy', 10, 800],
  ])('%s: mean wait of M/D/c', (_, consumers, arrivalsPerSecond) => {
    const seconds = 60_000 / arrivalsPerSecond;
    const { meanWait } = simulateQueue({ ...queue, consumers, arrivalsPerSecond, seconds });
    const expected = meanWaitMDc(consumers, arrivalsPerSecond, 0.01);
    expect(Math.abs(meanWait / expected - 1)).toBeLessThan(0.06);
  });

  it('the formula is the exact one where there is one', () => {
    expect(meanWaitMDc(1, 80, 0.01)).toBeCloseTo((0.8 * 0.01) / (2 * (1 - 0.8)), 12);
  });

  it("Little's law: as many wait as arrive while one waits", () => {
    const seen = simulateQueue({ ...queue, consumers: 4, arrivalsPerSecond: 320, seconds: 400 });
    const rate = seen.arrived / 400;
    expect(Math.abs(seen.meanWaiting / (rate * seen.meanWait) - 1)).toBeLessThan(0.01);
  });

  it('loses nothing', () => {
    const seen = simulateQueue(queue);
    expect(seen.done).toBe(seen.arrived);
  });
});

describe('one profile at a time', () => {
  const busy = { ...queue, consumers: 20, batchSize: 10, arrivalsPerSecond: 500, seconds: 8, service: fixed(0.06) };

  it('a hundred thousand profiles are as good as no groups at all; ten are not', () => {
    const many = simulateQueue({ ...busy, groups: 100_000 });
    const few = simulateQueue({ ...busy, groups: 10 });
    expect(many.longestWait).toBeLessThan(0.1);
    expect(few.meanWait).toBeGreaterThan(3 * many.meanWait);
  });

  it('one that gets more than a batch each time falls behind, whatever the number of consumers', () => {
    // 10 records in 0.06 s are 167 a second; half of 500 are 250.
    const hot = simulateQueue({ ...busy, groups: 100_000, hotShare: 0.5 });
    const hotter = simulateQueue({ ...busy, groups: 100_000, hotShare: 0.5, consumers: 40 });
    expect(hot.longestWait).toBeGreaterThan(2);
    expect(hotter.longestWait).toBeGreaterThan(2);
  });
});

describe('the queue by seconds and amounts', () => {
  /** The same overload for both: more than can be done for a minute, then nothing. */
  const service = { fixed: 0.04, perRecord: 0.002 };
  const consumers = 10;

  function byAmounts(perSecond: number, seconds: number) {
    const waiting = new FluidQueue();
    const work = new Consumers({
      batchSize: 10,
      service,
      most: consumers,
      start: consumers,
      growth: 0,
      perContainer: 1_000,
    });
    let [oldest, sum, done, end] = [0, 0, 0, 0];
    for (let second = 0; second < seconds || waiting.waiting > 0; second++) {
      waiting.add(second, [second < seconds ? perSecond : 0]);
      const before = waiting.waiting;
      const taken = waiting.take(work.offer(before, 1_000))[0]!;
      work.finish(before, taken, 1_000);
      done += taken;
      sum += waiting.waiting;
      oldest = Math.max(oldest, waiting.age(second));
      end = second;
    }
    return { oldest, done, meanWaiting: sum / (end + 1) };
  }

  it.each([2_000, 4_000])('agrees with the one record by record in an overload of %s a second', (perSecond) => {
    const amounts = byAmounts(perSecond, 20);
    const records = simulateQueue({
      ...{ arrivalsPerSecond: perSecond, seconds: 20, consumers, batchSize: 10, service, groups: everybody },
      seed: 0.7,
    });
    expect(Math.abs(amounts.oldest - records.longestWait)).toBeLessThan(1.5);
    expect(Math.abs(amounts.meanWaiting / records.meanWaiting - 1)).toBeLessThan(0.1);
    expect(amounts.done).toBeCloseTo(perSecond * 20, 3);
  });

  it('hands out what came first, first, and keeps the kinds of each second together', () => {
    const waiting = new FluidQueue(() => [0, 0]);
    waiting.add(1, [4, 0]);
    waiting.add(2, [0, 6]);
    expect(waiting.peek(5)).toEqual([4, 1]);
    expect(waiting.take(5)).toEqual([4, 1]);
    expect(waiting.age(10)).toBe(8);
    expect(waiting.waiting).toBe(5);
    expect(waiting.take(100)).toEqual([0, 5]);
    expect(waiting.waiting).toBe(0);
  });
});
