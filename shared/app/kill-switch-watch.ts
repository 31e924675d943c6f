import type { KillSwitch } from '../domain/messaging/kill-switch.ts';
import { stoppedBy } from '../domain/messaging/stopped-by.ts';

export type KillSwitchAnswer =
  | { readonly go: true }
  | { readonly stoppedBy: KillSwitch }
  | { readonly unreadable: true };

/** A switch is looked at again after this time. */
const refreshMs = 10_000;
/** What was read last is believed for this long while reading fails; after that nothing is sent (guarantee G9). */
const believeMs = 30_000;

export type KillSwitchWatch = (message: {
  readonly channel: string;
  readonly journey?: string;
}) => Promise<KillSwitchAnswer>;

export function killSwitchWatch(read: () => Promise<readonly KillSwitch[]>, now: () => number): KillSwitchWatch {
  let last: { readonly switches: readonly KillSwitch[]; readonly at: number } | undefined;
  return async (message) => {
    if (last === undefined || now() - last.at >= refreshMs) {
      const askedAt = now();
      try {
        last = { switches: await read(), at: askedAt };
      } catch {
        if (last === undefined || now() - last.at >= believeMs) return { unreadable: true };
      }
    }
    const killSwitch = stoppedBy(last.switches, message);
    return killSwitch === undefined ? { go: true } : { stoppedBy: killSwitch };
  };
}
