import type { Estimates } from './estimates.ts';
import type { Deployed, Row } from './figures.ts';
import { DAYS } from './load.ts';

/** A line of a bill before it has a price. */
export interface Unseen {
  readonly id:
    | 'lambdaGigabyteSecond'
    | 'logGigabyte'
    | 'logGigabyteMonth'
    | 'keyMonth'
    | 'keyRequest'
    | 'standardQueueRequest'
    | 'fifoQueueRequest'
    | 'recoveryGigabyteMonth'
    | 'metricMonth'
    | 'alarmMonth'
    | 'dashboardMonth'
    | 'transferGigabyte';
  readonly what: string;
  readonly count: number;
  /** How the count comes about, with numbers. */
  readonly how: string;
  /** Where AWS says so. */
  readonly source: string;
}

/** What is known of a month: how often each row happened, and what the tables hold at its end. */
export interface Known {
  readonly rows: readonly (readonly [row: Row, times: number])[];
  readonly deployed: Deployed;
  readonly customMetrics: number;
  readonly tableGigabytes: number;
  readonly logDays: number;
}

const GB = 1e9;
const MONTH_SECONDS = DAYS * 86_400;
/** Lambda developer guide, "Configure Lambda function memory": 1,769 MB are one vCPU, and it grows with memory. */
const VCPU_GIGABYTES = 1_769 / 1_024;
/** CloudWatch Logs: for each event beside its text. */
const LOG_EVENT_OVERHEAD = 26;
/** SNS and DynamoDB keep a data key, or a table's key, for five minutes. */
const FIVE_MINUTES = 300;
/** A line about a request: ids, numbers and words where the form has names of variables of about that length. */
const FILLED_IN = 1.2;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
const whole = (count: number): string => Math.round(count).toLocaleString('en-US');

/** Seconds of a function's memory: what it computes costs the same at any memory, what it waits for does not. */
export function gigabyteSeconds(row: Row, { memoryMegabytes }: Deployed, estimates: Estimates): number {
  const computing = (row.cpuMilliseconds / 1_000) * estimates.cpuFactor * VCPU_GIGABYTES;
  const waiting = Object.entries(row.calls).map(([name, services]) => {
    const ms = Object.entries(services).map(
      ([service, calls]) => calls * (estimates.callMs[service] ?? estimates.callMs['other']!),
    );
    return ((memoryMegabytes[name] ?? 1_024) / 1_024) * (sum(ms) / 1_000);
  });
  return (computing + sum(waiting)) * (1 + estimates.startShare);
}

/** What no meter at the gateway sees, from what it counted and from the templates. */
export function unseen(known: Known, estimates: Estimates): readonly Unseen[] {
  const { rows, deployed } = known;
  const over = (of: (row: Row) => number) => sum(rows.map(([row, times]) => of(row) * times));
  const requests = over((row) => row.apiUnits);
  const functionLogs = over((row) => row.logBytes);
  const accessLogs = requests * (deployed.accessLogBytes * FILLED_IN + LOG_EVENT_OVERHEAD);
  const logGigabytes = (functionLogs + accessLogs) / GB;
  const polls = (pollers: number) => (pollers * estimates.connections * MONTH_SECONDS) / estimates.pollSeconds;
  const queueKeys =
    (MONTH_SECONDS / deployed.dataKeySeconds) * (2 * deployed.rolesThatSend + deployed.rolesThatReceive);
  const tableKeys = (MONTH_SECONDS / FIVE_MINUTES) * deployed.rolesOnTables;
  const topicKeys = (MONTH_SECONDS / FIVE_MINUTES) * 2 * deployed.topics;
  return [
    {
      id: 'lambdaGigabyteSecond',
      what: "Lambda's time",
      count: over((row) => gigabyteSeconds(row, deployed, estimates)),
      how: `memory × calls × ${estimates.callMs['dynamodb']} ms (DynamoDB), ${estimates.callMs['sqs']} (SQS), ${estimates.callMs['ses']} (SES) + CPU × ${estimates.cpuFactor}, + ${estimates.startShare * 100} % for starts`,
      source: 'Lambda developer guide, "Configure Lambda function memory"',
    },
    {
      id: 'logGigabyte',
      what: 'logs taken in',
      count: logGigabytes,
      how: `${(functionLogs / GB).toFixed(2)} GB of functions, ${(accessLogs / GB).toFixed(2)} GB about requests`,
      source: 'CloudWatch Logs: 26 bytes for each event beside its text',
    },
    {
      id: 'logGigabyteMonth',
      what: 'logs kept',
      count: logGigabytes * (known.logDays / DAYS) * estimates.logCompression,
      how: `${known.logDays} days, of which compression leaves ${estimates.logCompression}`,
      source: 'CloudWatch price page: archival storage',
    },
    {
      id: 'keyMonth',
      what: 'keys',
      count: deployed.keys,
      how: 'counted in the templates; a rotated key is one more a year, for two years',
      source: 'KMS price page',
    },
    {
      id: 'keyRequest',
      what: 'requests to KMS',
      count: (queueKeys + tableKeys + topicKeys) * estimates.keyFactor,
      how: `queues ${whole(queueKeys)} = B / D × (2P + C), tables ${whole(tableKeys)} and topics ${whole(topicKeys)}: once in 5 minutes for each role, × ${estimates.keyFactor}`,
      source: 'SQS developer guide, "Key management"; DynamoDB developer guide, "Encryption at rest: how it works"',
    },
    ...(['standard', 'fifo'] as const).map((kind): Unseen => {
      const pollers = kind === 'fifo' ? deployed.fifoPollers : deployed.standardPollers;
      return {
        id: `${kind}QueueRequest`,
        what: `idle polling, ${kind === 'fifo' ? 'FIFO' : 'standard'}`,
        count: polls(pollers),
        how: `event sources: ${pollers}, × ${estimates.connections} connections, a receive every ${estimates.pollSeconds} s`,
        source: 'Lambda developer guide, "Using Lambda with Amazon SQS"',
      };
    }),
    {
      id: 'recoveryGigabyteMonth',
      what: 'point-in-time recovery',
      count: (known.tableGigabytes * deployed.tablesWithRecovery) / deployed.tables,
      how: `what the tables hold; ${deployed.tablesWithRecovery} of ${deployed.tables} have it`,
      source: 'DynamoDB price page: by the size of the table, whatever the days',
    },
    {
      id: 'metricMonth',
      what: 'custom metrics',
      count: known.customMetrics + estimates.rareShare * Math.max(0, deployed.ownMetrics - known.customMetrics),
      how: `${known.customMetrics} that functions counted while nothing went wrong; of ${deployed.ownMetrics} with an alarm each is paid by the hour in which it counts`,
      source: 'CloudWatch price page',
    },
    {
      id: 'alarmMonth',
      what: 'alarms',
      count: deployed.alarmMetrics,
      how: `${deployed.alarms} alarms look at ${deployed.alarmMetrics} metrics`,
      source: 'CloudWatch price page',
    },
    {
      id: 'dashboardMonth',
      what: 'dashboards',
      count: deployed.dashboards,
      how: 'counted in the templates; AWS gives an account three, which are not taken off',
      source: 'CloudWatch price page',
    },
    {
      id: 'transferGigabyte',
      what: 'answers to the internet',
      count: (requests * estimates.answerBytes) / GB,
      how: `${estimates.answerBytes} bytes each, headers included; requests come in for nothing`,
      source: 'EC2 price page, "data transfer"',
    },
  ];
}
