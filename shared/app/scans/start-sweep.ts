import { formatInstant } from '../../kernel/time.ts';
import { repairChains } from './occurrences.ts';
import type { ScanPorts } from './scan-kind.ts';
import { startScan } from './start-scan.ts';

/** Once a day: the sweep of all profiles, and the next link of every chain of occurrences that has none. */
export async function startSweep(ports: ScanPorts, given?: string): Promise<void> {
  const by = 'schedule';
  const id = given ?? `sweep-${formatInstant(ports.clock()).slice(0, 10)}`;
  await startScan({ ...ports, now: ports.clock })({ id, kind: 'sweep', params: {}, by });
  await repairChains(by, ports);
}
