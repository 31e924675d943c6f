import type { CompiledCatalog } from '../../domain/compiled-catalog.ts';
import { digest } from '../../kernel/ids.ts';
import { formatInstant, MINUTE_MS, SECOND_MS } from '../../kernel/time.ts';
import { timing } from '../../resources.ts';
import type { Actor } from '../catalog/ports.ts';
import type { LookParams } from './kinds/look.ts';
import type { StartScan } from './start-scan.ts';

/**
 * What is decided within that time of a change may still be decided by the catalog before: it is seconds old (catalog-cache.ts), and a decision
 * takes as long as `evaluate` may run. A profile that the scan had passed by then would not hear of the new definition.
 */
export const SEEN_BY_ALL_MS = (timing.evaluateTimeoutSeconds + 30) * SECOND_MS;

/**
 * When something that live segments go by has changed. It begins with the first full minute after everybody has seen the
 * change, and changes that come to the same minute share it, so a thousand segments saved at once cost one scan or two.
 */
export async function startLook(start: StartScan, epoch: number, { at, by }: Actor) {
  const begin = Math.ceil((at + SEEN_BY_ALL_MS) / MINUTE_MS) * MINUTE_MS;
  const minute = formatInstant(begin).slice(0, 16).replace(':', '-');
  const params: LookParams = { epoch };
  await start({ id: `look-${minute}`, kind: 'look', params, by, begin });
}

/** Of everything, every night: what decisions cannot see has changed, as figures of the whole base do. */
export async function startNightlyLook(
  start: StartScan,
  { live, epoch }: Pick<CompiledCatalog, 'live' | 'epoch'>,
  job: string,
  by: string,
) {
  const params: LookParams = { epoch };
  if (live.inOrder.length > 0) await start({ id: `look-${digest(job)}`, kind: 'look', params, by });
}
