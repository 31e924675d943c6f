import type { CatalogSnapshot } from '../../domain/catalog.ts';
import { type CompiledCatalog, compileCatalog } from '../../domain/compiled-catalog.ts';
import { digest } from '../../kernel/ids.ts';
import { SECOND_MS } from '../../kernel/time.ts';
import { timing } from '../../resources.ts';
import type { Actor } from '../catalog/ports.ts';
import type { LookParams } from './kinds/look.ts';
import type { StartScan } from './start-scan.ts';

/**
 * What is decided within that time of a change may still be decided by the catalog before: it is seconds old (catalog-cache.ts), and a decision
 * takes as long as `evaluate` may run. A profile that the scan had passed by then would not hear of the new definition.
 */
export const SEEN_BY_ALL_MS = (timing.evaluateTimeoutSeconds + 30) * SECOND_MS;

/** When something that live segments go by was saved at this very epoch. The same again is the same job. */
export async function startLookAfter(start: StartScan, saved: number, snapshot: CatalogSnapshot, { at, by }: Actor) {
  const isConcerned = compileCatalog(snapshot).live.inOrder.some(({ epoch }) => epoch === saved);
  if (isConcerned) await startLook(start, saved, saved, { by, begin: at + SEEN_BY_ALL_MS });
}

/** Of everything, every night: what decisions cannot see has changed, as figures of the whole base do. */
export async function startNightlyLook(
  start: StartScan,
  { live, epoch }: Pick<CompiledCatalog, 'live' | 'epoch'>,
  job: string,
  by: string,
) {
  if (live.inOrder.length > 0) await startLook(start, epoch, digest(job), { by });
}

async function startLook(
  start: StartScan,
  epoch: number,
  name: string | number,
  asked: { by: string; begin?: number },
) {
  const params: LookParams = { epoch };
  await start({ id: `look-${name}`, kind: 'look', params, ...asked });
}
