import figuresOfRecord from './figures.json' with { type: 'json' };

/** What one of something takes, as the meter of the local cloud counted it: one after another, nothing shared. */
export interface Row {
  readonly id: string;
  readonly what: string;
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly fifoRequests: number;
  readonly standardRequests: number;
  readonly transitions: number;
  readonly apiUnits: number;
  readonly emails: number;
  readonly publishes: number;
  readonly invocations: Readonly<Record<string, number>>;
  /** Of AWS, by function and service. */
  readonly calls: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly logBytes: number;
  /** Of all functions, on the machine that counted: an estimate. */
  readonly cpuMilliseconds: number;
  /** Added to tables, by table. */
  readonly storedBytes: Readonly<Record<string, number>>;
}

/** What is paid by the month whatever happens, counted in templates. */
export interface Deployed {
  readonly alarms: number;
  readonly alarmMetrics: number;
  /** Of those, metrics that functions count themselves. */
  readonly ownMetrics: number;
  readonly dashboards: number;
  readonly keys: number;
  readonly tables: number;
  readonly tablesWithRecovery: number;
  readonly queues: number;
  readonly dataKeySeconds: number;
  readonly topics: number;
  /** Event sources that poll a queue. */
  readonly standardPollers: number;
  readonly fifoPollers: number;
  /** Pairs of a role and a table, or a queue. */
  readonly rolesOnTables: number;
  readonly rolesThatSend: number;
  readonly rolesThatReceive: number;
  /** The form of a line about a request, before values are put in. */
  readonly accessLogBytes: number;
  readonly memoryMegabytes: Readonly<Record<string, number>>;
}

export interface Figures {
  /** The day on which they were counted. */
  readonly at: string;
  readonly customers: number;
  /** Of a profile in the table, with its identities. */
  readonly profileBytes: number;
  /** Names that functions counted while nothing went wrong. */
  readonly customMetrics: readonly string[];
  readonly deployed: Deployed;
  readonly rows: readonly Row[];
}

/** Written by `npm run bench:bill`, and by nobody else. */
export const figures: Figures = figuresOfRecord;

export function rowOf({ rows }: Figures, id: string): Row {
  const found = rows.find((row) => row.id === id);
  if (found === undefined) throw new Error(`shared/cost/figures.json has no row ${id}: npm run bench:bill writes it`);
  return found;
}
