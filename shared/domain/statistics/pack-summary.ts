import type { BaseSummary } from './base-summary.ts';
import type { Sketch } from './sketch.ts';

/** As plain JSON. Bins in ascending order, each as its distance from the one before and its count: small numbers pack well. */
export interface PackedSummary {
  readonly profiles: number;
  readonly traits: readonly PackedTrait[];
}

type PackedTrait = readonly [
  name: string,
  n: number,
  mean: number,
  m2: number,
  zero: number,
  isWhole: 0 | 1,
  positive: readonly number[],
  negative: readonly number[],
];

export const packSummary = ({ profiles, traits }: BaseSummary): PackedSummary => ({
  profiles,
  traits: [...traits].map(([name, { moments, sketch }]) => [
    name,
    moments.n,
    moments.mean,
    moments.m2,
    sketch.zero,
    sketch.isWhole ? 1 : 0,
    packBins(sketch.positive),
    packBins(sketch.negative),
  ]),
});

export const unpackSummary = ({ profiles, traits }: PackedSummary): BaseSummary => ({
  profiles,
  traits: new Map(
    traits.map(([name, n, mean, m2, zero, isWhole, positive, negative]) => [
      name,
      {
        moments: { n, mean, m2 },
        sketch: { zero, isWhole: isWhole === 1, positive: unpackBins(positive), negative: unpackBins(negative) },
      },
    ]),
  ),
});

function packBins(bins: Sketch['positive']): number[] {
  let before = 0;
  return [...bins]
    .sort(([a], [b]) => a - b)
    .flatMap(([bin, count]) => {
      const step = bin - before;
      before = bin;
      return [step, count];
    });
}

function unpackBins(packed: readonly number[]): Sketch['positive'] {
  const bins = new Map<number, number>();
  let bin = 0;
  for (let i = 0; i + 1 < packed.length; i += 2) {
    bin += packed[i]!;
    bins.set(bin, packed[i + 1]!);
  }
  return bins;
}
