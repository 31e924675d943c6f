import { describe, expect, it } from 'vitest';
import {
  addSummaries,
  type BaseSummary,
  noSummary,
  statisticsOf,
  summaryOf,
} from '../../../shared/domain/statistics/base-summary.ts';
import { packSummary, unpackSummary } from '../../../shared/domain/statistics/pack-summary.ts';
import { LARGEST, RELATIVE_ERROR, SMALLEST } from '../../../shared/domain/statistics/sketch.ts';
import { MAX_TRAITS_COUNTED, type TraitStatistics } from '../../../shared/domain/statistics/statistics.ts';
import fc from '../../property.ts';

/** Amounts, small whole numbers, instants, and what is far from all of them. */
const number = fc.oneof(
  fc.double({ min: -LARGEST, max: LARGEST, noNaN: true }),
  fc.integer({ min: 0, max: 20 }),
  fc.double({ min: 0, max: 500, noNaN: true }),
  fc.integer({ min: 1.7e12, max: 1.8e12 }),
);
const numbers = fc.array(number, { minLength: 1, maxLength: 200 });

const of = (all: readonly number[], name = 'x'): BaseSummary => summaryOf(all.map((x) => new Map([[name, x]])));
const found = (summary: BaseSummary): TraitStatistics => statisticsOf(summary, 0, new Set()).traits['x']!;
const atRank = (all: readonly number[], q: number) => all.toSorted((a, b) => a - b)[Math.floor(q * (all.length - 1))]!;

describe('statistics of the base', () => {
  it('of a table of small heaps', () => {
    expect(found(of([2]))).toEqual({ n: 1, mean: 2, sd: 0, quintiles: [2, 2, 2, 2] });
    expect(found(of([1, 2, 3, 4, 5, 6]))).toEqual({
      n: 6,
      mean: 3.5,
      sd: Math.sqrt(35 / 12),
      quintiles: [2, 3, 4, 5],
    });
    expect(found(of([-3, 0, 0, 3])).quintiles).toEqual([-3, 0, 0, 0]);
    expect(statisticsOf(noSummary, 7, new Set())).toEqual({ schemaVersion: 1, at: 7, profiles: 0, traits: {} });
  });

  it('keeps the spread of what lies far from zero, where sums of squares lose it', () => {
    const instants = [0, 1, 2, 3, 4].map((ms) => 1_795_341_600_000 + ms);
    expect(found(of(instants)).sd).toBeCloseTo(Math.sqrt(2), 9);
    expect(found(instants.map((one) => of([one])).reduce(addSummaries)).sd).toBeCloseTo(Math.sqrt(2), 3);
  });

  it('property: quintiles are within the stated error of the number at their rank', () => {
    fc.assert(
      fc.property(numbers, (all) => {
        for (const [index, answer] of found(of(all)).quintiles.entries()) {
          const exact = atRank(all, (index + 1) / 5);
          const tolerance = Math.abs(exact) * RELATIVE_ERROR * (1 + 1e-9);
          expect(Math.abs(answer - exact)).toBeLessThanOrEqual(Math.abs(exact) < SMALLEST ? SMALLEST : tolerance);
        }
      }),
    );
  });

  it('property: of small whole numbers they are exact', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -49, max: 49 }), { minLength: 1, maxLength: 100 }), (all) => {
        const exact = [0.2, 0.4, 0.6, 0.8].map((q) => atRank(all, q) + 0);
        expect(found(of(all)).quintiles.map((x) => x + 0)).toEqual(exact);
      }),
    );
  });

  it('property: pages of any size, packed, in any order, add up to what all profiles are at once', () => {
    const pages = fc.array(fc.array(number, { maxLength: 40 }), { minLength: 1, maxLength: 8 });
    const any = fc.tuple(pages, fc.infiniteStream(fc.integer({ min: 0, max: 1_000 })));
    fc.assert(
      fc.property(any, ([all, order]) => {
        fc.pre(all.some((page) => page.length > 0));
        const stored = all.map((page) => JSON.stringify(packSummary(of(page))));
        const shuffled = stored
          .map((page): [number, string] => [order.next().value, page])
          .sort(([a], [b]) => a - b)
          .map(([, page]) => unpackSummary(JSON.parse(page)));
        const sum = found(shuffled.reduce(addSummaries, noSummary));
        const whole = found(of(all.flat()));
        const scale = Math.max(1, ...all.flat().map(Math.abs));
        expect(sum.n).toBe(whole.n);
        expect(sum.quintiles).toEqual(whole.quintiles);
        expect(Math.abs(sum.mean - whole.mean) / scale).toBeLessThan(1e-12);
        // Where all numbers are nearly the same, what is left of them is rounding: about the root of the last digit.
        expect(Math.abs(sum.sd - whole.sd) / scale).toBeLessThan(1e-7);
      }),
    );
  });

  it(`names ${MAX_TRAITS_COUNTED} traits: those that are asked for first, then those of the most profiles`, () => {
    const profiles = Array.from(
      { length: 3 },
      (_, index) => new Map(Array.from({ length: 150 }, (_, name): [string, number] => [`t${name}`, index])),
    );
    profiles.push(new Map([['common', 1]]), ...Array.from({ length: 5 }, () => new Map([['common', 1]])));
    profiles.push(new Map([['rare', 1]]));
    const { traits, profiles: seen } = statisticsOf(summaryOf(profiles), 0, new Set(['rare', 'nobody-has-it']));
    expect(seen).toBe(10);
    expect(Object.keys(traits)).toHaveLength(MAX_TRAITS_COUNTED);
    expect(traits['rare']).toMatchObject({ n: 1 });
    expect(traits['common']).toMatchObject({ n: 6 });
  });
});
