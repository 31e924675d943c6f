import { canonicalJson, type Json } from '../../kernel/canonical-json.ts';
import type { DurationParts } from '../../kernel/duration.ts';
import { formatInstant, MINUTE_MS } from '../../kernel/time.ts';
import { addDuration } from '../../kernel/zone.ts';
import { type Found, lasting, missing } from '../audiences/found.ts';
import { DIGEST_LENGTH, readPairs, readRecent, readSeen } from './accumulate.ts';
import type { Accumulator, Occurred, Scalar } from './accumulator.ts';
import type { Declared } from './computed-trait.ts';
import { valueOfLog } from './decay.ts';
import { addNumbers, type Point, readSeries } from './series.ts';

/** What is asked of an accumulator. */
export interface Asked {
  readonly function: Declared['function'];
  readonly window?: DurationParts;
  readonly halfLifeMs?: number;
  /** Of `list`. */
  readonly last?: number;
  /** Of `most-frequent`: a list of so many, and not the first one alone. */
  readonly top?: number;
}

export interface Instant {
  readonly now: number;
  readonly zone: string;
}

/**
 * The value at `now`, and until when it stays. An occurrence counts from its instant until it leaves the window, by the
 * same rule as `did` and `withinLast`, so `validUntil` is the first of these instants at which another value comes out.
 *
 * @param accumulator undefined: nothing of it ever happened. A count, a sum and a number of values are then 0, anything else is missing.
 */
export function valueAt(asked: Asked, accumulator: Accumulator | undefined, at: Instant): Found {
  if (accumulator === undefined) return lasting(whenNothing(asked));
  const found = read(asked, accumulator, at);
  return accumulator[1] === 0 ? found : { ...found, completeSince: accumulator[1] * MINUTE_MS };
}

const whenNothing = ({ function: what }: Asked): Json | undefined =>
  what === 'count' || what === 'sum' || what === 'unique' ? 0 : undefined;

function read(asked: Asked, accumulator: Accumulator, at: Instant): Found {
  switch (accumulator[0]) {
    case 't': {
      const [, , count, sum, min, max] = accumulator;
      return lasting(ofNumbers(asked, count, sum === undefined ? undefined : { sum, min: min!, max: max! }));
    }
    case 'w':
    case 'x':
      return changing(readSeries(accumulator[2]), asked, at, (points) => {
        const count = points.reduce((all, point) => all + point.count, 0);
        const all = points.reduce<Point['numbers']>((sum, { numbers }) => addNumbers(sum, numbers).numbers, undefined);
        return ofNumbers(asked, count, all);
      });
    case 'd':
      return ofDecayed(asked, accumulator, at.now);
    case 'o': {
      const [, , when, value] = accumulator;
      return lasting(value ?? formatInstant(when));
    }
    case 'r':
      return changing(readRecent(accumulator), asked, at, (recent) => ofRecent(asked, recent));
    case 'u':
      return lasting(accumulator[2].length / DIGEST_LENGTH);
    case 'v':
      return changing(readSeen(accumulator), asked, at, (seen) => seen.length);
    case 'f':
    case 'g':
      return lasting(
        firstOf(
          asked,
          readPairs(accumulator.slice(2) as Scalar[]).map(([value]) => value),
        ),
      );
  }
}

function ofNumbers({ function: what }: Asked, count: number, numbers: Point['numbers']): Json | undefined {
  if (what === 'count') return count;
  if (what === 'sum') return numbers?.sum ?? 0;
  if (numbers === undefined) return undefined;
  return what === 'average' ? numbers.sum / count : what === 'min' ? numbers.min : numbers.max;
}

function ofDecayed(
  asked: Asked,
  [, , count, positive, negative]: Accumulator & { readonly 0: 'd' },
  now: number,
): Found {
  const halfLifeMs = asked.halfLifeMs!;
  const at = (log: number | null | undefined) => valueOfLog(log, now, halfLifeMs);
  if (asked.function === 'count') return { value: at(count), validUntil: null, halfLifeMs };
  if (asked.function === 'sum') return { value: at(positive) - at(negative), validUntil: null, halfLifeMs };
  // Numerator and denominator fall by the same factor.
  const share = (log: number | null | undefined) => (log === null || log === undefined ? 0 : 2 ** (log - count));
  return lasting(share(positive) - share(negative));
}

function ofRecent(asked: Asked, newestFirst: readonly Occurred[]): Json | undefined {
  const values = newestFirst.map(({ at, value }): Scalar => value ?? formatInstant(at));
  if (asked.function === 'first') return values.at(-1);
  if (asked.function === 'last') return values[0];
  if (asked.function === 'list') return values.length === 0 ? undefined : values.slice(0, asked.last);
  const counted = Map.groupBy(values, (value) => JSON.stringify(value));
  const most = [...counted].sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1));
  return firstOf(
    asked,
    most.map(([, [value]]) => value!),
  );
}

const firstOf = ({ top }: Asked, most: readonly Scalar[]): Json | undefined =>
  top === undefined ? most[0] : most.length === 0 ? undefined : most.slice(0, top);

/** @param what in the order in which it is given; `of` gets those that are in the window. */
function changing<T extends { readonly at: number }>(
  what: readonly T[],
  { window }: Asked,
  { now, zone }: Instant,
  of: (inside: readonly T[]) => Json | undefined,
): Found {
  const spans = what.map((one) => ({
    one,
    until: window === undefined ? Number.POSITIVE_INFINITY : addDuration(one.at, window, zone),
  }));
  const at = (instant: number) =>
    of(spans.flatMap(({ one, until }) => (one.at <= instant && instant < until ? one : [])));
  const value = at(now);
  const said = canonicalJson(value ?? null);
  const instants = [...new Set(spans.flatMap(({ one, until }) => [one.at, until]))]
    .filter((instant) => instant > now && Number.isFinite(instant))
    .sort((a, b) => a - b);
  const validUntil = instants.find((instant) => canonicalJson(at(instant) ?? null) !== said) ?? null;
  return value === undefined && validUntil === null ? missing : { value, validUntil };
}
