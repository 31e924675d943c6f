/**
 * AWS's quotas of one account in one region, as its documents say them (docs/scale.md names document and day of each). Regions
 * differ: these are us-east-1's, us-west-2's and eu-west-1's.
 */
export interface Quotas {
  readonly httpRequestsPerSecond: number;
  /** Of each action of one high-throughput FIFO queue; a batch of many groups counts as many. */
  readonly fifoCallsPerSecond: number;
  readonly lambdaConcurrency: number;
  /** Synchronous requests a second for each container, and queues are read with such ones. */
  readonly requestsPerContainer: number;
  /** New concurrency of one function in a second: 1,000 every ten. */
  readonly lambdaScalingPerSecond: number;
  /** Of one event source: concurrent batches to begin with, and 300 more a minute. Of FIFO queues AWS says neither: assumed to be as of standard ones. */
  readonly pollers: { readonly start: number; readonly growthPerSecond: number };
  readonly tableWriteUnits: number;
  readonly tableReadUnits: number;
  readonly startExecutionsPerSecond: number;
  /** State transitions, of all executions; the bucket is left out. */
  readonly transitionsPerSecond: number;
  readonly openExecutions: number;
  /** Of SES there is no default: what is granted "varies based on your specific use case". Assumed: what accounts have reported. */
  readonly emailsPerSecond: number;
  readonly emailsPerDay: number;
}

export const defaultQuotas: Quotas = {
  httpRequestsPerSecond: 10_000,
  fifoCallsPerSecond: 70_000,
  lambdaConcurrency: 1_000,
  requestsPerContainer: 10,
  lambdaScalingPerSecond: 100,
  pollers: { start: 5, growthPerSecond: 5 },
  tableWriteUnits: 40_000,
  tableReadUnits: 40_000,
  startExecutionsPerSecond: 300,
  transitionsPerSecond: 5_000,
  openExecutions: 1_000_000,
  emailsPerSecond: 14,
  emailsPerDay: 50_000,
};

/** A new table on demand takes so much at once. */
export const newTable = { writeUnits: 4_000, readUnits: 12_000 } as const;
