import { afterEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../local/clock/virtual-clock.ts';

describe('a frozen clock that is thawed', () => {
  const clock = new VirtualClock({ startTime: 1_000_000, frozen: true });
  afterEach(() => clock.stop());

  it('stands still until then, and runs timers by itself afterwards', async () => {
    const fired = new Promise<number>((resolve) => clock.at(1_000_020, () => resolve(clock.now())));
    expect(clock.now()).toBe(1_000_000);
    clock.thaw();
    expect(await fired).toBeGreaterThanOrEqual(1_000_020);
  });
});
