import type { Axis } from '../plot/axis.ts';
import type { LinePlot, Series } from '../plot/line-plot.ts';
import { DAY_SECONDS } from './arrivals.ts';
import { billOf } from './bill.ts';
import { simulateDay } from './day.ts';
import { billion, type Variant } from './levers.ts';
import { SLOT_SECONDS, type Tally } from './tally.ts';

const command = 'Written by `npm run bench:scale`: simulated under quotas as documented, not measured on AWS.';
const hours = { label: 'time of day', unit: 'h', scale: 'linear', from: 0, to: 24, step: 3 } as const;
const SLOTS = DAY_SECONDS / SLOT_SECONDS;

type Named = Pick<Variant, 'what' | 'run'>;

/** The first day of each run. */
const linesOf = (runs: readonly Named[], value: (run: Tally, slot: number) => number): Series[] =>
  runs.map(({ what: name, run }) => ({
    name,
    points: Array.from({ length: SLOTS }, (_, slot) => [(slot * SLOT_SECONDS) / 3_600, value(run, slot)] as const),
  }));

const spans = {
  1: '1 s',
  10: '10 s',
  60: '1 min',
  600: '10 min',
  3600: '1 h',
  10800: '3 h',
  36000: '10 h',
  86400: '1 d',
} as const;
const age: Axis = {
  label: 'age',
  scale: 'log',
  from: 1,
  to: 100_000,
  ticks: Object.keys(spans).map(Number),
  format: (value) => spans[value as keyof typeof spans],
};

const withBefore = [
  'all pulled',
  'one event a request',
  'one mailbox with 200 at a time',
  'tables of 40,000 units/s',
  'new tables',
];

/** A billion events a day: before, after, and with one lever back. */
export function eventAgePlot(before: Tally, variants: readonly Variant[]): LinePlot {
  const shown = variants.filter(({ what }) => withBefore.includes(what));
  return {
    title: 'A billion events a day: how old the oldest is before it is decided',
    caption: `${command} At the client that was refused, or in the mailbox; the most of each five minutes. A second or less on the edge.`,
    x: hours,
    y: age,
    series: linesOf([{ what: 'as it comes', run: before }, ...shown], ({ slots }, slot) =>
      Math.max(slots.clientsAge[slot]!, slots.mailboxAge[slot]!),
    ),
  };
}

/** By name, what the runs of the scenarios show. */
export function dayPlots(tallies: readonly Tally[]): Record<string, LinePlot> {
  const runs = tallies.map((run) => ({ what: run.scenario.name, run }));
  return {
    'scale-message-age': {
      title: 'How old the oldest message is before SES has it',
      caption: `${command} In the queue of messages; the most of each five minutes. A second or less on the edge.`,
      x: hours,
      y: age,
      series: linesOf(runs, ({ slots }, slot) => slots.messagesAge[slot]!),
    },
    'scale-backlog': {
      title: 'What waits: events, records, messages and receipts',
      caption: `${command} At clients and in all queues together; the most of each five minutes. Less than one on the edge.`,
      x: hours,
      y: { label: 'waiting', scale: 'log', from: 1, to: 1e9 },
      series: linesOf(runs, ({ slots }, slot) =>
        (['clients', 'mailbox', 'messages', 'receipts'] as const).reduce((sum, place) => sum + slots[place][slot]!, 0),
      ),
    },
    'scale-concurrency': {
      title: 'Containers of Lambda at the same time',
      caption: `${command} ingest, evaluate, send and receipts together; the most of each five minutes. An account has 1,000 unless more are granted.`,
      x: hours,
      y: { label: 'containers', scale: 'log', from: 1, to: 10_000 },
      series: linesOf(runs, ({ slots }, slot) => slots.concurrency[slot]!),
    },
  };
}

const sizes = [1e6, 3e6, 1e7, 3e7, 1e8, 3e8, 1e9] as const;

/** What a million events cost, by how many there are in a day. */
export function costPlot(): LinePlot {
  const runs = sizes.map((eventsPerDay) => simulateDay({ ...billion, load: { eventsPerDay } }));
  const quotas = { ...billion.quotas, startExecutionsPerSecond: Number.POSITIVE_INFINITY };
  const alone = sizes.map((eventsPerDay) =>
    simulateDay({ ...billion, quotas, cohorts: false, load: { eventsPerDay } }),
  );
  const line = (name: string, of: readonly Tally[], part: keyof ReturnType<typeof billOf>): Series => ({
    name,
    points: of.map((run, index) => [sizes[index]!, (billOf(run)[part] / sizes[index]!) * 1e6]),
  });
  return {
    title: 'What a million events cost, by how many there are in a day',
    caption: `${command} With the levers pulled and ten events a request; without SES, logs, storage and backups. The control starts one execution for each wait, were there no quota.`,
    x: { label: 'events a day', scale: 'log', from: 1e6, to: 1e9 },
    y: { label: 'US dollars per million events', scale: 'linear', from: 0 },
    series: [
      line('all', runs, 'aws'),
      line('tables', runs, 'tables'),
      line('queues', runs, 'queues'),
      line('functions', runs, 'functions'),
      line('waits', runs, 'waits'),
      line('all, one execution a wait (control)', alone, 'aws'),
    ],
  };
}
