import type { Declared } from '../../../shared/domain/computed-traits/computed-trait.ts';
import { readWindow } from '../../../shared/domain/computed-traits/source.ts';
import type { Json } from '../../../shared/kernel/canonical-json.ts';
import { DAY_MS, formatInstant } from '../../../shared/kernel/time.ts';
import { addDuration } from '../../../shared/kernel/zone.ts';

export interface Bought {
  readonly at: number;
  readonly total: number;
  readonly sku: string;
}

export const declared = (more: Partial<Declared> & Pick<Declared, 'function'>): Declared => ({
  schemaVersion: 1,
  id: 'x',
  name: 'x',
  of: { event: 'Bought' },
  within: 'ever',
  ...more,
});

/** The value by its definition, from all that ever happened. */
export function naiveValue(trait: Declared, all: readonly Bought[], now: number, zone: string): Json | undefined {
  const { function: what, of, within, decay, last, top } = trait;
  const inside = all
    .filter(({ at }) => at <= now && (within === 'ever' || now < addDuration(at, readWindow(within)!, zone)))
    .map((one) => {
      const value = of.property === 'total' ? one.total : of.property === 'sku' ? one.sku : formatInstant(one.at);
      return { at: one.at, value, key: JSON.stringify(value) };
    })
    .sort((a, b) => b.at - a.at || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const halfLife = decay && readWindow(decay.halfLife ?? 'P30D')!;
  const halfLifeMs = halfLife && halfLife.days * DAY_MS + (halfLife.hours * DAY_MS) / 24;
  const weight = (at: number) => (halfLifeMs === undefined ? 1 : 2 ** (-(now - at) / halfLifeMs));
  const count = inside.reduce((sum, { at }) => sum + weight(at), 0);
  const sum = inside.reduce((total, { at, value }) => total + weight(at) * Number(value), 0);
  const numbers = inside.map(({ value }) => Number(value));
  switch (what) {
    case 'count':
      return count;
    case 'sum':
      return sum;
    case 'average':
      return inside.length === 0 ? undefined : sum / count;
    case 'min':
      return inside.length === 0 ? undefined : Math.min(...numbers);
    case 'max':
      return inside.length === 0 ? undefined : Math.max(...numbers);
    case 'first': {
      const oldest = Math.min(...inside.map(({ at }) => at));
      const keys = inside.filter(({ at }) => at === oldest);
      // Among equals: over all time the least, of a window's newest the last in order.
      return within === 'ever' ? keys[0]?.value : inside.at(-1)?.value;
    }
    case 'last':
      return inside[0]?.value;
    case 'unique':
      return new Set(inside.map(({ key }) => key)).size;
    case 'list':
      return inside.length === 0 ? undefined : inside.slice(0, last).map(({ value }) => value);
    case 'most-frequent': {
      const weights = new Map<string, number>();
      for (const { key, at } of inside) weights.set(key, (weights.get(key) ?? 0) + weight(at));
      const most = [...weights].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([key]) => JSON.parse(key));
      return top === undefined ? most[0] : most.length === 0 ? undefined : most.slice(0, top);
    }
  }
}
