import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { linePlot } from '../../bench/plot/line-plot.ts';
import { DAY_SECONDS, shapeOfDay } from '../../bench/scale/arrivals.ts';
import { billOf } from '../../bench/scale/bill.ts';
import { simulateDay } from '../../bench/scale/day.ts';
import { limitsTable, meetings } from '../../bench/scale/limits.ts';
import { dayPlots } from '../../bench/scale/plots.ts';
import { billTable, daysTable } from '../../bench/scale/report.ts';
import { deploymentOf, type Scenario, scenarios } from '../../bench/scale/scenarios.ts';
import { OnDemand } from '../../bench/scale/table.ts';
import type { Tally } from '../../bench/scale/tally.ts';
import { counted, toldOf, work, workAtNine } from '../../bench/scale/work.ts';

const read = (path: string) => readFileSync(join(import.meta.dirname, '../..', path), 'utf8');
const runs = scenarios.map(simulateDay);
const runOf = (name: string): Tally => runs.find(({ scenario }) => scenario.name === name)!;
const scenario = (name: string): Scenario => scenarios.find((one) => one.name === name)!;
const small = scenario('10 million a day, as it comes');
const large = scenario('1 billion a day, levers pulled');

/** To a millionth: amounts are fractions. */
const same = (found: number, expected: number) =>
  expect(found / Math.max(1, expected)).toBeCloseTo(expected / Math.max(1, expected), 6);

describe.each(runs.map((run) => [run.scenario.name, run] as const))('nothing is lost: %s', (_, run) => {
  const { count, left, decisions } = run;

  it('events are accepted, or wait at their clients', () => {
    same(count.events, run.scenario.load.eventsPerDay * run.scenario.days);
    same(count.accepted + left.clients, count.events);
  });

  it('records are decided, or wait in the mailbox; receipts of the last second have not come', () => {
    const told = toldOf(count.receipts, run.scenario.work);
    const into = count.accepted + count.wakes + count.enrolled + told;
    const late = into - decisions - left.mailbox;
    expect(late).toBeGreaterThanOrEqual(-into * 1e-9);
    expect(late).toBeLessThanOrEqual(run.scenario.quotas.emailsPerSecond);
  });

  it('messages come back as receipts, or wait; waits are armed, or wait', () => {
    same(count.receipts + left.receipts, count.messages * run.scenario.work.receiptsPerMessage);
    expect(count.wakes).toBeLessThanOrEqual(count.waits + left.waits + 1);
  });

  it('quotas are kept', () => {
    const { quotas, days } = run.scenario;
    expect(run.most.concurrency).toBeLessThanOrEqual(quotas.lambdaConcurrency + 1e-6);
    expect(run.mostExecutionsPerSecond).toBeLessThanOrEqual(quotas.startExecutionsPerSecond);
    expect(count.messages).toBeLessThanOrEqual(quotas.emailsPerDay * days + 1e-6);
  });
});

describe('a quota that is taken away takes its queue with it', () => {
  it('SES', () => {
    expect(runOf(small.name).most.age.messages).toBeGreaterThan(3_600);
    expect(runOf('10 million a day, SES raised').most.age.messages).toBeLessThan(1);
  });

  it('the front door', () => {
    const narrow = runOf('1 billion a day, as it comes');
    const deployment = { ...large.deployment, ingest: { rate: 1e9, burst: 1e9 } };
    const quotas = { ...large.quotas, httpRequestsPerSecond: 1e9, lambdaConcurrency: 1e6, lambdaScalingPerSecond: 1e6 };
    const wide = simulateDay({ ...narrow.scenario, deployment, quotas });
    expect(narrow.left.clients).toBeGreaterThan(1e8);
    expect(wide.left.clients).toBeLessThan(1);
  });

  it('waits that end at nine come at once; those of whole days do not', () => {
    const even = runOf('10 million a day, SES raised');
    const nine = simulateDay({ ...even.scenario, work: workAtNine(work) });
    same(nine.count.wakes, 500_000);
    expect(even.most.mailbox).toBeLessThan(1_000);
    expect(nine.most.mailbox).toBeGreaterThan(50_000);
    expect(nine.most.age.mailbox).toBeGreaterThan(even.most.age.mailbox + 5);
  });

  it('cohorts are what keeps StartExecution out of the way', () => {
    const alone = simulateDay({
      ...small,
      cohorts: false,
      load: { eventsPerDay: 500_000_000 },
      deployment: large.deployment,
      quotas: { ...large.quotas, httpRequestsPerSecond: 1e9 },
      work: large.work,
    });
    expect(alone.most.age.waits).toBeGreaterThan(600);
    expect(runOf(large.name).most.age.waits).toBeLessThan(1);
    expect(billOf(alone).waits / alone.count.waits).toBeGreaterThan(
      10 * (billOf(runOf(large.name)).waits / runOf(large.name).count.waits),
    );
  });
});

describe('what it is told', () => {
  it('the curve is of one day, and three times the mean at its peak', () => {
    const shape = shapeOfDay();
    same(
      shape.reduce((sum, share) => sum + share, 0),
      1,
    );
    expect(shape.length).toBe(DAY_SECONDS);
    expect(shape[19 * 3_600]! / shape[7 * 3_600]!).toBeGreaterThan(20);
  });

  it.each([
    ['event that changes nothing, known profile', counted.inert],
    ['event that moves a trait, known profile', counted.moved],
  ])('units are those that are counted: %s', (row, units) => {
    const [, writes, reads] = new RegExp(`^\\| ${row} \\| ([\\d.]+) \\| ([\\d.]+) \\|`, 'm').exec(
      read('BENCHMARKS.md'),
    )!;
    const drift = 0.15;
    expect(Math.abs((units.profileWrites + units.journalWrites) / Number(writes) - 1)).toBeLessThan(drift);
    expect(Math.abs((units.profileReads + units.journalReads) / Number(reads) - 1)).toBeLessThan(drift);
  });

  it('a lever beyond the configuration is refused', () => {
    expect(() => deploymentOf({ mailboxShards: 5 })).toThrow();
  });

  it('a table on demand takes twice its peak, half an hour later', () => {
    const table = new OnDemand({ quota: 40_000, warm: 4_000 });
    const at = (minute: number, units: number) => {
      table.consume(minute * 60, units);
      return table.capacity();
    };
    expect(at(0, 4_000)).toBe(4_000);
    expect(at(30, 4_000)).toBe(4_000);
    expect(at(31, 8_000)).toBe(8_000);
    expect(at(62, 16_000)).toBe(16_000);
    expect(at(93, 1)).toBe(32_000);
    expect(at(500, 32_000)).toBe(32_000);
    expect(at(531, 1)).toBe(40_000);
  });
});

describe('docs/scale.md says what the code says', () => {
  const page = read('docs/scale.md');

  it('the days, their bills, and where limits are met', () => {
    expect(page).toContain(daysTable(runs));
    expect(page).toContain(billTable(runs));
    expect(page).toContain(limitsTable(work));
  });

  it('the plots of the days', () => {
    for (const [name, plot] of Object.entries(dayPlots(runs)))
      expect(read(`docs/images/${name}.svg`), name).toBe(linePlot(plot));
  });

  it('the figures in its words', () => {
    const alone = meetings(work).find(({ limit }) => limit.startsWith('Open executions, were it'))!;
    expect(page).toContain(`at ${((alone.eventsPerSecond * DAY_SECONDS) / 1e6).toFixed(1)} million events a day`);
    expect(page).toContain('28 hours as one');
    expect(Math.round(100_000_000 / 1_000 / 3_600)).toBe(28);
  });

  it('and a second run is the same, to the byte', () => {
    expect(JSON.stringify(simulateDay(small))).toBe(JSON.stringify(runs[0]));
  });
});
