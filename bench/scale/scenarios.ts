import { EnvironmentConfig, type EnvironmentInput } from '../../infra/config.ts';
import { SEND_CONCURRENCY } from '../../infra/sending-config.ts';
import { MAX_PER_MINUTE } from '../../shared/app/broadcasts/create-broadcast.ts';
import { DEFAULT_PER_MINUTE } from '../../shared/app/scans/pace.ts';
import { defaultQuotas, newTable, type Quotas } from './quotas.ts';
import { type Work, work } from './work.ts';

/** What one environment is deployed with. */
export interface Deployment {
  readonly mailboxShards: number;
  readonly concurrency: { readonly evaluate: number; readonly send: number; readonly receipts: number };
  readonly ingest: { readonly rate: number; readonly burst: number };
}

export interface Scenario {
  readonly name: string;
  readonly load: Load;
  readonly days: number;
  readonly quotas: Quotas;
  readonly deployment: Deployment;
  readonly work: Work;
  /** What tables take at once: their former peak, or what they were warmed up for. */
  readonly warm: { readonly writeUnits: number; readonly readUnits: number };
  /** Waits that end in one minute share executions; without, one each. */
  readonly cohorts: boolean;
}

export interface Load {
  readonly eventsPerDay: number;
  readonly broadcast?: {
    readonly customers: number;
    readonly atHour: number;
    readonly perMinute: number;
    readonly atOnce: number;
  };
}

/** Checked as synthesis checks it: a lever that does not exist cannot be pulled. */
export function deploymentOf(input: EnvironmentInput): Deployment {
  const { mailboxShards, concurrency, throttle } = EnvironmentConfig.parse(input);
  return {
    mailboxShards,
    concurrency: {
      evaluate: concurrency.evaluate,
      send: concurrency.send.email ?? SEND_CONCURRENCY,
      receipts: concurrency.receipts,
    },
    ingest: throttle.ingest,
  };
}

export const loads = {
  tenMillion: { eventsPerDay: 10_000_000 },
  billion: { eventsPerDay: 1_000_000_000 },
  broadcast: {
    eventsPerDay: 10_000_000,
    broadcast: { customers: 100_000_000, atHour: 9, perMinute: DEFAULT_PER_MINUTE, atOnce: 1 },
  },
} as const satisfies Record<string, Load>;

const asIs = { quotas: defaultQuotas, deployment: deploymentOf({}), work, cohorts: true };
/** Tables that have seen the load for days take it, and twice as much. */
const seen = (units: number) => ({ writeUnits: units, readUnits: units });
const newTables = { writeUnits: newTable.writeUnits, readUnits: newTable.readUnits };

const more: Quotas = {
  ...defaultQuotas,
  lambdaConcurrency: 10_000,
  tableWriteUnits: 250_000,
  tableReadUnits: 250_000,
  emailsPerSecond: 5_000,
  emailsPerDay: 150_000_000,
};
const wide = deploymentOf({
  mailboxShards: 4,
  concurrency: { evaluate: 500, send: { email: 500 }, receipts: 100 },
  throttle: { ingest: { rate: 10_000, burst: 5_000 } },
});

export const scenarios: readonly Scenario[] = [
  { ...asIs, name: '10 million a day, as it comes', load: loads.tenMillion, days: 1, warm: newTables },
  {
    ...asIs,
    name: '10 million a day, SES raised',
    load: loads.tenMillion,
    days: 1,
    warm: newTables,
    quotas: { ...defaultQuotas, emailsPerSecond: 100, emailsPerDay: 1_000_000 },
  },
  { ...asIs, name: '1 billion a day, as it comes', load: loads.billion, days: 1, warm: newTables },
  {
    ...asIs,
    name: '1 billion a day, levers pulled',
    load: loads.billion,
    days: 1,
    quotas: more,
    deployment: wide,
    work: { ...work, eventsPerRequest: 10 },
    warm: seen(120_000),
  },
  { ...asIs, name: 'broadcast to 100 million, as it comes', load: loads.broadcast, days: 2, warm: newTables },
  {
    ...asIs,
    name: 'broadcast to 100 million, levers pulled',
    load: { ...loads.broadcast, broadcast: { ...loads.broadcast.broadcast, perMinute: MAX_PER_MINUTE, atOnce: 5 } },
    days: 2,
    quotas: more,
    deployment: wide,
    warm: seen(40_000),
  },
];
