import { MAX_PER_MINUTE } from '../../shared/app/broadcasts/create-broadcast.ts';
import { timing } from '../../shared/resources.ts';
import { curve, DAY_SECONDS } from './arrivals.ts';
import { secondsFor } from './consumers.ts';
import { defaultQuotas, newTable } from './quotas.ts';
import { deploymentOf } from './scenarios.ts';
import { counted, serviceTimes, unitsOf, type Work } from './work.ts';

/** At how many events a second a limit is met, and by what sum. */
export interface Meeting {
  readonly limit: string;
  readonly value: string;
  /** Of the environment's own configuration, or AWS's. */
  readonly whose: 'ours' | 'AWS';
  readonly sum: string;
  readonly eventsPerSecond: number;
  /** A day has so much, whatever its curve. */
  readonly allDay?: true;
}

/** The FIFO calls a second of one queue, by class of region (SQS, "Amazon SQS message quotas"). */
export const fifoClasses = [
  ['us-east-1, us-west-2, eu-west-1', 70_000],
  ['us-east-2, eu-central-1', 19_000],
  ['Mumbai, Singapore, Sydney, Tokyo', 9_000],
  ['London, São Paulo', 4_500],
  ['other regions', 2_400],
] as const;

const figure = (value: number, digits = 3): string => String(Number(value.toPrecision(digits)));
const whole = (value: number): string => Math.round(value).toLocaleString('en-US');

/** What one event leads to on average, its wakes, messages and their receipts included. */
export function perEvent(work: Work) {
  const { mix, perJourneyEvent, receiptsPerMessage, toldPerMessage } = work;
  const messages = mix.journey * perJourneyEvent.messages;
  const waits = mix.journey * perJourneyEvent.waits;
  const receipts = messages * receiptsPerMessage;
  const told = messages * toldPerMessage;
  const records = 1 + waits + told;
  const event = unitsOf('event', work);
  const [wake, receipt] = [unitsOf('wake', work), unitsOf('receipt', work)];
  const journalWrites = event.journalWrites + waits * wake.journalWrites + told * receipt.journalWrites;
  const profileReads =
    event.profileReads + waits * wake.profileReads + messages * counted.send.profileReads + told * receipt.profileReads;
  return { records, messages, waits, receipts, journalWrites, profileReads };
}

export function meetings(work: Work): Meeting[] {
  const one = perEvent(work);
  const { evaluate, send, receipts, ingest } = serviceTimes(work);
  const usual = deploymentOf({});
  const quotas = defaultQuotas;
  const batch = timing.mailboxBatchSize;
  const occupied = (seconds: number) => Math.max(1 / quotas.requestsPerContainer, seconds);
  const ofIngest = occupied(secondsFor(ingest, work.eventsPerRequest)) / work.eventsPerRequest;
  const perRecord = (service: typeof evaluate) => occupied(secondsFor(service, batch)) / batch;
  const busy =
    ofIngest + one.records * perRecord(evaluate) + one.messages * perRecord(send) + one.receipts * perRecord(receipts);
  const capacity = (containers: number, service: typeof evaluate) => containers / perRecord(service);
  const startsPerWait = work.dueMinutesPerWindow / timing.wakesBatchSize;
  const { mailboxShards, concurrency } = usual;
  const meet = (
    limit: string,
    value: string,
    whose: Meeting['whose'],
    sum: string,
    eventsPerSecond: number,
  ): Meeting => ({
    ...{ limit, value, whose, sum, eventsPerSecond },
  });
  const meetAllDay = (...all: Parameters<typeof meet>): Meeting => ({ ...meet(...all), allDay: true });
  const evaluated = capacity(concurrency.evaluate * mailboxShards, evaluate);
  const sent = capacity(concurrency.send, send);
  const received = capacity(concurrency.receipts, receipts);
  return [
    meet(
      '`throttle.ingest.rate`',
      `${whole(usual.ingest.rate)} requests/s (at most 10,000)`,
      'ours',
      `${whole(usual.ingest.rate)} × ${work.eventsPerRequest} events a request`,
      usual.ingest.rate * work.eventsPerRequest,
    ),
    meet(
      'API Gateway, account',
      '10,000 requests/s',
      'AWS',
      `10,000 × ${work.eventsPerRequest} events a request`,
      quotas.httpRequestsPerSecond * work.eventsPerRequest,
    ),
    ...fifoClasses.map(([regions, calls]) =>
      meet(
        `SQS FIFO, ${regions}`,
        `${whole(calls)} calls/s a queue and action`,
        'AWS',
        `${whole(calls)} ÷ ${figure(one.records)} records an event`,
        calls / one.records,
      ),
    ),
    meet(
      '`concurrency.evaluate`, one mailbox',
      `${concurrency.evaluate} (at most 1,000 for each of 4 mailboxes)`,
      'ours',
      `${whole(evaluated)} records/s ÷ ${figure(one.records)}`,
      evaluated / one.records,
    ),
    meet(
      'Lambda, concurrency of the account',
      '1,000',
      'AWS',
      `1,000 ÷ ${figure(busy * 1_000)} ms of a container an event, batches full, one event a request`,
      quotas.lambdaConcurrency / busy,
    ),
    meet(
      'Lambda, requests of `ingest`, with all the concurrency of the account',
      '10/s for each of 1,000',
      'AWS',
      `10,000 × ${work.eventsPerRequest} events a request`,
      quotas.lambdaConcurrency * quotas.requestsPerContainer * work.eventsPerRequest,
    ),
    meet(
      'DynamoDB, a new table (Journal)',
      '4,000 write units/s, then twice the former peak each half hour',
      'AWS',
      `4,000 ÷ ${figure(one.journalWrites)} journal writes an event`,
      newTable.writeUnits / one.journalWrites,
    ),
    meet(
      'DynamoDB, table writes (Journal)',
      '40,000 units/s',
      'AWS',
      `40,000 ÷ ${figure(one.journalWrites)} journal writes an event`,
      quotas.tableWriteUnits / one.journalWrites,
    ),
    meet(
      'DynamoDB, table reads (Profiles)',
      '40,000 units/s',
      'AWS',
      `40,000 ÷ ${figure(one.profileReads)} profile reads an event`,
      quotas.tableReadUnits / one.profileReads,
    ),
    meet(
      'Counters of one journey (Stats)',
      '8 items of 1,000 writes/s',
      'ours',
      `8,000 batches/s × ${batch} records ÷ ${figure(one.records)}, if every batch has one of that journey`,
      (8_000 * batch) / one.records,
    ),
    meet(
      'StartExecution',
      '300/s (bucket 1,300)',
      'AWS',
      `300 × ${whole(timing.wakesBatchSize)} ÷ ${work.dueMinutesPerWindow} waits an execution ÷ ${figure(one.waits)} waits an event`,
      quotas.startExecutionsPerSecond / startsPerWait / one.waits,
    ),
    meet(
      'StartExecution, were it one a wait (control)',
      '300/s',
      'AWS',
      `300 ÷ ${figure(one.waits)} waits an event`,
      quotas.startExecutionsPerSecond / one.waits,
    ),
    meetAllDay(
      'Open executions',
      '1,000,000',
      'AWS',
      `1,000,000 ÷ ${figure(work.waitDays)} days × ${figure(1 / startsPerWait)} waits an execution ÷ ${figure(one.waits)}`,
      quotas.openExecutions / (work.waitDays * DAY_SECONDS) / startsPerWait / one.waits,
    ),
    meetAllDay(
      'Open executions, were it one a wait (control)',
      '1,000,000',
      'AWS',
      `1,000,000 ÷ ${figure(work.waitDays)} days ÷ ${figure(one.waits)}`,
      quotas.openExecutions / (work.waitDays * DAY_SECONDS) / one.waits,
    ),
    meet('State transitions', '5,000/s', 'AWS', '5,000 ÷ 2 an execution, as above', 2_500 / startsPerWait / one.waits),
    meet(
      '`concurrency.send`, e-mail',
      `${concurrency.send} (at most 1,000)`,
      'ours',
      `${whole(sent)} messages/s ÷ ${figure(one.messages)} an event`,
      sent / one.messages,
    ),
    meet(
      '`concurrency.receipts`',
      `${concurrency.receipts} (at most 1,000)`,
      'ours',
      `${whole(received)} receipts/s ÷ ${figure(one.receipts)} an event`,
      received / one.receipts,
    ),
    meet(
      'SES, rate (assumed)',
      `${quotas.emailsPerSecond} messages/s`,
      'AWS',
      `${quotas.emailsPerSecond} ÷ ${figure(one.messages)} messages an event`,
      quotas.emailsPerSecond / one.messages,
    ),
    meetAllDay(
      'SES, 24 hours (assumed)',
      `${whole(quotas.emailsPerDay)} messages`,
      'AWS',
      `${whole(quotas.emailsPerDay)} ÷ ${figure(one.messages)} ÷ 86,400 s`,
      quotas.emailsPerDay / one.messages / DAY_SECONDS,
    ),
  ];
}

export function limitsTable(work: Work): string {
  const rows = meetings(work).map(({ limit, value, whose, sum, eventsPerSecond, allDay }) => {
    const perDay = (eventsPerSecond * DAY_SECONDS) / (allDay ? 1 : curve.peak);
    return `| ${limit} | ${value} | ${whose} | ${sum} | ${whole(eventsPerSecond)} | ${millions(perDay)} |`;
  });
  const told = whole(MAX_PER_MINUTE / 60);
  return `| limit | default | whose | sum | events/s | events a day, in millions |
| --- | --- | --- | --- | --: | --: |
${rows.join('\n')}

Events a day: of a day whose busiest second has ${curve.peak} times the mean, or of the whole day where the limit is of a day. A broadcast tells at
most ${told} customers a second (\`perMinute\` ends at ${whole(MAX_PER_MINUTE)}).`;
}

const millions = (value: number): string => {
  const amount = value / 1e6;
  return amount >= 100 ? whole(amount) : figure(amount, 2);
};
