import { reconcileKind } from './kinds/reconcile.ts';
import type { ScanPorts } from './scan-kind.ts';
import { dailyId } from './segments-for.ts';
import { startScan } from './start-scan.ts';

/** Once a night. A second call on the same day (UTC) finds the job of the first. */
export async function startReconcile(ports: ScanPorts, afterHours: number, given?: string): Promise<void> {
  const { kind } = reconcileKind;
  const id = given ?? dailyId(kind, ports.clock());
  const params = { afterHours };
  await startScan({ ...ports, now: ports.clock })({ id, kind, params, by: 'schedule', segments: 1 });
}
