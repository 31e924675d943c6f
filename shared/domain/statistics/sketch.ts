/**
 * Quantiles of a heap of numbers that is never held: DDSketch (Masson, Rim and Lee, VLDB 2019, arXiv 1908.10693).
 * Numbers fall into bins that grow by γ = (1 + α) / (1 − α); number x lies in bin ⌈log_γ x⌉, and a bin answers
 * 2·γ^i / (γ + 1), which is nowhere farther than α · x from any number in it.
 *
 * 1. Bins are counters: two sketches add up, in any order, to the sketch of both heaps.
 * 2. What a quantile answers is within `RELATIVE_ERROR` of the number at rank ⌊q · (n − 1)⌋.
 * 3. Where all numbers are whole, what is below 50 is answered exactly: bins are narrower than 1 there, and scores by
 *    quintiles live on small whole numbers (1, 2 or 3 purchases).
 * 4. There are at most 2 · 2,764 bins: what is nearer to zero than `SMALLEST` counts as zero, and what is beyond `LARGEST`
 *    is not counted (`isCountable`).
 */
export interface Sketch {
  readonly zero: number;
  readonly isWhole: boolean;
  /** By bin, how many; of negative numbers by the bin of what they are without their sign. */
  readonly positive: ReadonlyMap<number, number>;
  readonly negative: ReadonlyMap<number, number>;
}

export const RELATIVE_ERROR = 0.01;
export const SMALLEST = 1e-9;
export const LARGEST = 1e15;
const EXACT_BELOW = 50;
const gamma = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const logGamma = Math.log(gamma);

export const isCountable = (x: unknown): x is number => typeof x === 'number' && Math.abs(x) <= LARGEST;

export function sketchOf(numbers: Iterable<number>): Sketch {
  let zero = 0;
  let isWhole = true;
  const positive = new Map<number, number>();
  const negative = new Map<number, number>();
  for (const x of numbers) {
    isWhole &&= Number.isInteger(x);
    const size = Math.abs(x);
    if (size < SMALLEST) zero += 1;
    else {
      const bins = x > 0 ? positive : negative;
      const bin = Math.ceil(Math.log(size) / logGamma);
      bins.set(bin, (bins.get(bin) ?? 0) + 1);
    }
  }
  return { zero, isWhole, positive, negative };
}

export const addSketches = (a: Sketch, b: Sketch): Sketch => ({
  zero: a.zero + b.zero,
  isWhole: a.isWhole && b.isWhole,
  positive: addBins(a.positive, b.positive),
  negative: addBins(a.negative, b.negative),
});

function addBins(a: Sketch['positive'], b: Sketch['positive']): Sketch['positive'] {
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  const sum = new Map(large);
  for (const [bin, count] of small) sum.set(bin, (sum.get(bin) ?? 0) + count);
  return sum;
}

/** @param qs between 0 and 1, ascending; of a sketch that has a number. */
export function quantilesOf(sketch: Sketch, qs: readonly number[]): number[] {
  const ascending = (bins: Sketch['positive']) => [...bins].sort(([a], [b]) => a - b);
  const value = (bin: number) => {
    const answer = (2 * gamma ** bin) / (gamma + 1);
    return sketch.isWhole && answer < EXACT_BELOW ? Math.round(answer) : answer;
  };
  const heaps: [value: number, count: number][] = [
    ...ascending(sketch.negative)
      .reverse()
      .map(([bin, count]): [number, number] => [-value(bin), count]),
    [0, sketch.zero],
    ...ascending(sketch.positive).map(([bin, count]): [number, number] => [value(bin), count]),
  ];
  const n = heaps.reduce((sum, [, count]) => sum + count, 0);
  let heap = 0;
  let below = 0;
  return qs.map((q) => {
    const rank = Math.floor(q * (n - 1));
    while (heap < heaps.length - 1 && below + heaps[heap]![1] <= rank) {
      below += heaps[heap]![1];
      heap += 1;
    }
    return heaps[heap]![0];
  });
}
