import { canonicalJson } from '../../kernel/canonical-json.ts';
import { digest } from '../../kernel/ids.ts';
import { MINUTE_MS } from '../../kernel/time.ts';
import {
  type Accumulator,
  type Kind,
  MAX_FREQUENT,
  MAX_UNIQUE,
  type Occurred,
  RECENT_IN_WINDOW,
  type Scalar,
  type Totals,
} from './accumulator.ts';
import { addLogs, logOf } from './decay.ts';
import { addNumbers, type Point, pointOf, printSeries, readSeries } from './series.ts';
import { printTimes, readTimes } from './times-text.ts';

/** How something is remembered, and how much of it. */
export interface Keeping {
  readonly kind: Kind;
  /** What is older than so much before the newest may go; Infinity: nothing. */
  readonly keepMs: number;
  /** Of `recent`: so many. */
  readonly keep: number;
  /** Of what decays. */
  readonly halfLifeMs?: number;
}

/** With what else happened; undefined when nothing of it counts (a sum of what is no number). */
export function accumulate(
  before: Accumulator | undefined,
  occurred: readonly Occurred[],
  keeping: Keeping,
): Accumulator | undefined {
  return occurred.reduce((all, one) => {
    const more = single(one, keeping);
    return more === undefined ? all : all === undefined ? more : joined(all, more, keeping);
  }, before);
}

/** Of two people who turn out to be one. Complete only since the later of the two. */
export function joinAccumulators(a: Accumulator, b: Accumulator): Accumulator {
  const [first, second] = a[1] >= b[1] ? [a, b] : [b, a];
  if (first[0] !== second[0]) return canonicalJson(a) > canonicalJson(b) ? a : b;
  // What is asked for is not known here: nothing is forgotten but what nobody can ask for, and the next event tidies up.
  return joined(first, second, { kind: first[0], keepMs: Number.POSITIVE_INFINITY, keep: RECENT_IN_WINDOW });
}

function single({ at, value }: Occurred, { kind, halfLifeMs }: Keeping): Accumulator | undefined {
  const since = Math.ceil(at / MINUTE_MS);
  switch (kind) {
    case 't':
      if (value === undefined) return [kind, since, 1];
      return typeof value === 'number' ? [kind, since, 1, value, value, value] : undefined;
    case 'w':
    case 'x':
      if (value !== undefined && typeof value !== 'number') return undefined;
      return [kind, since, printSeries([pointOf(value === undefined ? { at } : { at, value })], 1, true)];
    case 'd': {
      const count = logOf(1, at, halfLifeMs!);
      if (value === undefined) return [kind, since, count];
      if (typeof value !== 'number') return undefined;
      const log = value === 0 ? null : logOf(Math.abs(value), at, halfLifeMs!);
      return value >= 0 ? [kind, since, count, log] : [kind, since, count, null, log];
    }
    case 'o':
      return value === undefined ? [kind, since, at] : [kind, since, at, value];
    case 'r':
      return value === undefined ? [kind, since, printTimes([at])] : [kind, since, printTimes([at]), value];
    case 'u':
      return value === undefined ? undefined : [kind, since, digestOf(value)];
    case 'v':
      return value === undefined ? undefined : [kind, since, digestOf(value), printTimes([at])];
    case 'f':
      return value === undefined ? undefined : [kind, since, value, 1];
    case 'g':
      return value === undefined ? undefined : [kind, since, value, logOf(1, at, halfLifeMs!)];
  }
}

/** Six characters, 36 bits: that two of a hundred values have the same one happens to one customer in ten million. */
export const DIGEST_LENGTH = 6;
const digestOf = (value: Scalar): string => digest('value', JSON.stringify(value)).slice(0, DIGEST_LENGTH);

/** `since` is that of the first; both are of one kind. */
function joined(a: Accumulator, b: Accumulator, { keepMs, keep }: Keeping): Accumulator {
  const since = a[1];
  if (a[0] === 't' && b[0] === 't') return joinTotals(a, b);
  if ((a[0] === 'w' || a[0] === 'x') && a[0] === b[0]) {
    return [a[0], since, printSeries([...readSeries(a[2]), ...readSeries(b[2])], keepMs, a[0] === 'x')];
  }
  if (a[0] === 'd' && b[0] === 'd') {
    const count = addLogs(a[2], b[2])!;
    const [positive, negative] = [addLogs(a[3], b[3]), addLogs(a[4], b[4])];
    if (a.length === 3 && b.length === 3) return ['d', since, count];
    return negative === null ? ['d', since, count, positive] : ['d', since, count, positive, negative];
  }
  if (a[0] === 'o' && b[0] === 'o') {
    const [, , at, ...value] = a[2] < b[2] || (a[2] === b[2] && rank(a[3]) <= rank(b[3])) ? a : b;
    return ['o', since, at, ...value] as Accumulator;
  }
  if (a[0] === 'r' && b[0] === 'r') {
    const all = [...readRecent(a), ...readRecent(b)].sort(newestFirst).slice(0, keep);
    const kept = all.filter(({ at }) => at > all[0]!.at - keepMs);
    return ['r', since, printTimes(kept.map(({ at }) => at)), ...kept.flatMap(({ value }) => value ?? [])];
  }
  if (a[0] === 'u' && b[0] === 'u') {
    const all = [...new Set([...readDigests(a[2]), ...readDigests(b[2])])].sort();
    return ['u', since, all.slice(0, MAX_UNIQUE).join('')];
  }
  if (a[0] === 'v' && b[0] === 'v') return joinSeen([...readSeen(a), ...readSeen(b)], since, keepMs);
  const [pairs, more] = [a.slice(2) as Scalar[], b.slice(2) as Scalar[]];
  if (a[0] === 'g') return ['g', since, ...joinPairs(pairs, more, (x, y) => addLogs(x, y)!)];
  const counts = pairs.length >= more.length ? withNewcomer(pairs, more) : withNewcomer(more, pairs);
  return ['f', since, ...(counts ?? joinPairs(pairs, more, (x, y) => x + y))];
}

function joinTotals(a: Totals, b: Totals): Totals {
  const numbers = ([, , , sum, min, max]: Totals): Point['numbers'] =>
    sum === undefined ? undefined : { sum, min: min!, max: max! };
  const { numbers: all } = addNumbers(numbers(a), numbers(b));
  const count = a[2] + b[2];
  return all === undefined ? ['t', a[1], count] : ['t', a[1], count, all.sum, all.min, all.max];
}

export function readRecent([, , times, ...values]: Extract<Accumulator, { readonly 0: 'r' }>): Occurred[] {
  return readTimes(times).map((at, i) => (values.length === 0 ? { at } : { at, value: values[i]! }));
}

/** Equal instants in the order of their values, so that it is the same whatever came first. */
const newestFirst = (a: Occurred, b: Occurred): number => b.at - a.at || compare(rank(a.value), rank(b.value));
const rank = (value: Scalar | undefined): string => (value === undefined ? '' : JSON.stringify(value));
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const readDigests = (text: string): string[] => text.match(/.{6}/g) ?? [];

export function readSeen([, , digests, times]: Extract<Accumulator, { readonly 0: 'v' }>) {
  const at = readTimes(times);
  return readDigests(digests).map((value, i) => ({ value, at: at[i]! }));
}

function joinSeen(all: readonly { readonly value: string; readonly at: number }[], since: number, keepMs: number) {
  const newest = new Map<string, number>();
  for (const { value, at } of all) newest.set(value, Math.max(at, newest.get(value) ?? 0));
  const sorted = [...newest].sort((a, b) => b[1] - a[1] || compare(a[0], b[0])).slice(0, MAX_UNIQUE);
  const kept = sorted.filter(([, at]) => at > sorted[0]![1] - keepMs);
  return ['v', since, kept.map(([value]) => value).join(''), printTimes(kept.map(([, at]) => at))] as const;
}

export function readPairs(pairs: readonly Scalar[]): [value: Scalar, weight: number][] {
  return Array.from({ length: pairs.length / 2 }, (_, i) => [pairs[2 * i]!, pairs[2 * i + 1] as number]);
}

/**
 * Among all the values there is room for, one that comes for the first time takes the place of the least frequent and its
 * count, so that a new habit is not kept out for ever ("Space-Saving": Metwally, Agrawal, El Abbadi, ICDT 2005). A count
 * is too high by at most the least one. Undefined: there is room, or it is there.
 */
function withNewcomer(full: readonly Scalar[], one: readonly Scalar[]): Scalar[] | undefined {
  const isNew = one.length === 2 && one[1] === 1 && !full.some((value, i) => i % 2 === 0 && value === one[0]);
  if (!isNew || full.length < 2 * MAX_FREQUENT) return undefined;
  return joinPairs(full.slice(0, -2), [one[0]!, (full.at(-1) as number) + 1], (x, y) => x + y);
}

/** The most first. */
function joinPairs(a: readonly Scalar[], b: readonly Scalar[], add: (x: number, y: number) => number): Scalar[] {
  const all = new Map<string, [Scalar, number]>();
  for (const [value, weight] of [...readPairs(a), ...readPairs(b)]) {
    const key = rank(value);
    const before = all.get(key);
    all.set(key, [value, before === undefined ? weight : add(before[1], weight)]);
  }
  return [...all.values()]
    .sort((x, y) => y[1] - x[1] || compare(rank(x[0]), rank(y[0])))
    .slice(0, MAX_FREQUENT)
    .flat();
}
