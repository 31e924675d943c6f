import type { Json } from '../../kernel/canonical-json.ts';
import { dig } from '../../kernel/dig.ts';
import { type DurationParts, longestMs } from '../../kernel/duration.ts';
import { DAY_MS, HOUR_MS } from '../../kernel/time.ts';
import { localDate } from '../../kernel/zone.ts';
import { offsetAt } from '../../kernel/zone-offset.ts';
import { parseRef } from '../audiences/ref.ts';
import { jsonBytesBeyond, MAX_VALUE_BYTES } from '../profiles/limits.ts';
import { MAX_SPREAD, type Scalar } from './accumulator.ts';

export const MIN_WINDOW = 'PT1H';
export const MAX_WINDOW = 'P400D';

/** `PT6H` is elapsed time, `P90D` the same wall-clock time 90 days later: as everywhere. Undefined: neither, or out of range. */
export function readWindow(text: string): DurationParts | undefined {
  const [, days, hours] = /^P(?:(\d{1,4})D|T(\d{1,5})H)$/.exec(text) ?? [];
  if (days === undefined && hours === undefined) return undefined;
  const parts = { sign: 1, years: 0, months: 0, weeks: 0, days: 0, hours: 0, minutes: 0, seconds: 0 } as const;
  const read = { ...parts, days: Number(days ?? 0), hours: Number(hours ?? 0) };
  const ms = read.days * DAY_MS + read.hours * HOUR_MS;
  return ms >= HOUR_MS && ms <= 400 * DAY_MS ? read : undefined;
}

/** How long what is in a window has to be kept. */
export const windowMs = (window: DurationParts): number => longestMs(window);

/** Names, and true for every entry of a list. */
export type Path = readonly (string | true)[];

/** `total`, `cart.currency`, `products[].category`, `["Plan Name"]`. */
export function readPath(property: string): Path | undefined {
  const parts = property.split('[]');
  const path: (string | true)[] = [];
  for (const [i, part] of parts.entries()) {
    if (i > 0) path.push(true);
    if (part === '' && i > 0) continue;
    const ref = parseRef(i === 0 && !part.startsWith('[') ? `event.${part}` : `event${part}`);
    if (ref === undefined) return undefined;
    path.push(...ref.path);
  }
  return path;
}

/** Scalars at the end of a path; null is nothing. What is too long, or a list or object, is passed over. */
export function valuesAt(data: Json, path: Path): { readonly values: Scalar[]; readonly tooLong: number } {
  const found = path.reduce<Json[]>(
    (nodes, name) => {
      const next = nodes.flatMap((node) => {
        if (name === true) return Array.isArray(node) ? (node as Json[]) : [];
        const value = dig(node, [name]);
        return value === undefined ? [] : [value];
      });
      return next.slice(0, MAX_SPREAD);
    },
    [data],
  );
  const scalars = found.filter((value): value is Scalar => value !== null && typeof value !== 'object');
  const values = scalars.filter(
    (value) => typeof value !== 'string' || jsonBytesBeyond(MAX_VALUE_BYTES, value) === undefined,
  );
  return { values, tooLong: scalars.length - values.length };
}

/** The local hour (0–23) or weekday. */
export function partOf(part: 'hour' | 'weekday', at: number, zone: string): Scalar {
  if (part === 'weekday') return localDate(at, zone).weekday;
  return new Date(at + offsetAt(at, zone)).getUTCHours();
}
