import { digest, type ProfileKey } from '../../kernel/ids.ts';
import { MINUTE_MS, SECOND_MS } from '../../kernel/time.ts';
import { timing } from '../../resources.ts';
import type { Clock, Mailbox, ProfileStore } from '../ports.ts';
import { findParts, type Parts, rootOf } from './find-parts.ts';
import type { Erasing, Remains } from './ports.ts';

export interface ErasePorts {
  readonly clock: Clock;
  readonly profiles: Pick<ProfileStore, 'read'>;
  readonly mailbox: Mailbox;
  readonly remains: Remains;
}

export interface Wanted {
  readonly job: string;
  /** Whom the caller named. */
  readonly key: ProfileKey;
  /** When it was asked for. */
  readonly at: number;
}

/**
 * Who committed before the erasure may still be writing what came of it: until its invocation is over. Behind that nothing
 * is written of the incarnation before.
 */
export const SETTLES_MS = (timing.visibilityTimeoutSeconds + timing.evaluateTimeoutSeconds) * SECOND_MS;

/** Tells the actor, under the same id within a few minutes; what was told before is done or does nothing. */
export async function tellErasure({ job, key, at }: Wanted, { clock, profiles, mailbox }: ErasePorts): Promise<void> {
  const to = await rootOf(profiles, key);
  const received = clock();
  const id = digest('erase', job, to, String(Math.floor(received / (10 * MINUTE_MS))));
  await mailbox.send([{ id, mail: { schema: 1, key: to, received, hop: 0, records: [{ t: 'erase', job, at }] } }]);
}

export type Standing =
  | { readonly st: 'untold' | 'pending' }
  | { readonly st: 'settling'; readonly until: number; readonly parts: Parts }
  | { readonly st: 'settled'; readonly parts: Parts };

/** How far the actors have come. */
export async function lookAtErasure({ key, at }: Wanted, { clock, profiles }: ErasePorts): Promise<Standing> {
  const parts = await findParts(profiles, key, at);
  if (parts === undefined) return { st: 'untold' };
  if (parts.isPending) return { st: 'pending' };
  const until = Math.max(...parts.own.map(({ erased: { at: decided, left } }) => left?.since ?? decided)) + SETTLES_MS;
  return clock() < until ? { st: 'settling', until, parts } : { st: 'settled', parts };
}

/** Deletes what lies elsewhere; answers how much it was. To be done until there is nothing. */
export async function removeRemains(erasing: readonly Erasing[], { remains }: ErasePorts): Promise<number> {
  let removed = 0;
  for (const one of erasing) removed += await remains.remove(one);
  return removed;
}

/** The markers keep no more than that they are ones. */
export async function closeErasure(job: string, { own }: Parts, { clock, mailbox }: ErasePorts): Promise<void> {
  const received = clock();
  await mailbox.send(
    own.map(({ key, erased: { at } }) => ({
      id: digest('purged', job, key, String(Math.floor(received / MINUTE_MS))),
      mail: { schema: 1, key, received, hop: 0, records: [{ t: 'purged', at }] } as const,
    })),
  );
}
