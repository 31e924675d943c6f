import { describe, expect, it } from 'vitest';
import { accumulate, joinAccumulators } from '../../../shared/domain/computed-traits/accumulate.ts';
import { type Accumulator, EXACT_IN_WINDOW } from '../../../shared/domain/computed-traits/accumulator.ts';
import type { Declared } from '../../../shared/domain/computed-traits/computed-trait.ts';
import { feedOf } from '../../../shared/domain/computed-traits/feed.ts';
import { counted } from '../../../shared/domain/computed-traits/presets.ts';
import { type Asked, valueAt } from '../../../shared/domain/computed-traits/value-at.ts';
import { jsonBytes } from '../../../shared/domain/profiles/limits.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../shared/kernel/time.ts';
import fc from '../../property.ts';
import { type Bought, declared, naiveValue } from './naive.ts';

const START = Date.UTC(2026, 0, 1);
const zone = 'Europe/Berlin';
const total = { event: 'Bought', property: 'total' };
const sku = { event: 'Bought', property: 'sku' };
const within = 'P30D';

/** One of each function over all time, in a window, and decaying. */
const traits: readonly Declared[] = [
  declared({ function: 'count' }),
  declared({ function: 'count', within }),
  declared({ function: 'count', decay: {} }),
  ...(['sum', 'average', 'min', 'max'] as const).flatMap((what) => [
    declared({ function: what, of: total }),
    declared({ function: what, of: total, within: 'PT12H' }),
    declared({ function: what, of: total, within }),
  ]),
  declared({ function: 'sum', of: total, decay: { halfLife: 'P7D' } }),
  declared({ function: 'average', of: total, decay: { halfLife: 'P7D' } }),
  ...(['first', 'last', 'unique', 'most-frequent'] as const).flatMap((what) => [
    declared({ function: what, of: sku }),
    declared({ function: what, of: sku, within }),
  ]),
  declared({ function: 'first' }),
  declared({ function: 'last' }),
  declared({ function: 'last', within }),
  declared({ function: 'list', of: sku, last: 5 }),
  declared({ function: 'list', of: total, within, last: 3 }),
  declared({ function: 'most-frequent', of: sku, top: 3 }),
  declared({ function: 'most-frequent', of: sku, top: 3, within }),
];
const named = traits.map(
  (one) => [[one.function, one.within, one.decay ? 'decay' : '', one.of.property ?? ''].join(' '), one] as const,
);

const bought: fc.Arbitrary<Bought> = fc.record({
  at: fc.integer({ min: 0, max: 60 * 24 * 60 }).map((minutes) => START + minutes * MINUTE_MS + 7),
  total: fc.integer({ min: -500, max: 9_999 }).map((cents) => cents / 100),
  sku: fc.constantFrom('a', 'b', 'c', 'd', 'ü'),
});
/** As many as a window keeps exactly. */
const story = fc.array(bought, { minLength: 1, maxLength: EXACT_IN_WINDOW });

const fed = (trait: Declared, { at, total: value, sku: text }: Bought) => [
  trait.of.property === undefined ? { at } : { at, value: trait.of.property === 'total' ? value : text },
];
const accumulated = (trait: Declared, all: readonly Bought[]): Accumulator | undefined =>
  all.reduce<Accumulator | undefined>((acc, one) => accumulate(acc, fed(trait, one), feedOf(trait)), undefined);
const asked = (trait: Declared): Asked => (counted(trait, 'x') as { readonly asked: Asked }).asked;
const valueThen = (trait: Declared, acc: Accumulator | undefined, now: number) =>
  valueAt(asked(trait), acc, { now, zone });

function expectSame(actual: unknown, expected: unknown): void {
  if (typeof expected === 'number')
    expect(actual).toSatisfy((n: number) => Math.abs(n - expected) <= 2e-5 + 1e-5 * Math.abs(expected));
  else expect(actual).toEqual(expected);
}

describe.each(named)('%s', (_name, trait) => {
  it('is what its definition says of all that happened, at every instant', () => {
    fc.assert(
      fc.property(story, fc.integer({ min: 0, max: 120 * 24 * 60 }), (all, minutes) => {
        const now = START + minutes * MINUTE_MS;
        const known = all.filter(({ at }) => at <= now);
        expectSame(valueThen(trait, accumulated(trait, known), now).value, naiveValue(trait, known, now, zone));
      }),
    );
  });

  it('stays until validUntil, and not at it', () => {
    fc.assert(
      fc.property(
        story,
        fc.integer({ min: 0, max: 120 * 24 * 60 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (all, minutes, part) => {
          const now = START + minutes * MINUTE_MS;
          const acc = accumulated(
            trait,
            all.filter(({ at }) => at <= now),
          );
          const { value, validUntil, halfLifeMs } = valueThen(trait, acc, now);
          if (halfLifeMs !== undefined) return;
          const later = validUntil ?? now + 500 * DAY_MS;
          expect(valueThen(trait, acc, now + Math.floor((later - now) * part)).value).toEqual(value);
          expect(valueThen(trait, acc, later - 1).value).toEqual(value);
          if (validUntil !== null) expect(valueThen(trait, acc, validUntil).value).not.toEqual(value);
        },
      ),
    );
  });

  it('does not depend on the order in which things came, nor on how two people were one', () => {
    fc.assert(
      fc.property(
        story,
        fc.array(fc.nat(), { minLength: EXACT_IN_WINDOW, maxLength: EXACT_IN_WINDOW }),
        fc.nat({ max: EXACT_IN_WINDOW }),
        (all, keys, cut) => {
          const shuffled = all
            .map((one, i) => ({ one, key: keys[i]! }))
            .sort((a, b) => a.key - b.key)
            .map(({ one }) => one);
          const now = START + 61 * DAY_MS;
          const one = valueThen(trait, accumulated(trait, all), now).value;
          expectSame(valueThen(trait, accumulated(trait, shuffled), now).value, one);
          const [a, b] = [accumulated(trait, shuffled.slice(0, cut)), accumulated(trait, shuffled.slice(cut))];
          if (a === undefined || b === undefined) return;
          expect(joinAccumulators(a, b)).toEqual(joinAccumulators(b, a));
          expectSame(valueThen(trait, joinAccumulators(a, b), now).value, one);
        },
      ),
    );
  });

  it('joins three people in any order alike', () => {
    fc.assert(
      fc.property(story, story, story, (x, y, z) => {
        const [a, b, c] = [x, y, z].map((all) => accumulated(trait, all)!) as [Accumulator, Accumulator, Accumulator];
        const [left, right] = [
          joinAccumulators(joinAccumulators(a, b), c),
          joinAccumulators(a, joinAccumulators(b, c)),
        ];
        const now = START + 61 * DAY_MS;
        expectSame(valueThen(trait, left, now).value, valueThen(trait, right, now).value);
        if (left[0] !== 'd' && left[0] !== 'g') expect(left).toEqual(right);
      }),
    );
  });
});

describe('beyond what is exact', () => {
  const many = fc.array(bought, { minLength: 200, maxLength: 400 });

  it('a count in a window lacks at most what happened in the ten days at its edge', () => {
    const trait = declared({ function: 'count', within });
    fc.assert(
      fc.property(many, fc.integer({ min: 60, max: 90 }), (all, days) => {
        const now = START + days * DAY_MS;
        const exact = naiveValue(trait, all, now, zone) as number;
        const atEdge = all.filter(({ at }) => at >= now - 30 * DAY_MS - HOUR_MS && at < now - 20 * DAY_MS).length;
        const value = valueThen(trait, accumulated(trait, all), now).value as number;
        expect(value).toBeLessThanOrEqual(exact);
        expect(value).toBeGreaterThanOrEqual(exact - atEdge);
      }),
      { numRuns: 20 },
    );
  });

  it('depends on what happened and not on the order, whatever is thinned out', () => {
    const trait = declared({ function: 'sum', of: total, within: 'P400D' });
    fc.assert(
      fc.property(many, (all) => {
        const byTime = all.toSorted((a, b) => a.at - b.at);
        expect(accumulated(trait, all)!.slice(2)).toEqual(accumulated(trait, byTime)!.slice(2));
      }),
      { numRuns: 20 },
    );
  });

  it.each<[string, Declared, number]>([
    ['a window with extremes', declared({ function: 'max', of: total, within: 'P400D' }), 3_200],
    ['a window with sums', declared({ function: 'sum', of: total, within: 'P400D' }), 1_500],
    ['a window that counts', declared({ function: 'count', within: 'P400D' }), 700],
    ['different values', declared({ function: 'unique', of: sku }), 620],
    ['different values in a window', declared({ function: 'unique', of: sku, within: 'P400D' }), 1_500],
    ['the most frequent', declared({ function: 'most-frequent', of: sku }), 3_700],
    ['the last twenty', declared({ function: 'list', of: sku, last: 20 }), 1_600],
  ])('%s: never more than the stated bytes', (_case, trait, bytes) => {
    let acc: Accumulator | undefined;
    let seed = 1;
    for (let i = 0; i < 6_000; i += 1) {
      seed = (seed * 48_271) % 2_147_483_647;
      const at = START + ((seed % 400) + 0.37) * DAY_MS + (seed % 86_400_000);
      const long = `${seed}`.padEnd(62, 'x');
      acc = accumulate(
        acc,
        fed(trait, { at: Math.floor(at), total: 100_000 + (seed % 99_999) / 100, sku: long }),
        feedOf(trait),
      );
    }
    expect(jsonBytes(acc)).toBeLessThanOrEqual(bytes);
  });

  it('says a hundred of more different values', () => {
    const trait = declared({ function: 'unique', of: sku });
    const all = Array.from({ length: 150 }, (_, i) => ({ at: START + i, total: 1, sku: `s${i}` }));
    expect(valueThen(trait, accumulated(trait, all), START).value).toBe(100);
  });

  it('lets a new habit in among fifty old ones', () => {
    const trait = declared({ function: 'most-frequent', of: sku });
    const old = Array.from({ length: 150 }, (_, i) => ({ at: START + i, total: 1, sku: `s${i % 50}` }));
    const fresh = Array.from({ length: 10 }, (_, i) => ({ at: START + 200 + i, total: 1, sku: 'new' }));
    expect(valueThen(trait, accumulated(trait, [...old, ...fresh]), START).value).toBe('new');
  });
});
