import { DAY_MS, HOUR_MS } from '../../kernel/time.ts';
import { type Thinning, thinOut } from '../audiences/thin-out.ts';
import { DAYS_IN_WINDOW, EXACT_IN_WINDOW, HOURS_IN_WINDOW, type Occurred } from './accumulator.ts';

/** An occurrence, or a bucket of some. */
export interface Point {
  /** Of a bucket: its start. */
  readonly at: number;
  readonly count: number;
  /** Undefined where nothing but the number of occurrences is asked for. */
  readonly numbers?: { readonly sum: number; readonly min: number; readonly max: number };
}

/**
 * What a window needs, in text: those whose time is a whole millisecond, hour, day, ten days, separated by `|`, each newest first.
 *
 *     mf8k2w1c=49.9 jfwq8=20|4a2b*3=60/10/30 o=5||2c*40=800/5/60
 *
 * Times are differences to the one before, in base 36 and in the unit of their section; `*3` is the number in a bucket,
 * `=60/10/30` sum, least and greatest (of a single one they are the same; where only sums are asked for: `=60`).
 */
const tiers = [
  { sizeMs: HOUR_MS, keep: HOURS_IN_WINDOW },
  { sizeMs: DAY_MS, keep: DAYS_IN_WINDOW },
  { sizeMs: 10 * DAY_MS, keep: Number.POSITIVE_INFINITY },
];
const thinning: Thinning = { exact: EXACT_IN_WINDOW, tiers };
const units = [1, ...tiers.map(({ sizeMs }) => sizeMs)];

export const pointOf = ({ at, value }: Occurred): Point =>
  typeof value === 'number' ? { at, count: 1, numbers: { sum: value, min: value, max: value } } : { at, count: 1 };

/** What is older than `keepMs` before the newest goes. */
export function printSeries(points: readonly Point[], keepMs: number, extremes: boolean): string {
  const newestFirst = points.toSorted(
    (a, b) => b.at - a.at || b.count - a.count || (b.numbers?.sum ?? 0) - (a.numbers?.sum ?? 0),
  );
  const oldest = (newestFirst[0]?.at ?? 0) - keepMs;
  const kept = thinOut(newestFirst, thinning, merge).filter(({ at }) => at > oldest);
  const sections: string[][] = units.map(() => []);
  const before = units.map(() => 0);
  for (const point of kept.reverse()) {
    const section = units.findLastIndex((unit) => point.at % unit === 0);
    const position = point.at / units[section]!;
    const difference = sections[section]!.length === 0 ? position : before[section]! - position;
    before[section] = position;
    sections[section]!.push(difference.toString(36) + printCount(point) + printNumbers(point, extremes));
  }
  return sections
    .map((section) => section.join(' '))
    .join('|')
    .replace(/\|+$/, '');
}

const printCount = ({ count }: Point): string => (count === 1 ? '' : `*${count.toString(36)}`);

function printNumbers({ count, numbers }: Point, extremes: boolean): string {
  if (numbers === undefined) return '';
  const { sum, min, max } = numbers;
  return count === 1 || !extremes ? `=${sum}` : `=${sum}/${min}/${max}`;
}

/** In no order. */
export function readSeries(series: string): Point[] {
  return series.split('|').flatMap((section, index) => {
    if (section === '') return [];
    let position = 0;
    return section.split(' ').map((text, i) => {
      const [head, values] = text.split('=') as [string, string?];
      const [difference, count = '1'] = head.split('*') as [string, string?];
      const number = Number.parseInt(difference, 36);
      position = i === 0 ? number : position - number;
      const at = position * units[index]!;
      const [sum, min, max] = (values?.split('/') ?? []).map(Number);
      const numbers = sum === undefined ? undefined : { sum, min: min ?? sum, max: max ?? sum };
      return { at, count: Number.parseInt(count, 36), ...(numbers && { numbers }) };
    });
  });
}

function merge(bucket: Point | undefined, { count, numbers }: Point, at: number): Point {
  if (bucket === undefined) return { at, count, ...(numbers && { numbers }) };
  return { at, count: bucket.count + count, ...addNumbers(bucket.numbers, numbers) };
}

/** Sums have 14 digits: enough for money, and the same whatever the order was. */
export function addNumbers(a: Point['numbers'], b: Point['numbers']): Pick<Point, 'numbers'> {
  const numbers =
    a && b
      ? { sum: Number((a.sum + b.sum).toPrecision(14)), min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) }
      : (a ?? b);
  return numbers === undefined ? {} : { numbers };
}
