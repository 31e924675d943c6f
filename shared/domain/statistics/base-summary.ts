import { addMoments, deviationOf, type Moments } from './moments.ts';
import { addSketches, quantilesOf, type Sketch, sketchOf } from './sketch.ts';
import { MAX_TRAITS_COUNTED, type Statistics, type TraitStatistics } from './statistics.ts';

interface TraitSummary {
  readonly moments: Moments;
  readonly sketch: Sketch;
}

/** What some profiles add up to. Two of them, of different profiles, add up to that of both. */
export interface BaseSummary {
  readonly profiles: number;
  readonly traits: ReadonlyMap<string, TraitSummary>;
}

export const noSummary: BaseSummary = { profiles: 0, traits: new Map() };

/**
 * Names in one summary: of more, those of the most profiles. Who names traits by the day or by an order has any number
 * of them, and none that is worth a mean.
 */
const MAX_NAMES = 1_000;

/** @param numbers of each profile, by name. */
export function summaryOf(numbers: Iterable<ReadonlyMap<string, number>>): BaseSummary {
  let profiles = 0;
  const byName = new Map<string, number[]>();
  for (const of of numbers) {
    profiles += 1;
    for (const [name, x] of of) {
      const all = byName.get(name);
      if (all === undefined) byName.set(name, [x]);
      else all.push(x);
    }
  }
  const traits = [...byName].map(([name, all]): [string, TraitSummary] => [
    name,
    { moments: momentsOf(all), sketch: sketchOf(all) },
  ]);
  return { profiles, traits: commonest(new Map(traits)) };
}

/** In two passes, which is exact to the last digits. */
function momentsOf(all: readonly number[]): Moments {
  const n = all.length;
  const mean = all.reduce((sum, x) => sum + x, 0) / n;
  return { n, mean, m2: all.reduce((sum, x) => sum + (x - mean) ** 2, 0) };
}

export function addSummaries(a: BaseSummary, b: BaseSummary): BaseSummary {
  const traits = new Map(a.traits);
  for (const [name, more] of b.traits) {
    const before = traits.get(name);
    const both = before && {
      moments: addMoments(before.moments, more.moments),
      sketch: addSketches(before.sketch, more.sketch),
    };
    traits.set(name, both ?? more);
  }
  return { profiles: a.profiles + b.profiles, traits: commonest(traits) };
}

function commonest(traits: BaseSummary['traits']): BaseSummary['traits'] {
  if (traits.size <= MAX_NAMES) return traits;
  return new Map([...traits].sort(byProfiles).slice(0, MAX_NAMES));
}

const byProfiles = ([nameA, a]: [string, TraitSummary], [nameB, b]: [string, TraitSummary]) =>
  b.moments.n - a.moments.n || (nameA < nameB ? -1 : 1);

/** @param first names that are in it before others; of the rest those of the most profiles. */
export function statisticsOf({ profiles, traits }: BaseSummary, at: number, first: ReadonlySet<string>): Statistics {
  const chosen = [...traits]
    .sort((a, b) => Number(first.has(b[0])) - Number(first.has(a[0])) || byProfiles(a, b))
    .slice(0, MAX_TRAITS_COUNTED)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    schemaVersion: 1,
    at,
    profiles,
    traits: Object.fromEntries(chosen.map(([name, one]) => [name, toStatistics(one)])),
  };
}

const toStatistics = ({ moments, sketch }: TraitSummary): TraitStatistics => ({
  n: moments.n,
  mean: moments.mean,
  sd: deviationOf(moments),
  quintiles: quantilesOf(sketch, [0.2, 0.4, 0.6, 0.8]) as [number, number, number, number],
});
