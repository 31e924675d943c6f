import { describe, expect, it } from 'vitest';
import { maxEventsPerMinute, profileRate } from '../../../shared/app/ingest-rate.ts';

const start = Date.parse('2026-11-22T12:00:00Z');
const admitted = (rate: ReturnType<typeof profileRate>, key: string, times: number, at: number) =>
  Array.from({ length: times }, () => rate.admit(key, at)).filter(Boolean).length;

describe('the rate of one profile', () => {
  it('lets 500 pass at once, then as many as the time has earned', () => {
    const rate = profileRate();
    expect(admitted(rate, 'a', maxEventsPerMinute + 50, start)).toBe(maxEventsPerMinute);
    expect(admitted(rate, 'a', 100, start + 6_000)).toBe(50);
    expect(admitted(rate, 'a', 2_000, start + 3_600_000)).toBe(maxEventsPerMinute);
  });

  it('is not another profile’s', () => {
    const rate = profileRate();
    admitted(rate, 'a', 1_000, start);
    expect(rate.admit('b', start)).toBe(true);
  });

  it('earns nothing by a clock that goes back', () => {
    const rate = profileRate();
    admitted(rate, 'a', maxEventsPerMinute, start);
    expect(rate.admit('a', start - 60_000)).toBe(false);
    expect(rate.admit('a', start)).toBe(false);
  });

  it('says how many asked in their minute, and is not charged for what could not be taken', () => {
    const rate = profileRate();
    admitted(rate, 'a', maxEventsPerMinute + 50, start);
    expect(rate.asked('a')).toBe(maxEventsPerMinute + 50);
    for (let n = 0; n < 30; n++) rate.giveBack('a');
    expect(admitted(rate, 'a', 50, start + 1)).toBe(30);
    rate.admit('a', start + 60_000);
    expect(rate.asked('a')).toBe(1);
    for (let n = 0; n < 2_000; n++) rate.giveBack('a');
    rate.giveBack('nobody');
    expect(admitted(rate, 'a', 2_000, start + 60_000)).toBe(maxEventsPerMinute);
    expect(rate.asked('nobody')).toBe(0);
  });

  it('remembers the busy one among many', () => {
    const rate = profileRate();
    admitted(rate, 'busy', maxEventsPerMinute, start);
    for (let n = 0; n < 9_000; n++) rate.admit(`p-${n}`, start);
    rate.admit('busy', start);
    for (let n = 0; n < 9_000; n++) rate.admit(`q-${n}`, start);
    expect(rate.admit('busy', start)).toBe(false);
  });
});
