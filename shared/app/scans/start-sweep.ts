import { countLateAnswers } from '../rights/late-answers.ts';
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
  await startScan({ ...ports, now: ports.clock })({ id, kind: 'sweep', params: {}, by, segments });
  await repairChains(by, ports);
  await countLateAnswers(ports);
}
