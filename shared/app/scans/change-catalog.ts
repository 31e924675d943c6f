import type { CatalogSnapshot } from '../../domain/catalog.ts';
import { compileCatalog } from '../../domain/compiled-catalog.ts';
import type { Actor } from '../catalog/ports.ts';
import { startCountingBack } from './start-backfill.ts';
import { startLook } from './start-look.ts';
import type { ChangePorts } from './start-scan.ts';

/**
 * Makes a change of the catalog, and starts the jobs that bring profiles up to it: one that counts, from what was before, what
 * nobody counted until now, and one by which customers look at live segments that go by something else now. Should the
 * start of one fail, the change stands: the first can be started by hand, and the night does what the second would.
 */
export async function changingCatalog<T>(
  { catalog, startScan }: ChangePorts,
  of: string,
  actor: Actor,
  change: (before: CatalogSnapshot) => Promise<T>,
): Promise<T> {
  const before = await catalog.readSnapshot();
  const changed = await change(before);
  const after = await catalog.readSnapshot();
  if (after.epoch > before.epoch) {
    const [was, is] = [compileCatalog(before), compileCatalog(after)];
    await startCountingBack(startScan, of, { was, is }, actor);
    if (is.live.epoch > was.epoch) await startLook(startScan, is.epoch, actor);
  }
  return changed;
}
