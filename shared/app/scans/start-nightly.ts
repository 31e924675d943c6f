import { startStatistics } from '../statistics/start-statistics.ts';
import type { ScanPorts } from './scan-kind.ts';
import { startReconcile } from './start-reconcile.ts';
import { startSweep } from './start-sweep.ts';

/** `id`: of an operator's own; the schedules' are one a day. */
export type NightlyCommand =
  | { readonly kind: 'sweep' | 'statistics'; readonly id?: string }
  | { readonly kind: 'reconcile'; readonly afterHours: number; readonly id?: string };

export function startNightly(ports: ScanPorts, command: NightlyCommand): Promise<void> {
  if (command.kind === 'reconcile') return startReconcile(ports, command.afterHours, command.id);
  return (command.kind === 'sweep' ? startSweep : startStatistics)(ports, command.id);
}
