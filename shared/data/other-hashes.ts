import type { Clock } from '../app/ports.ts';
import type { Channel } from '../domain/messaging/channel.ts';

/** How long "there are none" is believed: the first such address of an environment counts within a minute. */
const BELIEVED_MS = 60_000;

/**
 * Whether a channel has addresses that stand under another hash than ours: of which only the SHA-256 is known, or of whoever was erased. Most environments have none, and must not pay a second read
 * for every message; so one mark says it, and each container looks at the mark once a minute until it is there.
 */
export function otherHashes(
  look: (channel: Channel) => Promise<boolean>,
  mark: (channel: Channel) => Promise<void>,
  now: Clock,
) {
  const known = new Map<Channel, { readonly has: boolean; readonly at: number }>();
  return {
    async has(channel: Channel): Promise<boolean> {
      const believed = known.get(channel);
      if (believed?.has === true) return true;
      if (believed !== undefined && now() - believed.at < BELIEVED_MS) return false;
      const has = await look(channel);
      known.set(channel, { has, at: now() });
      return has;
    },
    /** Before the first address. */
    async add(channel: Channel): Promise<void> {
      if (known.get(channel)?.has === true) return;
      await mark(channel);
      known.set(channel, { has: true, at: now() });
    },
  };
}
