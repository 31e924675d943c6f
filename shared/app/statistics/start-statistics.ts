import { statisticsKind } from '../scans/kinds/statistics.ts';
import type { ScanPorts } from '../scans/scan-kind.ts';
import { dailyId, segmentsFor } from '../scans/segments-for.ts';
import { startScan } from '../scans/start-scan.ts';

/** Once a night. A second call on the same day (UTC) finds the job of the first. */
export async function startStatistics(ports: ScanPorts, given?: string): Promise<void> {
  const { kind } = statisticsKind;
  const now = ports.clock();
  const segments = await segmentsFor(kind, now, ports.jobs);
  const id = given ?? dailyId(kind, now);
  await startScan({ ...ports, now: ports.clock })({ id, kind, params: {}, by: 'schedule', segments });
}
