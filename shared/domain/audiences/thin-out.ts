/** How much of a series is kept as it is, and what becomes of the rest: each tier takes its newest buckets, the next one what is older. */
export interface Thinning {
  /** So many of the newest single occurrences stay exact. */
  readonly exact: number;
  /** The last one takes all that is left. */
  readonly tiers: readonly { readonly sizeMs: number; readonly keep: number }[];
}

interface Entry {
  readonly at: number;
  readonly count: number;
}

/**
 * A bucket stands at its start. What comes out depends on the occurrences alone and not on the order in which they came, as
 * far as `merge` does not: a newer one only ever moves older ones into coarser buckets.
 *
 * @param newestFirst with a stable order among equals; @returns oldest first.
 */
export function thinOut<T extends Entry>(
  newestFirst: readonly T[],
  { exact, tiers }: Thinning,
  merge: (bucket: T | undefined, entry: T, start: number) => T,
): T[] {
  const kept = newestFirst.filter(({ count }) => count === 1).slice(0, exact);
  const exactOnes = new Set(kept);
  let rest = newestFirst.filter((entry) => !exactOnes.has(entry));
  if (rest.length === 0) return kept.reverse();
  for (const { sizeMs, keep } of tiers) {
    const buckets = new Map<number, T>();
    for (const entry of rest) {
      const start = bucketOf(entry.at, sizeMs);
      buckets.set(start, merge(buckets.get(start), entry, start));
    }
    const all = [...buckets.values()];
    kept.push(...all.slice(0, keep));
    rest = all.slice(keep);
  }
  return kept.sort((a, b) => a.at - b.at || a.count - b.count);
}

export const bucketOf = (at: number, sizeMs: number): number => Math.floor(at / sizeMs) * sizeMs;
