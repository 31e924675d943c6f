import { type Certainty, estimates } from './estimates.ts';
import { figures as counted, type Figures, type Row, rowOf } from './figures.ts';
import { behaviour, type CountName, countsOf, DAYS, type Load } from './load.ts';
import { dollarsFor, type Price, type PriceName, priceTable } from './prices.ts';
import { type Unseen, unseen } from './unseen.ts';

export const groups = [
  'writes',
  'reads',
  'storage',
  'queues',
  'timers',
  'compute',
  'front door',
  'logs and alarms',
  'idle',
  'provider',
] as const;

export interface Line {
  readonly group: (typeof groups)[number];
  readonly what: string;
  readonly count: number;
  readonly per: string;
  readonly dollars: number;
  /** Whether the meter saw it, or it is reckoned. */
  readonly seen: 'metered' | 'estimated';
}

export interface Bill {
  readonly lines: readonly Line[];
  readonly dollars: number;
  /** AWS, without the fee for messages. */
  readonly awsDollars: number;
}

export type PriceTable = Readonly<Record<PriceName, Price>>;

const GB = 1e9;
/** A scan reads 4 KB for half a unit, and yields after each minute of its pace: a choice, a wait and a task, in 8 segments. */
const SCANNED_BYTES = 8_192;
const PACE_TRANSITIONS = 8 * 3;

const groupOf: Readonly<Record<Unseen['id'], Line['group']>> = {
  lambdaGigabyteSecond: 'compute',
  logGigabyte: 'logs and alarms',
  logGigabyteMonth: 'logs and alarms',
  metricMonth: 'logs and alarms',
  alarmMonth: 'logs and alarms',
  dashboardMonth: 'logs and alarms',
  keyMonth: 'idle',
  keyRequest: 'idle',
  standardQueueRequest: 'idle',
  fifoQueueRequest: 'idle',
  recoveryGigabyteMonth: 'storage',
  transferGigabyte: 'front door',
};

/** What tables hold once what was written `days` ago has gone. */
export function tableGigabytes(
  load: Load,
  figures: Figures,
): Readonly<Record<'profiles' | 'journal' | 'messages', number>> {
  const kept = (table: string, days: number) =>
    Object.entries(countsOf(load)).reduce((sum, [id, times]) => {
      return sum + (rowOf(figures, id).storedBytes[table] ?? 0) * times;
    }, 0) *
    (days / DAYS / GB);
  return {
    profiles: (load.profiles * figures.profileBytes) / GB,
    journal: kept('journal', load.journalDays),
    messages: kept('messages', load.messageDays),
  };
}

/** What a month costs: counts of the meter, times how often; and beside them what no meter sees. */
export function bill(
  load: Load,
  certainty: Certainty = 'likely',
  figures: Figures = counted,
  prices: PriceTable = priceTable,
): Bill {
  const counts = countsOf(load);
  const rows = (Object.keys(counts) as CountName[]).map((id) => [rowOf(figures, id), counts[id]] as const);
  const over = (of: (row: Row) => number) => rows.reduce((sum, [row, times]) => sum + of(row) * times, 0);
  const broadcasts = counts['broadcast-itself'];
  const scanned = (broadcasts * load.profiles * figures.profileBytes) / SCANNED_BYTES;
  const paced = (counts.broadcast / behaviour.broadcastPerMinute) * PACE_TRANSITIONS;
  const gigabytes = tableGigabytes(load, figures);
  const stored = gigabytes.profiles + gigabytes.journal + gigabytes.messages;

  const line = (
    group: Line['group'],
    name: PriceName,
    what: string,
    count: number,
    seen: Line['seen'] = 'metered',
  ): Line => ({ group, what, count, per: prices[name].per, dollars: dollarsFor(prices[name], count), seen });
  const hidden = unseen(
    {
      ...{ rows, deployed: figures.deployed, tableGigabytes: stored, logDays: load.logDays },
      customMetrics: figures.customMetrics.length,
    },
    estimates[certainty],
  );
  const invocations = (row: Row) => Object.values(row.invocations).reduce((sum, count) => sum + count, 0);
  const { email, sms, push } = load.messages;
  const lines: Line[] = [
    line(
      'writes',
      'writeUnit',
      'DynamoDB writes',
      over((row) => row.writeUnits),
    ),
    line('reads', 'readUnit', 'DynamoDB reads', over((row) => row.readUnits) + scanned),
    line('storage', 'tableGigabyteMonth', 'profiles', gigabytes.profiles, 'estimated'),
    line('storage', 'tableGigabyteMonth', `journal, ${load.journalDays} days`, gigabytes.journal, 'estimated'),
    line('storage', 'tableGigabyteMonth', `messages, ${load.messageDays} days`, gigabytes.messages, 'estimated'),
    line(
      'queues',
      'fifoQueueRequest',
      'SQS FIFO',
      over((row) => row.fifoRequests),
    ),
    line(
      'queues',
      'standardQueueRequest',
      'SQS standard',
      over((row) => row.standardRequests),
    ),
    line(
      'queues',
      'topicPublish',
      'receipts through SNS',
      over((row) => row.publishes),
    ),
    line('timers', 'stateTransition', 'Step Functions', over((row) => row.transitions) + paced),
    line('compute', 'lambdaRequest', 'Lambda invocations', over(invocations)),
    line(
      'front door',
      'httpApiRequest',
      'HTTP API',
      over((row) => row.apiUnits),
    ),
    ...hidden.map(({ id, what, count }) => line(groupOf[id], id, what, count, 'estimated')),
    line('provider', 'email', 'SES', email),
    ...(push > 0 ? [line('provider', 'push', 'push', push)] : []),
    ...(sms > 0
      ? [{ ...line('provider', 'sms', 'text messages of one part', sms), dollars: sms * load.smsDollars }]
      : []),
  ];
  const sorted = groups.flatMap((group) => lines.filter((one) => one.group === group));
  const dollarsOf = (some: readonly Line[]) => some.reduce((sum, { dollars }) => sum + dollars, 0);
  return {
    lines: sorted,
    dollars: dollarsOf(sorted),
    awsDollars: dollarsOf(sorted.filter(({ group }) => group !== 'provider')),
  };
}
