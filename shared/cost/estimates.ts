/** What cannot be counted without an account on AWS, with how far off it may be. */
export interface Estimates {
  /** Of a call to AWS, until it is answered: milliseconds by service. */
  readonly callMs: Readonly<Record<string, number>>;
  /** CPU on Lambda against CPU on the machine that counted. */
  readonly cpuFactor: number;
  /** Share of the time of invocations that is added for starts, which are billed too. */
  readonly startShare: number;
  /** Requests to KMS against those that the documents let one reckon: caches of many hosts. */
  readonly keyFactor: number;
  /** Of a poller, between two empty receives. */
  readonly pollSeconds: number;
  /** Connections with which Lambda begins to poll a queue. */
  readonly connections: number;
  /** Of logs, what is left of them when they are kept. */
  readonly logCompression: number;
  /** Of metrics that count only when something goes wrong, the share of the month in which they do. */
  readonly rareShare: number;
  /** Bytes of an answer to a request, headers included. */
  readonly answerBytes: number;
}

export type Certainty = 'low' | 'likely' | 'high';

/**
 * Latencies: DynamoDB says single-digit milliseconds, the others are what is commonly seen from Lambda in one region.
 * Pollers: five connections, receives of 20 s (Lambda developer guide, "Configuring scaling behavior for SQS event source
 * mappings"; SQS developer guide, "Amazon SQS short and long polling").
 */
export const estimates: Readonly<Record<Certainty, Estimates>> = {
  low: {
    callMs: { dynamodb: 3, sqs: 5, ses: 20, states: 15, other: 5 },
    ...{ cpuFactor: 0.5, startShare: 0, keyFactor: 0.5, pollSeconds: 20, connections: 2 },
    ...{ logCompression: 0.1, rareShare: 0, answerBytes: 300 },
  },
  likely: {
    callMs: { dynamodb: 5, sqs: 10, ses: 50, states: 30, other: 10 },
    ...{ cpuFactor: 1, startShare: 0.05, keyFactor: 1, pollSeconds: 20, connections: 5 },
    ...{ logCompression: 0.15, rareShare: 0, answerBytes: 500 },
  },
  high: {
    callMs: { dynamodb: 10, sqs: 25, ses: 200, states: 80, other: 30 },
    ...{ cpuFactor: 2.5, startShare: 0.25, keyFactor: 20, pollSeconds: 10, connections: 5 },
    ...{ logCompression: 0.4, rareShare: 1, answerBytes: 1_000 },
  },
};
