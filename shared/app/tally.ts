import type { Count } from '../domain/decision.ts';
import { formatInstant } from '../kernel/time.ts';
import type { Metrics, StatsStore, Tally } from './ports.ts';

export interface Counted {
  readonly at: number;
  readonly counts: readonly Count[];
}

/** One ADD per journey, version and day for a whole batch. Live counters are approximate: losing them fails nothing. */
export async function addTallies(
  counted: readonly Counted[],
  spread: string,
  ports: { readonly stats: StatsStore; readonly metrics: Metrics },
): Promise<void> {
  const tallies = new Map<string, Tally & { readonly counts: Record<string, number> }>();
  for (const { at, counts } of counted) {
    const day = formatInstant(at).slice(0, 10);
    for (const { journey, version, what, amount = 1 } of counts) {
      const name = `${journey}@${version}/${day}`;
      const tally = tallies.get(name) ?? { journey, version, day, counts: {} };
      tallies.set(name, tally);
      tally.counts[what] = (tally.counts[what] ?? 0) + amount;
    }
  }
  if (tallies.size === 0) return;
  try {
    await ports.stats.add([...tallies.values()], spread);
  } catch {
    ports.metrics.count('StatsLost', tallies.size);
  }
}
