import { columns } from '../../cli/terminal.ts';

/** A customer as the export of the environment has them. */
export interface Exported {
  readonly userId: string;
  readonly computed: {
    readonly orders: number;
    readonly revenue: number;
    readonly 'days-since-last-order': number;
    readonly rfm: string;
    readonly 'lifecycle-stage': string;
  };
  readonly segments: readonly { readonly segment: string }[];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
const fifths = [5, 4, 3, 2, 1];

/** By stage of their life; then by recency and frequency, with the mean score of money; then who belongs to which segment. */
export function printTables(people: readonly Exported[], segments: readonly string[]): string {
  const stages = Map.groupBy(people, ({ computed }) => computed['lifecycle-stage']);
  const byStage = ['new', 'active', 'at-risk', 'lapsed', 'lost'].map((stage) => {
    const own = stages.get(stage) ?? [];
    const share = ((100 * own.length) / people.length).toFixed(1);
    const orders = sum(own.map(({ computed }) => computed.orders));
    return [stage, `${own.length}`, share, `${orders}`, sum(own.map(({ computed }) => computed.revenue)).toFixed(0)];
  });
  const cell = (recency: number, frequency: number) => {
    const own = people.filter(({ computed: { rfm } }) => rfm[0] === `${recency}` && rfm[1] === `${frequency}`);
    const money = sum(own.map(({ computed: { rfm } }) => Number(rfm[2]))) / own.length;
    return own.length === 0 ? '-' : `${own.length} (M ${money.toFixed(1)})`;
  };
  const byScore = fifths.map((recency) => [`R ${recency}`, ...fifths.map((frequency) => cell(recency, frequency))]);
  const bySegment = segments
    .map((id) => [id, people.filter((one) => one.segments.some(({ segment }) => segment === id)).length] as const)
    .sort(([, a], [, b]) => b - a)
    .map(([id, members]) => [id, `${members}`]);
  return [
    ...columns([['stage', 'customers', '%', 'orders', 'revenue'], ...byStage]),
    '',
    ...columns([['', ...fifths.map((frequency) => `F ${frequency}`)], ...byScore]),
    '',
    ...columns([['segment', 'customers'], ...bySegment]),
  ].join('\n');
}
