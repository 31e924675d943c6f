import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { Chain } from '../queues/message.ts';
import type { FunctionPool } from './function-pool.ts';

/** Waits before the first and second retry (Lambda developer guide, "How Lambda handles errors for asynchronous invocation"). */
const RETRY_WAITS_MS = [60_000, 120_000];

/** Asynchronous invocation: two retries on failure, in virtual time. Destinations are not imitated. */
export function invokeLater(
  pool: FunctionPool,
  payload: string,
  clock: VirtualClock,
  chain: Chain = {},
  retries = 2,
): void {
  const attempt = async (count: number): Promise<void> => {
    // What cannot even be invoked (a payload too large) will not become possible by trying again.
    const outcome = await pool.invoke(payload, { chain }).catch(() => ({ ok: true }));
    const wait = RETRY_WAITS_MS[count];
    if (outcome.ok || count >= retries || wait === undefined) return;
    clock.at(clock.now() + wait, () => void attempt(count + 1));
  };
  void attempt(0);
}
