import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decideWithPermits, Leases } from '../../shared/app/leases.ts';
import type { CounterStore } from '../../shared/app/ports.ts';
import { counterStore } from '../../shared/data/counter-store.ts';
import type { Decision } from '../../shared/domain/decision.ts';
import { type Need, type Permit, PermitMiss } from '../../shared/domain/permit.ts';
import { Counters } from '../../shared/simulation/counters.ts';
import { createTable, type DynamoEmulator, startDynalite, startDynoxide } from '../emulators/dynamo.ts';
import fc from '../property.ts';
import { memoryCounters } from '../protocol/memory-stores.ts';

interface Place {
  /** Another one for each case: counters of different cases do not meet. */
  store(): CounterStore;
  stop(): Promise<void>;
}

async function onDynamo(emulator: DynamoEmulator): Promise<Place> {
  const store = counterStore(emulator.client, await createTable(emulator.client, 'limits'));
  return { store: () => store, stop: () => emulator.stop() };
}

let cases = 0;
const freshJourney = () => `journey-${++cases}`;

describe.each<[string, () => Promise<Place>, runs: number]>([
  ['dynoxide', async () => onDynamo(await startDynoxide()), 15],
  ['dynalite', async () => onDynamo(await startDynalite()), 5],
  ['memory', async () => ({ store: memoryCounters, stop: async () => undefined }), 300],
])('a counter in %s', (_name, open, runs) => {
  let place: Place;
  beforeAll(async () => {
    place = await open();
  });
  afterAll(() => place.stop());

  it('moves on from where it stands or from the floor, and never beyond the ceiling', async () => {
    const store = place.store();
    const counter = { journey: freshJourney(), name: 'entries#total' };
    const advance = (by: number, floor: number, ceiling: number, seen = 0) =>
      store.advance(counter, by, { floor, ceiling }, seen);
    expect(await advance(4, 0, 10)).toEqual({ taken: true, at: 0 });
    expect(await advance(4, 0, 10)).toEqual({ taken: true, at: 4 });
    const refused = await advance(4, 0, 10, 8);
    expect(refused.taken).toBe(false);
    expect(refused.at, 'what is said of it is true').toBeLessThanOrEqual(8);
    expect(refused.at, 'and shows that it does not fit').toBeGreaterThan(10 - 4);
    expect(await advance(2, 0, 10, 8)).toEqual({ taken: true, at: 8 });
    expect((await advance(1, 0, 10, 8)).taken).toBe(false);
    expect(await advance(1, 0, 11, 3), 'a limit that was raised counts on').toEqual({ taken: true, at: 10 });
    expect(await advance(5, 100, 200, 11), 'a floor lies further').toEqual({ taken: true, at: 100 });
    expect(await advance(5, 100, 200, 0), 'and is passed once').toEqual({ taken: true, at: 105 });
    expect(await advance(5, 150, 200, 9_999), 'whatever is believed').toEqual({ taken: true, at: 150 });
    expect((await advance(5, 150, 155, 155)).taken).toBe(false);
  });

  it('keeps an expiry where the counter has one', async () => {
    const counter = { journey: freshJourney(), name: 'entries#2026-11-25', over: Date.UTC(2026, 10, 27) };
    const store = place.store();
    expect(await store.advance(counter, 1, { floor: 0, ceiling: 2 }, 0)).toEqual({ taken: true, at: 0 });
    expect(await store.advance(counter, 1, { floor: 0, ceiling: 2 }, 1)).toEqual({ taken: true, at: 1 });
  });

  it('is never leased twice nor beyond the limit, whatever containers do and whenever they die', async () => {
    const act = fc.record({
      container: fc.nat(3),
      what: fc.constantFrom('use', 'use', 'use', 'use both', 'not use', 'die', 'wait') as fc.Arbitrary<
        'use' | 'use both' | 'not use' | 'die' | 'wait'
      >,
      step: fc.constantFrom(1, 1, 1, 3),
      lower: fc.boolean(),
      lost: fc.nat(9).map((n) => n === 0),
    });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.array(act, { maxLength: 60 }), async (max, acts) => {
        const counter = { journey: freshJourney(), name: 'entries#total' };
        let now = 0;
        let isLost = false;
        const real = place.store();
        const store: CounterStore = {
          async advance(...call) {
            const answer = await real.advance(...call);
            if (isLost) throw new Error('the answer is lost');
            return answer;
          },
        };
        const open = () => new Leases(store, () => now);
        const containers = [open(), open(), open(), open()];
        const used: { at: number; step: number; ceiling: number }[] = [];
        for (let index = 0; index < acts.length; index += 4) {
          // Those four at once: whatever order their calls get.
          await Promise.all(
            acts.slice(index, index + 4).map(async ({ container, what, step, lower, lost }) => {
              if (what === 'wait') now += 2_000;
              if (what === 'die') containers[container] = open();
              if (what === 'wait' || what === 'die') return;
              isLost = lost;
              const ceiling = lower ? Math.ceil(max / 2) : max;
              const need: Need = { counter, step, floor: 0, ceiling, most: 100 };
              const wanted = what === 'use both' ? 2 : 1;
              const decision = await decideWithPermits(containers[container]!, async (given) =>
                decisionOf(given, need, wanted, what !== 'not use'),
              ).catch(() => undefined);
              used.push(...(decision?.spent ?? []).map((permit) => ({ ...permit, ceiling })));
            }),
          );
          isLost = false;
        }
        const taken = used.sort((a, b) => a.at - b.at);
        for (const [index, { at, step, ceiling }] of taken.entries()) {
          expect(at + step, 'never beyond the limit').toBeLessThanOrEqual(ceiling);
          if (index > 0)
            expect(at, 'never twice').toBeGreaterThanOrEqual(taken[index - 1]!.at + taken[index - 1]!.step);
        }
      }),
      { numRuns: runs },
    );
  });

  it('is given out to the last one, by containers that live', async () => {
    const counter = { journey: freshJourney(), name: 'entries#total' };
    const store = place.store();
    let now = 0;
    const containers = [new Leases(store, () => now), new Leases(store, () => now)];
    const max = 70;
    const need: Need = { counter, step: 1, floor: 0, ceiling: max, most: 100 };
    let granted = 0;
    for (let ask = 0; ask < 2 * max; ask += 1) {
      now += 7;
      if ((await containers[ask % 2]!.take(need)).none !== true) granted += 1;
    }
    expect(granted).toBe(max);
  });
});

/** As `decide` does it: asks, spends or not, and misses what it was not given. */
function decisionOf(given: readonly Permit[], need: Need, wanted: number, spends: boolean): Decision {
  const usable = given.filter(({ none }) => none !== true);
  if (given.length < wanted && usable.length === given.length) throw new PermitMiss(need);
  const spent = spends && usable.length === wanted ? usable : [];
  return { spent } as unknown as Decision;
}

describe('leases', () => {
  const counter = { journey: 'j', name: 'pace' };
  const SECOND = 1_000_000;
  function container(items = new Map<string, number>()) {
    const calls: number[] = [];
    const store = memoryCounters(items);
    const world = { now: 0 };
    const counting: CounterStore = {
      advance: (...call) => {
        calls.push(call[1]);
        return store.advance(...call);
      },
    };
    return { calls, world, leases: new Leases(counting, () => world.now) };
  }

  it('ask no more when nothing is left, until the limit is raised', async () => {
    const { calls, leases } = container();
    const need: Need = { counter, step: 1, floor: 0, ceiling: 2, most: 100 };
    for (let ask = 0; ask < 2; ask += 1) await leases.take(need);
    const before = calls.length;
    for (let ask = 0; ask < 1_000; ask += 1) expect((await leases.take(need)).none).toBe(true);
    expect(calls).toHaveLength(before);
    expect((await leases.take({ ...need, ceiling: 3 })).at).toBe(2);
  });

  it('grow with what the container uses up in a second, and shrink when it rests', async () => {
    const { calls, world, leases } = container();
    const need: Need = { counter, step: 1, floor: 0, ceiling: 1_000_000, most: 100 };
    for (let ask = 0; ask < 1_000; ask += 1) {
      world.now += 5;
      await leases.take(need);
    }
    expect(calls.length, '200 a second').toBeLessThan(40);
    expect(Math.max(...calls)).toBe(100);
    calls.length = 0;
    for (let ask = 0; ask < 300; ask += 1) {
      world.now += 3_000;
      await leases.take(need);
    }
    expect(calls.filter((by) => by > 1).length, 'one in three seconds').toBeLessThan(3);
  });

  it('take what is left apart, so that it can be found', async () => {
    const { calls, world, leases } = container();
    const need: Need = { counter, step: 1, floor: 0, ceiling: 640, most: 100 };
    for (let ask = 0; ask < 640; ask += 1) {
      world.now += 1;
      await leases.take(need);
    }
    let left = 640;
    for (const by of calls) {
      expect(by).toBeLessThanOrEqual(Math.max(1, left / 32));
      left -= by;
    }
  });

  it('of those who come together, one asks', async () => {
    const { calls, leases } = container();
    const need: Need = { counter, step: 1, floor: 0, ceiling: 10, most: 100 };
    const permits = await Promise.all(Array.from({ length: 12 }, () => leases.take(need)));
    expect(permits.filter(({ none }) => none).length).toBe(2);
    expect(new Set(permits.filter(({ none }) => !none).map(({ at }) => at)).size).toBe(10);
    expect(calls.length).toBeLessThanOrEqual(10);
  });

  it('slots: never more in a minute than the limit and a second of it, however many arrive where', async () => {
    const arrival = fc.record({ container: fc.nat(2), afterMs: fc.oneof(fc.nat(30), fc.nat(3_000), fc.nat(90_000)) });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 2_000 }),
        fc.array(arrival, { minLength: 1, maxLength: 150 }),
        async (perMinute, arrivals) => {
          const step = Math.ceil((60 * SECOND) / perMinute);
          const world = { now: Date.UTC(2026, 10, 25) };
          const items = new Map<string, number>();
          const containers = [0, 1, 2].map(() => new Leases(memoryCounters(items), () => world.now));
          const goes: number[] = [];
          for (const { container: which, afterMs } of arrivals) {
            world.now += afterMs;
            const now = world.now * 1_000;
            const latest = now + 600 * SECOND;
            const most = Math.max(1, Math.floor(SECOND / step));
            const need: Need = { counter, step, floor: now, ceiling: latest + step, most };
            const permit = await containers[which]!.take(need);
            if (permit.none) continue;
            expect(permit.at).toBeLessThanOrEqual(latest);
            goes.push(Math.max(permit.at, now));
          }
          goes.sort((a, b) => a - b);
          const allowed = Math.ceil((61 * SECOND) / step);
          for (const [index, from] of goes.entries()) {
            const within = goes.slice(index).filter((at) => at < from + 60 * SECOND).length;
            expect(within).toBeLessThanOrEqual(allowed);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

it('a simulation gives out what containers would, one by one', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.record({ lower: fc.boolean(), spends: fc.boolean() }), { maxLength: 30 }),
      async (max, step, asks) => {
        const counters = new Counters();
        const leases = new Leases(memoryCounters(), () => 0);
        for (const { lower, spends } of asks) {
          const counter = { journey: 'j', name: 'entries#total' };
          const need: Need = { counter, step, floor: 0, ceiling: lower ? max - 1 : max, most: 1 };
          const real = await decideWithPermits(leases, async (given) => decisionOf(given, need, 1, spends));
          const { decision: simulated } = counters.decide((given) => decisionOf(given, need, 1, spends));
          expect((simulated.spent ?? []).length).toBe((real!.spent ?? []).length);
        }
      },
    ),
    { numRuns: 300 },
  );
});
