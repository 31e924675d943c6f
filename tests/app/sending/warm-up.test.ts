import { describe, expect, it } from 'vitest';
import { Leases } from '../../../shared/app/leases.ts';
import { placesOn, warmUp } from '../../../shared/app/sending/warm-up.ts';
import type { MessageRequest } from '../../../shared/domain/decision.ts';
import { HOUR_MS } from '../../../shared/kernel/time.ts';
import type { WarmUpPlan } from '../../../shared/settings.ts';
import { memoryCounters } from '../../protocol/memory-stores.ts';
import { queuedMessage } from '../../protocol/scenario.ts';

const zone = 'Europe/Berlin';
const noon = Date.parse('2026-12-02T11:00:00Z');
const plan: WarmUpPlan = { from: '2026-12-01', perDay: [2, 5, 40] };

function world(given: WarmUpPlan | undefined, containers = 1) {
  const at = { now: noon, sequence: 0 };
  const store = memoryCounters();
  const clock = () => at.now;
  const all = Array.from({ length: containers }, () => warmUp(new Leases(store, clock), zone, clock));
  const sender = { id: 'news', from: 'a@b.c', postalAddress: 'here', ...(given && { warmUp: given }) };
  const ask = (more: Partial<MessageRequest> = {}, container = 0) => {
    const { request } = queuedMessage(`m${at.sequence++}`);
    const origin = { journey: 'offer', version: 1, step: 'only', run: 'r' };
    return all[container]!(sender, { ...request, transactional: false, origin, ...more });
  };
  const went = async (times: number, more: Partial<MessageRequest> = {}, container = 0) => {
    const turns = [];
    for (let message = 0; message < times; message++) turns.push(await ask(more, container));
    return turns.filter((turn) => 'giveBack' in turn).length;
  };
  return { at, ask, went };
}

describe('a warm-up plan', () => {
  it.each([
    ['2026-11-30', 0],
    ['2026-12-01', 2],
    ['2026-12-03', 40],
    ['2026-12-04', undefined],
  ])('on %s there are %s places', (day, places) => {
    expect(placesOn(plan, day)).toBe(places);
  });

  it('lets no more marketing go than a day has places, from all containers together', async () => {
    const { at, went } = world(plan, 4);
    const counts = [];
    for (let container = 0; container < 4; container++) counts.push(await went(10, {}, container));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(5);
    at.now += 24 * HOUR_MS;
    expect(await went(30)).toBe(30);
    at.now += 24 * HOUR_MS;
    expect(await went(1_000), 'the plan is over').toBe(1_000);
  });

  it('the rest comes within the first hour of the next day of the zone', async () => {
    const { at, ask, went } = world(plan);
    await went(5);
    const untils = await Promise.all(Array.from({ length: 50 }, () => ask()));
    const midnight = Date.parse('2026-12-02T23:00:00Z');
    for (const turn of untils) {
      const { until } = turn as { until: number };
      expect(until).toBeGreaterThanOrEqual(midnight);
      expect(until).toBeLessThan(midnight + HOUR_MS);
    }
    expect(new Set(untils.map((turn) => (turn as { until: number }).until)).size).toBeGreaterThan(40);
    at.now = Date.parse('2026-11-20T11:00:00Z');
    const { until } = (await ask()) as { until: number };
    expect(until, 'before the plan begins it waits for its first day').toBeGreaterThanOrEqual(
      Date.parse('2026-11-30T23:00:00Z'),
    );
  });

  it('transactional messages go always, and take places of marketing', async () => {
    const { went } = world(plan);
    expect(await went(3, { transactional: true })).toBe(3);
    expect(await went(10)).toBe(2);
    expect(await went(10, { transactional: true })).toBe(10);
  });

  it('what nobody could hold goes too: it came without a journey', async () => {
    const { went } = world({ from: '2026-12-01', perDay: [1, 1] });
    const { origin: _, ...direct } = queuedMessage('d').request;
    const alone = world({ from: '2026-12-01', perDay: [1, 1] });
    expect(await went(3)).toBe(1);
    expect(await alone.went(3, { ...direct, origin: undefined as never })).toBe(3);
  });

  it('a place that was not used after all is there again', async () => {
    const { ask, went } = world(plan);
    const turns = [];
    for (let message = 0; message < 5; message++) turns.push(await ask());
    (turns[0] as { giveBack: () => void }).giveBack();
    expect(await went(10)).toBe(1);
  });

  it('another sender takes what is beyond, where the plan names one', async () => {
    const { ask, went } = world({ ...plan, overflow: 'old' });
    expect(await went(5)).toBe(5);
    expect(await ask()).toEqual({ instead: 'old' });
  });

  it('a sender without a plan, and tests of authors, have no limit', async () => {
    expect(await world(undefined).went(100)).toBe(100);
    expect(await world(plan).went(100, { testSend: true })).toBe(100);
  });
});
