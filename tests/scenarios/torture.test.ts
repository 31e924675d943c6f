import { expect, inject, it } from 'vitest';
import { torture } from '../torture/torture.ts';

/**
 * All journeys of the examples under all faults at once, in small; `npm run torture` is the same at large (docs:
 * guarantees.md). That the checkers can find something is shown in tests/torture/checker.test.ts.
 */
it('G1–G13: whatever goes wrong, nothing is lost, doubled, stuck or against the policy', async () => {
  const size = { customers: 26, pages: 4, days: 4, slotHours: 24, drainedDays: 30, severity: 3 } as const;
  const { findings, figures, faults } = await torture({
    ...{ assembly: inject('assembly'), seed: 7, schedules: 'off', ...size },
  });
  expect(findings).toEqual([]);
  expect(figures).toMatchObject({ customers: 26, 'commits not decided again': 0 });
  expect(figures['events']).toBeGreaterThan(100);
  expect(figures['captured']).toBeGreaterThan(4);
  expect(figures['bad events among them']).toBeGreaterThan(2);
  expect(figures['customers who were erased']).toBeGreaterThan(0);
  expect(figures['faults']).toBeGreaterThan(80);
  expect(Object.keys(faults).length).toBeGreaterThan(12);
}, 600_000);
