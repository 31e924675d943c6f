import { DAY_MS } from '../../kernel/time.ts';
import { countLateAnswers } from '../rights/late-answers.ts';
import { checkedBy, type SweepParams } from './kinds/sweep.ts';
import { repairChains } from './occurrences.ts';
import type { ScanPorts } from './scan-kind.ts';
import { dailyId, segmentsFor } from './segments-for.ts';
import { startScan } from './start-scan.ts';

/**
 * Once a day: the sweep of all profiles, the next link of every chain of occurrences that has none, and a count of what customers
 * have asked for and not got.
 */
export async function startSweep(ports: ScanPorts, given?: string): Promise<void> {
  const by = 'schedule';
  const now = ports.clock();
  const segments = await segmentsFor('sweep', now, ports.jobs);
  const id = given ?? dailyId('sweep', now);
  const before = await ports.jobs.read(dailyId('sweep', now - DAY_MS));
  const params: SweepParams = before?.state === 'done' ? { checkedUntil: checkedBy(before) } : {};
  await startScan({ ...ports, now: ports.clock })({ id, kind: 'sweep', params: { ...params }, by, segments });
  await repairChains(by, ports);
  await countLateAnswers(ports);
}
