import { describe, expect, it } from 'vitest';
import { bill, type Line, tableGigabytes } from '../../shared/cost/bill.ts';
import { type Figures, figures, type Row } from '../../shared/cost/figures.ts';
import { countsOf, type Load, loadOf } from '../../shared/cost/load.ts';
import { priceTable } from '../../shared/cost/prices.ts';

const line = (of: Load, what: string): Line => bill(of).lines.find((one) => one.what === what)!;
const million = loadOf({ profiles: 1_000_000 });

describe('the load', () => {
  it('of a profile is 20 events, of which 14 change nothing, and 4 messages', () => {
    expect(countsOf(loadOf({ profiles: 100 }))).toMatchObject({
      'inert-event': 1_400,
      'trait-event': 300,
      'computed-event': 200,
      journey: 100,
      broadcast: 100,
      'broadcast-itself': 1,
      'new-profile': 3,
      'quiet-day': 3_000,
    });
  });

  it('enters journeys by what messages there are, and never has less than no events', () => {
    const counts = countsOf(loadOf({ profiles: 10, events: 3, messages: { email: 40 } }));
    expect([counts.journey, counts['inert-event']]).toEqual([10, 0]);
  });

  it.each<[string, Parameters<typeof loadOf>[0], RegExp]>([
    ['less than nobody', { profiles: -1 }, /profiles is a number from 0, not -1/],
    ['no number', { profiles: 1, events: Number.NaN }, /events is a number from 0, not NaN/],
    ['messages less than none', { profiles: 1, messages: { push: -2 } }, /push is a number from 0, not -2/],
    ['claims shorter than the journal', { profiles: 1, messageDays: 60 }, /60 days.*journal's 90/],
  ])('%s is refused', (_what, given, words) => {
    expect(() => loadOf(given)).toThrow(words);
  });
});

describe('the bill', () => {
  /** Everything of one event, and nothing of the rest. */
  const onlyInert = (change: Partial<Row>): Figures => ({
    ...figures,
    rows: figures.rows.map((row): Row => {
      const nothing = {
        writeUnits: 0,
        readUnits: 0,
        fifoRequests: 0,
        standardRequests: 0,
        transitions: 0,
        apiUnits: 0,
      };
      const none = { ...row, ...nothing, publishes: 0, invocations: {}, calls: {}, logBytes: 0, cpuMilliseconds: 0 };
      return { ...none, storedBytes: {}, ...(row.id === 'inert-event' ? change : {}) };
    }),
  });
  const of = (change: Partial<Row>, what: string) =>
    bill(
      loadOf({ profiles: 1_000_000, events: 19_000_000, messages: { email: 0 } }),
      'likely',
      onlyInert(change),
    ).lines.find((one) => one.what === what)!;

  // 14 million events that change nothing: 14 of 19.
  it.each<[what: string, Partial<Row>, count: number, dollars: number]>([
    ['DynamoDB writes', { writeUnits: 2 }, 28e6, 17.5],
    ['SQS FIFO', { fifoRequests: 3 }, 42e6, 21],
    ['SQS standard', { standardRequests: 1 }, 14e6, 5.6],
    ['Step Functions', { transitions: 0.01 }, 140_000, 3.5],
    ['Lambda invocations', { invocations: { ingest: 1, evaluate: 0.5 } }, 21e6, 4.2],
    ['HTTP API', { apiUnits: 1 }, 14e6, 14],
    ['receipts through SNS', { publishes: 1 }, 14e6, 7],
    ['logs taken in', { logBytes: 1_000 }, 14, 7],
    // 100 ms of CPU of a vCPU, which is 1,769 MB, and 5 % for starts.
    ["Lambda's time", { cpuMilliseconds: 100 }, 14e6 * 0.1 * (1_769 / 1_024) * 1.05, 33.86],
    // 512 MB wait 2 × 10 ms.
    ["Lambda's time", { calls: { ingest: { sqs: 2 } } }, 14e6 * 0.5 * 0.02 * 1.05, 1.96],
  ])('%s: %j', (what, change, count, dollars) => {
    const found = of(change, what);
    expect(found.count).toBeCloseTo(count, 3);
    expect(found.dollars).toBeCloseTo(dollars, 2);
  });

  it('keeps what is stored for as long as it is kept, and everything a second time for recovery', () => {
    const stored = onlyInert({ storedBytes: { journal: 500 } });
    const load = loadOf({ profiles: 1_000_000, events: 19_000_000, messages: { email: 0 }, journalDays: 60 });
    expect(tableGigabytes(load, stored).journal).toBeCloseTo(14e6 * 500 * 2e-9, 6);
    const { lines } = bill(load, 'likely', stored);
    const gigabytes = 14 + (1_000_000 * figures.profileBytes) / 1e9;
    expect(lines.find(({ what }) => what === 'point-in-time recovery')!.count).toBeCloseTo(gigabytes, 6);
  });

  it('is the sum of its lines, and all in is AWS and what providers take', () => {
    const { lines, dollars, awsDollars } = bill(million);
    expect(dollars).toBeCloseTo(
      lines.reduce((sum, one) => sum + one.dollars, 0),
      6,
    );
    expect(dollars - awsDollars).toBeCloseTo(400, 6);
  });

  it('takes what somebody says that a text message costs', () => {
    const { lines } = bill(loadOf({ profiles: 10, messages: { sms: 1_000, push: 5_000_000 }, smsDollars: 0.0075 }));
    const taken = lines.filter(({ group }) => group === 'provider').map(({ dollars }) => dollars);
    expect(taken).toEqual([40 * 0.1e-3, 5, 7.5]);
  });

  it('counts tiers: a request beyond 300 million is cheaper', () => {
    const { dollars, count } = line(loadOf({ profiles: 100_000_000 }), 'HTTP API');
    expect(dollars).toBeCloseTo(300 + (count - 300e6) * 0.9e-6, 3);
  });

  it('is paid for alarms, the key and polling when nobody is there', () => {
    const { lines } = bill(loadOf({ profiles: 0 }));
    const paid = lines.filter(({ dollars }) => dollars > 0.05).map(({ what }) => what);
    expect(paid).toContain('alarms');
    expect(paid).toContain('keys');
    expect(paid).toContain('idle polling, standard');
    expect(paid).not.toContain('profiles');
  });

  it.each([0, 1_000, 1_000_000, 100_000_000])('lies between its least and its most: %i profiles', (profiles) => {
    const [low, likely, high] = (['low', 'likely', 'high'] as const).map(
      (certainty) => bill(loadOf({ profiles }), certainty).dollars,
    );
    expect(low!).toBeLessThan(likely!);
    expect(likely!).toBeLessThan(high!);
  });

  it('says when a row is missing that nobody has counted', () => {
    const without = { ...figures, rows: figures.rows.filter(({ id }) => id !== 'journey') };
    expect(() => bill(million, 'likely', without)).toThrow(/has no row journey.*bench:bill/);
  });

  it('follows the price table', () => {
    const dearer = { ...priceTable, writeUnit: { ...priceTable.writeUnit, dollars: 1.25e-6 } };
    const writes = line(million, 'DynamoDB writes').dollars;
    expect(bill(million, 'likely', figures, dearer).dollars - bill(million).dollars).toBeCloseTo(writes, 6);
  });
});
