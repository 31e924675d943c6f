import type { Figures, Row } from '../../shared/cost/figures.ts';
import { deployed } from './deployed.ts';
import { CUSTOMERS, type Measured, type Part } from './measure.ts';

/** What is left of a difference of two runs is never less than nothing. */
const rounded = (count: number): number => Math.max(0, Number(count.toPrecision(4)));
const withoutEnvironment = (name: string): string => name.replace('godwit-local-', '');

function each(counts: Readonly<Record<string, number>>, per: number): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counts)
      .filter(([, count]) => count / per >= 0.000_5)
      .map(([name, count]) => [withoutEnvironment(name), rounded(count / per)]),
  );
}

/** `evaluate dynamodb:GetItem` → evaluate: { dynamodb } */
function callsOf(calls: Readonly<Record<string, number>>, per: number): Row['calls'] {
  const all: Record<string, Record<string, number>> = {};
  for (const [name, count] of Object.entries(calls)) {
    const [caller = '', action = ''] = withoutEnvironment(name).split(' ');
    const service = action.slice(0, action.indexOf(':'));
    all[caller] ??= {};
    all[caller][service] = (all[caller][service] ?? 0) + count;
  }
  return Object.fromEntries(Object.entries(all).map(([caller, services]) => [caller, each(services, per)]));
}

function rowOf({ id, what, per, metered: { reading, ...beside } }: Part): Row {
  const one = (count: number) => rounded(count / per);
  return {
    id,
    what,
    writeUnits: one(reading.writeUnits),
    readUnits: one(reading.readUnits),
    fifoRequests: one(reading.fifoQueueRequests),
    standardRequests: one(reading.standardQueueRequests),
    transitions: one(reading.stateTransitions),
    apiUnits: one(reading.apiUnits),
    emails: one(reading.emails),
    publishes: one(reading.topicPublishes),
    invocations: each(reading.invocations, per),
    calls: callsOf(reading.calls, per),
    logBytes: one(beside.logBytes),
    cpuMilliseconds: one(beside.cpuMilliseconds),
    storedBytes: each(beside.storedBytes, per),
  };
}

export const toFigures = ({ parts, customMetrics, profileBytes }: Measured, at: string): Figures => ({
  at,
  customers: CUSTOMERS,
  profileBytes: Math.round(profileBytes),
  customMetrics,
  deployed: deployed(),
  rows: parts.map(rowOf),
});
