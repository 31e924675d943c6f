import { expect, it } from 'vitest';
import type { Job } from '../../../shared/app/scans/job.ts';
import { startSweep } from '../../../shared/app/scans/start-sweep.ts';
import { DAY_MS } from '../../../shared/kernel/time.ts';
import { jobOf, now, scanWorld } from '../scans/world.ts';

const asked = (id: string, kind: string, ago: number, state: Job['state'] = 'running') =>
  jobOf(kind, { id, state, at: now - ago, begin: now - ago });

/** Nothing of these jobs runs here, as when their executions are dead. */
async function lateOf(...jobs: readonly Job[]): Promise<number> {
  const { ports } = scanWorld([], jobs);
  let late = 0;
  const count = (name: string, howMany = 1) => {
    if (name === 'AnswersLate') late += howMany;
  };
  await startSweep({ ...ports, metrics: { count } });
  return late;
}

it.each([
  ['an erasure that has come no further within a day', asked('e', 'erase', DAY_MS + 1), 1],
  ['one that never began', asked('e', 'erase', DAY_MS + 1, 'queued'), 1],
  ['the export of one customer', asked('x', 'export-profile', 2 * DAY_MS), 1],
  ['one of today', asked('e', 'erase', DAY_MS), 0],
  ['one that is done', asked('e', 'erase', 9 * DAY_MS, 'done'), 0],
  ['one that has failed, which has its own alarm', asked('e', 'erase', 9 * DAY_MS, 'failed'), 0],
  ['a job that nobody outside waits for', asked('s', 'export', 9 * DAY_MS), 0],
] as const)('the sweep counts what customers wait for: %s', async (_, job, late) => {
  expect(await lateOf(job)).toBe(late);
});

it('each of them', async () => {
  expect(await lateOf(asked('e', 'erase', 3 * DAY_MS), asked('x', 'export-profile', 2 * DAY_MS))).toBe(2);
});
