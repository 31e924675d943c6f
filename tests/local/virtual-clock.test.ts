import { describe, expect, it } from 'vitest';
import { durationMs } from '../../local/clock/duration.ts';
import { VirtualClock } from '../../local/clock/virtual-clock.ts';

const frozen = (): VirtualClock => new VirtualClock({ startTime: 0, frozen: true });

describe('advance', () => {
  it('runs timers in the order of their due times, also those set on the way', async () => {
    const clock = frozen();
    const seen: [string, number][] = [];
    const note = (name: string) => () => seen.push([name, clock.now()]);
    clock.at(300, note('third'));
    clock.at(100, () => {
      note('first')();
      clock.at(200, note('second'));
    });
    clock.at(1000, note('beyond'));
    await clock.advance(999);
    expect(seen).toEqual([
      ['first', 100],
      ['second', 200],
      ['third', 300],
    ]);
    expect(clock.now()).toBe(999);
  });

  it('lets the work of one instant end before it moves on to the next', async () => {
    const clock = frozen();
    const seen: string[] = [];
    clock.at(100, () => {
      void clock.during('work', async () => {
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(`done at ${clock.now()}`);
      });
    });
    clock.at(101, () => seen.push('next'));
    await clock.advance(1000);
    expect(seen).toEqual(['done at 100', 'next']);
  });

  it('cancelled timers do not run', async () => {
    const clock = frozen();
    let ran = 0;
    const timers = Array.from({ length: 100 }, (_, index) => clock.at(index % 10, () => ran++));
    for (const timer of timers.filter((_, index) => index % 3 !== 0)) timer.cancel();
    await clock.advance(1000);
    expect(ran).toBe(34);
  });

  it('passes thousands of instants in any order of setting', async () => {
    const clock = frozen();
    const seen: number[] = [];
    for (let index = 0; index < 5000; index++) clock.at((index * 7919) % 5000, () => seen.push(clock.now()));
    await clock.advance(5000);
    expect(seen).toEqual(Array.from({ length: 5000 }, (_, index) => index));
  });
});

it('names what it is waiting for', async () => {
  const clock = frozen();
  const end = clock.begin('a slow function');
  let settled = false;
  const settling = clock.settle().then(() => {
    settled = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(settled).toBe(false);
  end();
  await settling;
  expect(settled).toBe(true);
});

it('runs beside real time unless frozen, and fires by itself', async () => {
  const clock = new VirtualClock({ startTime: 5_000_000_000_000 });
  await new Promise<void>((resolve) => clock.at(clock.now() + 5, resolve));
  expect(clock.now()).toBeGreaterThanOrEqual(5_000_000_000_005);
  clock.stop();
});

describe('durations', () => {
  it.each([
    ['PT1H', 3_600_000],
    ['P7D', 604_800_000],
    ['P1W', 604_800_000],
    ['P1DT1H1M1.5S', 90_061_500],
  ])('%s is %i ms', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });
  it.each(['', 'P', 'PT', '1h', 'P1M', 'P1Y', '-PT1H'])('%j is none', (text) => {
    expect(() => durationMs(text)).toThrow(RangeError);
  });
});
