import type { LocalCloud } from '../../../local/cloud.ts';
import { dimensionsOf, type Figure, type Figures } from './figures.ts';

interface Metric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
}

interface Query {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat?: { readonly Metric: Metric; readonly Period: number; readonly Stat: string };
}

interface Watched extends Pick<Figure, 'namespace' | 'name' | 'dimensions'> {
  readonly id: string;
  readonly stat: string;
}

export interface Alarm {
  /** Without the environment. */
  readonly name: string;
  readonly watched: readonly Watched[];
  readonly expression: string | undefined;
  readonly periodMs: number;
  readonly periods: number;
  readonly threshold: number;
}

/**
 * The alarms of the templates, evaluated as CloudWatch would (CloudWatch, "Evaluating an alarm"): in periods that begin
 * at whole ones, so many in a row at or above the threshold; what is missing is not breaching, which a test of the
 * templates asks of them all.
 */
export class Alarms {
  readonly all: readonly Alarm[];
  readonly #figures: Figures;

  constructor({ assembly }: Pick<LocalCloud, 'assembly'>, figures: Figures) {
    this.#figures = figures;
    this.all = assembly.ofType('AWS::CloudWatch::Alarm').map(({ properties }) => alarmOf(properties));
  }

  /** Whether it rang at any time from then on. */
  rang(name: string, from: number, to: number): boolean {
    const alarm = this.named(name);
    const figures = this.#figures.list(...alarm.watched.map(({ namespace }) => namespace));
    const { periodMs, periods } = alarm;
    for (let start = Math.floor(from / periodMs) * periodMs; start <= to; start += periodMs) {
      const row = Array.from({ length: periods }, (_, back) => start - back * periodMs);
      if (row.every((period) => figureOf(alarm, figures, period) >= alarm.threshold)) return true;
    }
    return false;
  }

  named(name: string): Alarm {
    const found = this.all.find((alarm) => alarm.name === name);
    if (found === undefined)
      throw new Error(`there is no alarm ${name}: ${this.all.map((one) => one.name).join(', ')}`);
    return found;
  }
}

function alarmOf(properties: Record<string, unknown>): Alarm {
  const single = { ...properties, Id: 'only' } as unknown as Metric & { Id: string; Period: number; Statistic: string };
  const queries = (properties['Metrics'] as readonly Query[] | undefined) ?? [
    { Id: 'only', MetricStat: { Metric: single, Period: single.Period, Stat: single.Statistic } },
  ];
  const stats = queries.flatMap(({ Id, MetricStat }) => (MetricStat === undefined ? [] : [{ Id, ...MetricStat }]));
  return {
    name: String(properties['AlarmName']).replace(/^godwit-local-/, ''),
    watched: stats.map(
      ({ Id: id, Metric: { Namespace: namespace, MetricName: name, Dimensions = [] }, Stat: stat }) => ({
        ...{ id, namespace, name, stat },
        dimensions: dimensionsOf(Dimensions.map((one) => [one.Name, one.Value])),
      }),
    ),
    expression: queries.find(({ Expression }) => Expression !== undefined)?.Expression,
    periodMs: stats[0]!.Period * 1_000,
    periods: Number(properties['EvaluationPeriods']),
    threshold: Number(properties['Threshold']),
  };
}

function figureOf({ watched, expression, periodMs }: Alarm, figures: readonly Figure[], start: number): number {
  const values = watched.map(({ namespace, name, dimensions, stat }) => {
    const points = figures.filter(
      (one) =>
        one.name === name &&
        one.namespace === namespace &&
        one.dimensions === dimensions &&
        one.at >= start &&
        one.at < start + periodMs,
    );
    if (points.length === 0) return undefined;
    const all = points.map(({ value }) => value);
    return stat === 'Maximum' ? Math.max(...all) : all.reduce((sum, value) => sum + value, 0);
  });
  if (expression === undefined) return values[0] ?? Number.NEGATIVE_INFINITY;
  // Metric math that JavaScript can read.
  const calculate = new Function('IF', 'FILL', ...watched.map(({ id }) => id), `return ${expression}`);
  const choose = (is: boolean, one: number, other: number) => (is ? one : other);
  const fill = (value: number | undefined, missing: number) => value ?? missing;
  return calculate(choose, fill, ...values);
}
