import { billOf } from './bill.ts';
import type { Variant } from './levers.ts';
import type { Tally } from './tally.ts';
import { nineOClock } from './work.ts';

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
/** Rounding leaves crumbs of fractions. */
const some = (value: number): string =>
  value < 1 ? '0' : value < 1e6 ? whole(value) : `${Number((value / 1e6).toPrecision(4)).toLocaleString('en-US')} M`;
const dollars = (value: number): string => `$${value < 100 ? value.toFixed(2) : whole(value)}`;

function span(seconds: number): string {
  if (seconds < 1) return '< 1 s';
  if (seconds < 120) return `${whole(seconds)} s`;
  return seconds < 7_200 ? `${whole(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`;
}

/** Since it arrived at the front door: at the client, or in the mailbox. */
const oldestEvent = ({ most: { age } }: Tally): number => Math.max(age.clients, age.mailbox);
/** Without the provider. A broadcast is made of messages, a day of events. */
const perMillion = (run: Tally): number => {
  const { accepted, messages } = run.count;
  return (billOf(run).aws / (run.scenario.load.broadcast === undefined ? accepted : messages)) * 1e6;
};

export function daysTable(runs: readonly Tally[]): string {
  const rows = runs.map((run) => {
    const { scenario, most, left, count, mostExecutionsPerSecond } = run;
    const cells = [
      scenario.name,
      span(most.age.clients),
      some(left.clients),
      span(most.age.mailbox),
      some(most.mailbox),
      span(most.age.messages),
      some(count.messages),
      some(left.messages),
      span(most.age.receipts),
      whole(most.concurrency),
      mostExecutionsPerSecond.toFixed(1),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return `| load | oldest at clients | left there | oldest in the mailbox | most there | oldest message | sent | left | oldest receipt | most containers | most starts/s |
| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |
${rows.join('\n')}`;
}

export function billTable(runs: readonly Tally[]): string {
  const rows = runs.map((run) => {
    const bill = billOf(run);
    const { days } = run.scenario;
    const cells = [bill.tables, bill.queues, bill.functions, bill.frontDoor, bill.waits, bill.aws, bill.email].map(
      (sum) => dollars(sum / days),
    );
    return `| ${run.scenario.name} | ${cells.join(' | ')} |`;
  });
  return `| dollars a day | tables | queues | functions | front door | waits | all, without the provider | SES |
| --- | --: | --: | --: | --: | --: | --: | --: |
${rows.join('\n')}`;
}

export function variantsTable(what: string, of: 'events' | 'messages', variants: readonly Variant[]): string {
  const rows = variants.map(({ what: name, run }) => {
    const { most, left } = run;
    const cells = [
      span(oldestEvent(run)),
      some(left.clients + left.mailbox),
      span(Math.max(most.age.messages, most.age.receipts)),
      some(left.messages + left.receipts),
      span(most.age.waits),
      whole(most.concurrency),
      dollars(perMillion(run)),
    ];
    return `| ${name} | ${cells.join(' | ')} |`;
  });
  return `| ${what} | oldest event | left | oldest message or receipt | left | oldest wait unarmed | most containers | per million ${of} |
| --- | --: | --: | --: | --: | --: | --: | --: |
${rows.join('\n')}`;
}

/** What ends at nine of the fullest zone. */
export function nineTable(variants: readonly Variant[]): string {
  const rows = variants.map(({ what, run }) => {
    const { load, work } = run.scenario;
    const ended = load.eventsPerDay * work.mix.journey * work.perJourneyEvent.waits * Math.max(...nineOClock);
    const cells = [
      some(ended),
      span(run.most.age.woken),
      span(run.most.age.mailbox),
      whole(run.most.concurrency),
      some(run.executions),
    ];
    return `| ${what} | ${cells.join(' | ')} |`;
  });
  return `| all waits end at nine | in the fullest zone | until the last is in the mailbox | oldest there | most containers | executions a day |
| --- | --: | --: | --: | --: | --: |
${rows.join('\n')}`;
}
