import { describe, expect, it } from 'vitest';
import type { CounterStore } from '../../../shared/app/ports.ts';
import { SendingRate } from '../../../shared/app/sending/sending-rate.ts';
import fc from '../../property.ts';
import { memoryCounters } from '../../protocol/memory-stores.ts';

const start = Date.UTC(2026, 10, 26, 9);
const counter = { journey: 'sending#email', name: 'rate' };

/** Containers that share one counter, and what each call of it costs. */
function containers(count: number, perSecond: number, planned = count) {
  const world = { now: start, writes: 0, sent: [] as number[] };
  const store = memoryCounters();
  const counted: CounterStore = {
    advance(...asked) {
      world.writes += 1;
      return store.advance(...asked);
    },
  };
  const clock = () => world.now;
  const all = Array.from(
    { length: count },
    () => new SendingRate(counter, { perSecond, containers: planned }, counted, clock),
  );
  /** Whether it went. */
  const send = async (one: SendingRate, weight = 1, isFirst = false): Promise<boolean> => {
    const room = await one.take(weight, isFirst);
    if (room === 'now') for (let part = 0; part < weight; part++) world.sent.push(world.now);
    else expect(room.at, 'it is told a time to come').toBeGreaterThan(world.now);
    return room === 'now';
  };
  return { world, all, send };
}

/** Most of what went within so many seconds, wherever they begin. */
function mostWithin(sent: readonly number[], seconds: number): number {
  let from = 0;
  return sent.reduce((most, at, index) => {
    while (sent[from]! <= at - seconds * 1_000) from += 1;
    return Math.max(most, index - from + 1);
  }, 0);
}

describe('a sending rate', () => {
  it('is never passed by more than the lead, and one message for each container, whoever asks when', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(0.5, 3, 14, 90, 700),
        fc.integer({ min: 1, max: 20 }),
        fc.array(
          fc.record({
            container: fc.nat(19),
            messages: fc.integer({ min: 1, max: 30 }),
            waitMs: fc.constantFrom(0, 0, 1, 40, 400, 1_500),
            isFirst: fc.boolean(),
          }),
          { minLength: 20, maxLength: 60 },
        ),
        async (perSecond, count, asked) => {
          const { world, all, send } = containers(count, perSecond);
          for (const { container, messages, waitMs, isFirst } of asked) {
            world.now += waitMs;
            const one = all[container % count]!;
            await Promise.all(Array.from({ length: messages }, () => send(one, 1, isFirst)));
          }
          for (const seconds of [1, 2, 5]) {
            // A place of a slow rate is longer than the lead: one, and one for who goes first, are there always.
            const atMost = perSecond * (seconds + 2) + count + 3;
            expect(mostWithin(world.sent, seconds), `in ${seconds} s`).toBeLessThanOrEqual(atMost);
          }
        },
      ),
      { numRuns: 25 },
    ));

  it('is used up where enough is asked', async () => {
    const { world, all, send } = containers(4, 50);
    for (; world.now < start + 60_000; world.now += 20) {
      for (const one of all) await send(one);
    }
    expect(world.sent.length).toBeGreaterThan(0.97 * 60 * 50);
    expect(world.sent.length).toBeLessThanOrEqual(50 * (60 + 2) + 4);
  });

  it('costs nothing where little is sent', async () => {
    const { world, all, send } = containers(1, 200, 20);
    for (let message = 0; message < 60; message++) {
      expect(await send(all[0]!)).toBe(true);
      world.now += 1_000;
    }
    expect(world.writes).toBe(0);
  });

  it('costs a write for each batch of ten where it is used up', async () => {
    const { world, all, send } = containers(20, 400);
    for (let batch = 0; world.now < start + 30_000; batch++) {
      await Promise.all(Array.from({ length: 10 }, () => send(all[batch % 20]!)));
      world.now += 26;
    }
    expect(world.sent.length).toBeGreaterThan(0.95 * 30 * (10 / 0.026));
    expect(world.writes / world.sent.length).toBeLessThanOrEqual(0.11);
  });

  it('leaves transactional messages room when marketing has used it up', async () => {
    const { world, all, send } = containers(1, 20);
    const went = { marketing: 0, transactional: 0 };
    for (; world.now < start + 10_000; world.now += 100) {
      for (let message = 0; message < 5; message++) if (await send(all[0]!)) went.marketing += 1;
      if (await send(all[0]!, 1, true)) went.transactional += 1;
    }
    expect(went.transactional, 'ten a second, each at once').toBe(100);
    expect(went.marketing).toBeGreaterThan(80);
  });

  it('counts parts, and lets a text go that has more of them than a lead has places', async () => {
    const { world, all, send } = containers(1, 1);
    expect(await send(all[0]!, 4)).toBe(true);
    expect(await send(all[0]!, 4)).toBe(false);
    world.now += 4_500;
    expect(await send(all[0]!, 4)).toBe(true);
  });

  it('what a container has leased and not used is void after a pause', async () => {
    const { world, all, send } = containers(2, 100);
    const [sleeper, other] = all as [SendingRate, SendingRate];
    await Promise.all(Array.from({ length: 20 }, () => send(sleeper)));
    world.now += 1_000;
    await send(sleeper);
    world.now += 60_000;
    world.sent = [];
    await Promise.all([sleeper, other].flatMap((one) => Array.from({ length: 200 }, () => send(one))));
    expect(world.sent.length).toBeLessThanOrEqual(100 + 2);
  });

  it('says after which time there is room, and then there is', async () => {
    const { world, all } = containers(1, 10);
    for (let message = 0; message < 10; message++) await all[0]!.take(1, false);
    const room = await all[0]!.take(1, false);
    expect(room).not.toBe('now');
    world.now = (room as { at: number }).at;
    expect(await all[0]!.take(1, false)).toBe('now');
  });
});
