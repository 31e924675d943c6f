import type { MeterReading } from '../../local/cloud.ts';
import { prices } from '../prices.ts';

/** What one unit of `per` costs, as a machine reads it. Names of functions and tables are without the environment's. */
export interface MeasuredRow {
  readonly id: string;
  /** The part of the benchmark that has counted it. */
  readonly part: string;
  readonly what: string;
  readonly per: string;
  /** How many of `per` were counted; the rest is divided by it. */
  readonly counted: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly byTable: Readonly<Record<string, { readonly writeUnits: number; readonly readUnits: number }>>;
  readonly fifoRequests: number;
  readonly standardRequests: number;
  readonly transitions: number;
  readonly executions: number;
  readonly invocations: Readonly<Record<string, number>>;
  /** Calls to AWS that invocations waited for one after the other. */
  readonly roundTrips: Readonly<Record<string, number>>;
  /** The most that one invocation of a function waited for; not divided. */
  readonly longestChain: Readonly<Record<string, number>>;
  readonly bytes: Readonly<Record<string, { readonly sent: number; readonly received: number }>>;
  readonly apiUnits: number;
  readonly emails: number;
  readonly topicPublishes: number;
  /** Of the customer's item in the table of profiles, where it was looked at. */
  readonly itemBytes?: number;
  /** Without Lambda's gigabyte-seconds and the provider's fee. */
  readonly dollarsPerMillion: number;
}

export interface Counted {
  readonly id: string;
  readonly part: string;
  readonly what: string;
  readonly per: string;
  readonly count: number;
  readonly reading: MeterReading;
}

const round = (value: number): number => Number(value.toFixed(4));

export function measured({ count, reading, ...named }: Counted): MeasuredRow {
  const each = (value: number) => round(value / count);
  const mapped = <A, B>(values: Readonly<Record<string, A>>, by: (value: A) => B): Record<string, B> =>
    Object.fromEntries(
      Object.entries(values)
        .map(([name, value]) => [functionName(name), by(value)] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  return {
    ...named,
    counted: count,
    writeUnits: each(reading.writeUnits),
    readUnits: each(reading.readUnits),
    byTable: mapped(byTable(reading), ({ writeUnits, readUnits }) => ({
      writeUnits: each(writeUnits),
      readUnits: each(readUnits),
    })),
    fifoRequests: each(reading.fifoQueueRequests),
    standardRequests: each(reading.standardQueueRequests),
    transitions: each(reading.stateTransitions),
    executions: each(reading.executions),
    invocations: mapped(reading.invocations, each),
    roundTrips: mapped(reading.roundTrips, (byLength) => each(tripsIn(byLength))),
    longestChain: mapped(reading.roundTrips, (byLength) => Math.max(...Object.keys(byLength).map(Number))),
    bytes: mapped(reading.bytes, ({ sent, received }) => ({ sent: each(sent), received: each(received) })),
    apiUnits: each(reading.apiUnits),
    emails: each(reading.emails),
    topicPublishes: each(reading.topicPublishes),
    dollarsPerMillion: Number(((dollarsOf(reading) / count) * 1e6).toFixed(2)),
  };
}

const tripsIn = (byLength: Readonly<Record<string, number>>): number =>
  Object.entries(byLength).reduce((sum, [length, times]) => sum + Number(length) * times, 0);

export const functionName = (name: string): string => name.replace(/^godwit-local-/, '');

/** `godwit-local-evaluate godwit-local-data-TableProfiles85C6B87B-86139b5a` → `evaluate: Profiles` */
export function tableOf(where: string): string {
  const [caller = '', table = ''] = where.replaceAll('godwit-local-', '').split(' ');
  return `${caller}: ${table.replace(/^data-Table(\w+?)[0-9A-F]{8}-\w+$/, '$1')}`;
}

function byTable({ capacity }: MeterReading): MeterReading['capacity'] {
  return Object.fromEntries(
    Object.entries(capacity)
      .filter(([, { writeUnits, readUnits }]) => writeUnits + readUnits > 0)
      .map(([where, units]) => [tableOf(where), units]),
  );
}

export const invocationsOf = ({ invocations }: { readonly invocations: Readonly<Record<string, number>> }): number =>
  Object.values(invocations).reduce((sum, count) => sum + count, 0);

export function dollarsOf(reading: MeterReading): number {
  return (
    reading.writeUnits * prices.writeUnit +
    reading.readUnits * prices.readUnit +
    reading.standardQueueRequests * prices.standardQueueRequest +
    reading.fifoQueueRequests * prices.fifoQueueRequest +
    reading.stateTransitions * prices.stateTransition +
    invocationsOf(reading) * prices.lambdaRequest +
    reading.apiUnits * prices.httpApiRequest
  );
}

/** Number by number: `of` without `times` × `what`. */
export function less<T>(of: T, what: T | undefined, times: number): T {
  if (typeof of === 'number') return (of - ((what as number | undefined) ?? 0) * times) as T;
  const parts = Object.entries(of as object).map(([name, value]) => [
    name,
    less(value, (what as Record<string, unknown> | undefined)?.[name], times),
  ]);
  return Object.fromEntries(parts) as T;
}
