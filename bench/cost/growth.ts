import { writePlot } from '../plot/write-plot.ts';
import { prices } from '../prices.ts';
import type { BenchCloud } from './bench-cloud.ts';
import type { MeasuredRow } from './measured.ts';
import { type Rows, rowOf } from './part.ts';

/** Something that there is more and more of. */
export interface Growing {
  readonly id: string;
  readonly what: string;
  readonly sizes: readonly number[];
  readonly scale: 'log' | 'linear';
  /** Of the command that counts it. */
  readonly part: string;
}

let moved = 0;

/** An event that changes nothing and one that moves a trait, each alone, of these customers. */
export async function measureTwo(
  { meter, postInTurn }: BenchCloud,
  rows: Rows,
  { id, what }: Growing,
  size: number,
  users: readonly string[],
  bytes?: number,
): Promise<void> {
  const named = `${size.toLocaleString('en-US')} ${what}`;
  const looked = users.map((userId) => ({ type: 'track', userId, event: 'Looked Around' }));
  const moves = () => users.map((userId) => ({ type: 'identify', userId, traits: { plan: `plan-${++moved}` } }));
  const inert = await meter(() => postInTurn(looked));
  rows.add(`growth.${id}.${size}.inert`, `${named}: changes nothing`, 'event', users.length, inert);
  const trait = await meter(() => postInTurn(moves()));
  rows.add(`growth.${id}.${size}.trait`, `${named}: moves a trait`, 'event', users.length, trait, bytes);
}

export const identify = (userId: string) => ({ type: 'identify', userId, traits: { firstName: 'Ada', plan: 'free' } });

/** Containers read the catalog and keys every few seconds, and note kinds of events; that is shared by a handful here. */
const shared = ['evaluate: Catalog', 'ingest: Access', 'ingest: Intake'];

const dollars = ({ dollarsPerMillion, byTable }: MeasuredRow): number =>
  Number(
    shared
      .reduce((sum, where) => {
        const { writeUnits = 0, readUnits = 0 } = byTable[where] ?? {};
        return sum - (writeUnits * prices.writeUnit + readUnits * prices.readUnit) * 1e6;
      }, dollarsPerMillion)
      .toFixed(2),
  );

export const kindsOfTwo = ['inert', 'trait'] as const;

const pointsOf = (rows: readonly MeasuredRow[], { id, sizes }: Growing, kind: (typeof kindsOfTwo)[number]) =>
  sizes.map((size) => [size, dollars(rowOf(rows, `growth.${id}.${size}.${kind}`))] as const);

export function drawGrowth(rows: readonly MeasuredRow[], growing: Growing): void {
  const { id, what, scale, part } = growing;
  writePlot(`growth-${id}`, {
    title: `What an event costs, by ${what}`,
    caption: `npm run bench:cost -- --only ${part}. Counted on the local cloud, each event alone; without gigabyte-seconds.`,
    x: { label: what, scale },
    y: { label: 'dollars per million events', unit: 'us-east-1', scale: 'linear', from: 0 },
    series: [
      { name: 'changes nothing', points: pointsOf(rows, growing, 'inert') },
      { name: 'moves a trait', points: pointsOf(rows, growing, 'trait') },
    ],
  });
}

/** By how much the dearest of the sizes is above the cheapest, in per cent. */
export function spread(rows: readonly MeasuredRow[], growing: Growing): number {
  const spreads = kindsOfTwo.map((kind) => {
    const values = pointsOf(rows, growing, kind).map(([, value]) => value);
    return (Math.max(...values) / Math.min(...values) - 1) * 100;
  });
  return Number(Math.max(...spreads).toFixed(2));
}

export function growthTable(rows: readonly MeasuredRow[], growing: Growing): string {
  const lines = growing.sizes.map((size) => {
    const cells = kindsOfTwo.flatMap((kind) => {
      const row = rowOf(rows, `growth.${growing.id}.${size}.${kind}`);
      return [row.writeUnits.toFixed(2), row.readUnits.toFixed(2), `$${dollars(row).toFixed(2)}`];
    });
    return `| ${size.toLocaleString('en-US')} | ${cells.join(' | ')} |`;
  });
  return `| ${growing.what} | changes nothing: write units | read units | per million | moves a trait: write units | read units | per million |
| --: | --: | --: | --: | --: | --: | --: |
${lines.join('\n')}`;
}

export const growthPreamble = (part: string, events: number): string =>
  `Written by \`npm run bench:cost -- --only ${part}\`. ${events} events a row, each alone: one that changes nothing, and one that moves a trait. Dollars per
million events, without gigabyte-seconds and without what containers read of the catalog and of keys every few seconds.`;
