import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type KeyRate, keyRate } from '../../../shared/app/access/key-rate.ts';
import type { CounterStore } from '../../../shared/app/ports.ts';
import { counterStore } from '../../../shared/data/counter-store.ts';
import { TooMany, Transient } from '../../../shared/kernel/errors.ts';
import { createTable, type DynamoEmulator, startDynoxide } from '../../emulators/dynamo.ts';

let emulator: DynamoEmulator;
let store: CounterStore;
let calls: number;
let now: number;
let tables = 0;
beforeAll(async () => {
  emulator = await startDynoxide();
});
afterAll(() => emulator.stop());
beforeEach(async () => {
  const real = counterStore(emulator.client, await createTable(emulator.client, 'limits', `limits-${++tables}`));
  calls = 0;
  now = Date.parse('2026-11-26T12:00:15Z');
  store = {
    advance(...asked) {
      calls += 1;
      return real.advance(...asked);
    },
  };
});

const container = () => keyRate(store, () => now);
/** How many of so many single requests pass. */
async function pass(rate: KeyRate, requests: number, limit: number, cost = 1): Promise<number> {
  let passed = 0;
  for (let n = 0; n < requests; n += 1) {
    await rate.require('k', limit, cost).then(
      () => (passed += 1),
      (error) => expect(error).toBeInstanceOf(TooMany),
    );
  }
  return passed;
}

describe('one container', () => {
  it.each([20, 100, 399, 1_000])('lets exactly %i of more pass, and asks about twenty times', async (limit) => {
    expect(await pass(container(), limit + 50, limit)).toBe(limit);
    expect(calls).toBeLessThanOrEqual(42);
  });

  it('asks nobody below a twentieth of the limit', async () => {
    expect(await pass(container(), 50, 1_000)).toBe(50);
    expect(calls).toBe(0);
  });

  it('refuses without asking once it knows that there is no more', async () => {
    const rate = container();
    await pass(rate, 120, 100);
    const before = calls;
    expect(await pass(rate, 100, 100)).toBe(0);
    expect(await pass(rate, 100, 100, 7)).toBe(0);
    expect(calls).toBe(before);
  });

  it('begins anew with the next minute, and says how long that is', async () => {
    const rate = container();
    await pass(rate, 100, 20);
    await expect(rate.require('k', 20, 3)).rejects.toMatchObject({
      ...{ code: 'key.rate', retryAfterSeconds: 45 },
      problems: [{ limit: 20, actual: 3 }],
    });
    now += 45_000;
    expect(await pass(rate, 100, 20)).toBe(20);
  });

  it('keeps keys apart', async () => {
    const rate = container();
    await pass(rate, 100, 20);
    await rate.require('other', 20, 1);
  });

  it('a batch passes as a whole or not at all; one larger than the limit passes when nothing else did', async () => {
    expect(await pass(container(), 10, 100, 30)).toBe(3);
    now += 60_000;
    const rate = container();
    expect(await pass(rate, 2, 100, 5_000)).toBe(1);
  });
});

describe('several containers', () => {
  it.each([2, 5, 10])('%i of them: at least the limit, and a twentieth more for each but one', async (n) => {
    const rates = Array.from({ length: n }, container);
    let passed = 0;
    for (let round = 0; round < 400; round += 1) passed += await pass(rates[round % n]!, 1, 200);
    expect(passed).toBeGreaterThanOrEqual(200);
    expect(passed).toBeLessThanOrEqual(200 * (1 + (n - 1) / 20));
  });
});

it('while the counter cannot be asked nobody is refused', async () => {
  const down: CounterStore = { advance: () => Promise.reject(new Transient('aws.Throttled', 'no more')) };
  expect(
    await pass(
      keyRate(down, () => now),
      100,
      20,
    ),
  ).toBe(100);
});
