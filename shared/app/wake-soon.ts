import { digest } from '../kernel/ids.ts';
import type { WakeDelivery } from './arm-timers.ts';
import { type WakePorts, wake } from './wake-cohort.ts';

/** Waits of at most 15 minutes come out of the delay queue; its message id names the wake. */
export async function wakeSoon(deliveries: readonly WakeDelivery[], ports: WakePorts): Promise<void> {
  await wake(
    deliveries.map(({ id, key, due }) => ({ id: digest('soon', id, key), key, due })),
    ports,
  );
}
