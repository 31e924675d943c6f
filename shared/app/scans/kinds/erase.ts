import { keepsSuppressions } from '../../../domain/messaging/policy.ts';
import type { ProfileKey } from '../../../kernel/ids.ts';
import { SECOND_MS } from '../../../kernel/time.ts';
import { type Clocks, certificateOf, inventoryOf } from '../../erasure/certificate.ts';
import { closeErasure, lookAtErasure, removeRemains, type Standing, tellErasure } from '../../erasure/erase-steps.ts';
import { erasingOf, type Parts } from '../../erasure/find-parts.ts';
import { type JobOf, type ScanPorts, type SourcePage, scanKind } from '../scan-kind.ts';

export type EraseParams = {
  readonly key: ProfileKey;
  /** When it was asked for, where another job has not come to the end of it. */
  readonly at?: number;
  /** As the environment was configured when it was asked for. */
  readonly clocks?: Clocks;
  /** The same; absent: the default. */
  readonly answerDays?: number;
};

export const ERASE = 'erase';

/** What is done next; each may be done any number of times. */
const steps = ['look', 'count', 'delete', 'close'] as const;
type Step = (typeof steps)[number];

/**
 * Erases one customer (docs/erasure.md).
 *
 * 1. `look`: the actor is told, and everybody who has something of the customer's forgets it. Then whoever was still
 *    writing has to be done.
 * 2. `count`: what lies in other tables is written down for the certificate, before anything of it is deleted.
 * 3. `delete`: until nothing is left.
 * 4. `close`: markers keep no more than that they are ones.
 */
export const eraseKind = scanKind<EraseParams>({
  kind: ERASE,
  async open(job, cursor, ports) {
    let step = (cursor ?? 'look') as Step;
    return {
      async next() {
        const done = await stepTo[step](job, ports);
        if (done.cursor !== undefined) step = done.cursor as Step;
        return done;
      },
    };
  },
  result: async ({ job, kept }) => certificateOf(job, job.params, await kept()),
});

const page = (next: Step | undefined, more: Partial<SourcePage> = {}): SourcePage => ({
  counts: {},
  ...(next !== undefined && { cursor: next }),
  ...more,
});

/** Of actors that answer within seconds, and of one that stands in a queue. */
const FIRST_LOOK_SECONDS = 2;
const NEXT_LOOK_SECONDS = 15;

const stepTo: { readonly [S in Step]: (job: JobOf<EraseParams>, ports: ScanPorts) => Promise<SourcePage> } = {
  async look(job, ports) {
    const standing = await standingOf(job, ports);
    if (standing.st === 'settled') return page('count', { counts: { profiles: standing.parts.own.length } });
    if (standing.st === 'untold') await tellErasure(wantedIn(job), ports);
    return page('look', { counts: { [standing.st]: 1 }, waitSeconds: secondsUntil(standing, ports.clock()) });
  },

  async count(job, ports) {
    const parts = await settled(job, ports);
    if (parts === undefined) return page('look');
    const inventory = await inventoryOf(parts, await erasing(parts, ports), ports.remains);
    return page('delete', { keep: inventory, counts: { items: inventory.items } });
  },

  async delete(job, ports) {
    const parts = await settled(job, ports);
    if (parts === undefined) return page('look');
    const deleted = await removeRemains(await erasing(parts, ports), ports);
    return page(deleted > 0 ? 'delete' : 'close', { counts: { deleted } });
  },

  async close(job, ports) {
    const standing = await standingOf(job, ports);
    // Somebody who gave themselves up to this customer has come late.
    if (standing.st !== 'settled') return page('look');
    const open = standing.parts.own.filter(({ erased }) => erased.left !== undefined);
    if (open.length === 0) return page(undefined);
    await closeErasure(job.id, { ...standing.parts, own: open }, ports);
    return page('close', { waitSeconds: FIRST_LOOK_SECONDS });
  },
};

const wantedIn = ({ id, at, params }: JobOf<EraseParams>) => ({ job: id, key: params.key, at: params.at ?? at });
const standingOf = (job: JobOf<EraseParams>, ports: ScanPorts): Promise<Standing> =>
  lookAtErasure(wantedIn(job), ports);

async function settled(job: JobOf<EraseParams>, ports: ScanPorts): Promise<Parts | undefined> {
  const standing = await standingOf(job, ports);
  return standing.st === 'settled' ? standing.parts : undefined;
}

async function erasing(parts: Parts, ports: ScanPorts) {
  const { policy } = await ports.catalogs.current(Math.max(...parts.own.map(({ epoch }) => epoch)), [], true);
  return erasingOf(ports.profiles, parts, keepsSuppressions(policy));
}

function secondsUntil(standing: Standing, now: number): number {
  if (standing.st === 'settling') return Math.max(1, Math.ceil((standing.until - now) / SECOND_MS));
  return standing.st === 'untold' ? FIRST_LOOK_SECONDS : NEXT_LOOK_SECONDS;
}
