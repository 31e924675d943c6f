import type { Window } from './schema.ts';
import { spansAround } from './zone.ts';

/**
 * Times of day at which something may (or, as quiet hours, may not) happen.
 *
 * 1. A window belongs to the day on which it opens: `{ days: ['fri'], from: '22:00', to: '06:00' }` lasts until
 *    Saturday morning. `from` later than `to` crosses midnight; `from` equal to `to` is 24 hours.
 * 2. It is open from `from` (included) to `to` (excluded).
 */

export function isInWindows(instantMs: number, windows: readonly Window[], zone: string): boolean {
  return closing(instantMs, windows, zone) !== undefined;
}

/** The soonest instant inside a window: `instantMs` itself when one is open. Undefined only for an empty list. */
export function nextWindowOpening(instantMs: number, windows: readonly Window[], zone: string): number | undefined {
  let soonest: number | undefined;
  for (const window of windows) {
    // A week and a day; another week for a window that a change of clocks swallowed whole.
    for (const { opens, closes } of spansAround(instantMs, window, zone, 15)) {
      if (closes <= instantMs) continue;
      const opening = Math.max(opens, instantMs);
      if (soonest === undefined || opening < soonest) soonest = opening;
      break;
    }
  }
  return soonest;
}

/**
 * The first instant from `instantMs` on at which no window is open: `instantMs` itself when none is, null when the
 * windows leave no gap in the whole week. Windows that touch are one.
 */
export function windowCloses(instantMs: number, windows: readonly Window[], zone: string): number | null {
  let end = instantMs;
  // Each round passes at least one of the spans of nine days: `windows.length * 11` of them at most.
  for (let round = 0; round <= windows.length * 11; round += 1) {
    const closes = closing(end, windows, zone);
    if (closes === undefined) return end;
    end = closes;
    if (end - instantMs > 8 * 86_400_000) return null;
  }
  return null;
}

function closing(instantMs: number, windows: readonly Window[], zone: string): number | undefined {
  let latest: number | undefined;
  for (const window of windows) {
    for (const { opens, closes } of spansAround(instantMs, window, zone, 1)) {
      if (opens <= instantMs && instantMs < closes && (latest === undefined || closes > latest)) latest = closes;
    }
  }
  return latest;
}
