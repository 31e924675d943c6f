import { TooMany, Transient } from '../../kernel/errors.ts';
import { MINUTE_MS } from '../../kernel/time.ts';
import type { Clock, CounterStore } from '../ports.ts';

/** Each container may use so much of a limit in a minute without asking, and asks for as much at a time from then on. */
const SHARES = 20;

interface Window {
  readonly minute: number;
  /** What the container may still give out. */
  left: number;
  /** Where the shared counter stood last; it only grows, so what does not fit behind that never will. */
  seen: number;
}

export interface KeyRate {
  /** Throws TooMany. @param cost how many of the limit; more than the limit counts as the limit, or it could never pass. */
  require(id: string, perMinute: number, cost: number): Promise<void>;
}

/**
 * How much one key may do in a calendar minute, by all containers together.
 *
 * 1. A container gives out a twentieth of the limit by itself, then blocks of that size from a counter in Limits: who stays
 *    below a twentieth costs nothing, who reaches the limit costs twenty writes a minute and two per container that refuses.
 * 2. One container alone: never more than the limit. N of them: at most limit × (1 + (N − 1) / 20). Across the edge of a minute,
 *    twice that in any sixty seconds.
 * 3. While the counter cannot be asked nobody is refused: it guards against floods, and events must not be lost for it.
 */
export function keyRate(store: CounterStore, clock: Clock): KeyRate {
  const windows = new Map<string, Window>();
  return {
    async require(id, perMinute, cost) {
      const now = clock();
      const minute = Math.floor(now / MINUTE_MS);
      const share = Math.max(1, Math.floor(perMinute / SHARES));
      const wanted = Math.min(cost, perMinute);
      let window = windows.get(id);
      if (window?.minute !== minute) {
        if (windows.size >= 1_000) windows.clear();
        window = { minute, left: share, seen: 0 };
        windows.set(id, window);
      }
      if (window.left < wanted) await extend(id, window, { perMinute, share, wanted });
      if (window.left >= wanted) {
        window.left -= wanted;
        return;
      }
      throw tooMany(perMinute, cost, Math.ceil(((minute + 1) * MINUTE_MS - now) / 1_000));
    },
  };

  interface Limit {
    readonly perMinute: number;
    readonly share: number;
    readonly wanted: number;
  }

  async function extend(id: string, window: Window, { perMinute, share, wanted }: Limit): Promise<void> {
    const missing = wanted - window.left;
    const name = `rate#${window.minute}`;
    const counter = { journey: `key#${id}`, name, over: (window.minute + 2) * MINUTE_MS };
    // The first share is given out without asking, by one container at least.
    const within = { floor: 0, ceiling: perMinute - share };
    try {
      for (const block of new Set([Math.max(share, missing), missing])) {
        if (window.seen + block > within.ceiling) continue;
        const { taken, at } = await store.advance(counter, block, within, window.seen);
        window.seen = at + (taken ? block : 0);
        if (taken) {
          window.left += block;
          return;
        }
      }
    } catch (error) {
      if (!(error instanceof Transient)) throw error;
      window.left += Math.max(share, missing);
    }
  }
}

function tooMany(perMinute: number, cost: number, retryAfterSeconds: number): TooMany {
  const detail = `this key may do ${perMinute} a minute; this request has ${cost}, and is not begun`;
  const problem = { pointer: '', code: 'key.rate', detail: 'perMinute of the key', limit: perMinute, actual: cost };
  return new TooMany('key.rate', detail, retryAfterSeconds, [{ ...problem, fix: 'wait as long as Retry-After says' }]);
}
