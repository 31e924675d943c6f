import type { Json } from '../../kernel/canonical-json.ts';
import { dig } from '../../kernel/dig.ts';
import type { Statistics } from '../statistics/statistics.ts';
import type { TraitRule } from './trait-rules.ts';

/** Of fewer customers a mean says little. */
const MIN_COUNTED = 30;

export interface Outlier {
  /** Distance from the mean in standard deviations, in tenths; negative below it. */
  readonly z: number;
  readonly limit: number;
  readonly part?: string;
}

/**
 * How far a value, or a part of it, lies from what is usual, when its schema asks: z = (x − mean) / sd, with the figures
 * of the last night. Undefined for what is not that far, and where there are no figures or no spread.
 */
export function outlierIn(
  { outliers }: TraitRule,
  name: string,
  value: Json,
  statistics: Statistics | undefined,
): Outlier | undefined {
  for (const { path, limit } of outliers) {
    const x = dig(value, path);
    const of = [name, ...path].join('.');
    const usual = statistics && Object.hasOwn(statistics.traits, of) ? statistics.traits[of] : undefined;
    if (typeof x !== 'number' || usual === undefined || usual.n < MIN_COUNTED || usual.sd === 0) continue;
    const z = (x - usual.mean) / usual.sd;
    if (Math.abs(z) < limit) continue;
    return { z: shown(z), limit, ...(path.length > 0 && { part: path.join('.') }) };
  }
  return undefined;
}

/** In tenths, and no farther than any limit has a use for: more would be the value itself in another unit. */
const shown = (z: number): number => Math.max(-1_000, Math.min(1_000, Math.round(z * 10) / 10));
