import { isBehind } from '../../../domain/journeys/engine/meet-segments.ts';
import { scanKind } from '../scan-kind.ts';
import { tellFound } from '../tell-found.ts';

/** Profiles look at their live segments, by the newest catalog; `epoch`: of the change that asked first. */
export type LookParams = { readonly epoch: number };

/**
 * After the definition of a live segment has changed, and every night: works out every customer's memberships with the decision
 * core, tells those whose own are others, or whom time may move sooner than they know, and writes nothing. So those
 * whom a new segment does not concern cost a read.
 */
export const lookKind = scanKind<LookParams>({
  kind: 'look',
  crowds: true,
  async page(profiles, job, ports) {
    const epoch = profiles.reduce((newest, one) => Math.max(newest, one.epoch), job.params.epoch);
    const catalog = await ports.catalogs.current(epoch, [], true);
    const behind = profiles.filter(({ key, profile, at }) =>
      isBehind(profile, key, catalog, Math.max(at, ports.clock())),
    );
    await tellFound(
      job,
      behind.map(({ key }) => ({
        to: key,
        about: key,
        t: 'wake',
        record: (id) => ({ t: 'wake', id, due: job.begin, epoch: catalog.epoch }),
      })),
      ports,
    );
    return { counts: { told: behind.length } };
  },
});
