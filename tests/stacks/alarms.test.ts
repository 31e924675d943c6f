import { describe, expect, it } from 'vitest';
import { deployedFunctions } from '../../infra/functions.ts';
import { metrics } from '../../shared/resources.ts';
import { fullConfig, type Properties, synthesize } from './synthesize.ts';

const environment = synthesize(fullConfig);
const alarms = environment.ofType('AWS::CloudWatch::Alarm').map(({ properties }) => properties);
const byName = (name: string): Properties => alarms.find((alarm) => alarm['AlarmName'] === `godwit-test-${name}`)!;

/** Every metric an alarm looks at, as `namespace/name` with its dimensions. */
const watched = alarms.flatMap((alarm) =>
  [alarm, ...(alarm['Metrics'] ?? []).map((query: Properties) => query['MetricStat']?.Metric ?? {})].map(
    ({ Namespace, MetricName, Dimensions }: Properties) =>
      `${Namespace}/${MetricName} ${JSON.stringify(Dimensions ?? [])}`,
  ),
);

describe('alarms', () => {
  it('watch every queue, dead letters for any, the others for age', () => {
    const published = environment
      .ofType('AWS::SSM::Parameter')
      .map(({ properties }) => properties['Name'] as string)
      .filter((name) => name.startsWith('/godwit/test/queues/'));
    expect(published.length).toBe(environment.ofType('AWS::SQS::Queue').length);
    for (const name of published) {
      const queue = name.slice('/godwit/test/queues/'.length);
      const parameter = `SsmParameterValuegodwittestqueues${queue.replaceAll('-', '')}`;
      const metric = queue.endsWith('-dead')
        ? queue.startsWith('messages-')
          ? 'NumberOfMessagesReceived'
          : 'ApproximateNumberOfMessagesVisible'
        : 'ApproximateAgeOfOldestMessage';
      const matches = watched.filter((each) => each.startsWith(`AWS/SQS/${metric} `) && each.includes(`"${parameter}`));
      expect(matches, queue).toHaveLength(1);
    }
  });

  it.each(deployedFunctions)('watch the errors of $deployed', ({ deployed }) => {
    const dimensions = JSON.stringify([{ Name: 'FunctionName', Value: `godwit-test-${deployed}` }]);
    expect(watched).toContain(`AWS/Lambda/Errors ${dimensions}`);
  });

  it.each(['ingest', 'api'])('watch what clients of %s were told', (api) => {
    const dimension = `AWS/ApiGateway/5xx [{"Name":"ApiId","Value":{"Ref":"SsmParameterValuegodwittest${api}api`;
    expect(watched.filter((each) => each.startsWith(dimension))).toHaveLength(1);
  });

  it.each([
    ['mailbox-0-age', 300],
    ['mailbox-1-age', 300],
    ['bounce-rate', 0.04],
    ['complaint-rate', 0.0008],
    ['events-rejected', 1],
    ['records-parked', 1],
    ['audit-outcomes-lost', 1],
    ['waits-lost', 1],
    ['messages-retried', 5],
    ['records-failed', 5],
    ['receipts-failed', 1],
    ['wakes-late', 1],
    ['messages-failing', 5],
    ['messages-unsettled', 1],
  ])('%s rings from %d on', (name, threshold) => {
    const alarm = byName(name);
    expect(alarm['Threshold']).toBe(threshold);
    expect(alarm['ComparisonOperator']).toBe('GreaterThanOrEqualToThreshold');
  });

  // A standard queue's age leaves out what was received three times, and a batch that failed in part is no error.
  it.each([
    ['messages-retried', 'MessagesRetried', 900],
    ['records-failed', 'RecordsFailed', 300],
    ['receipts-failed', 'ReceiptsFailed', 300],
  ])('%s rings for what fails again and again', (name, metric, seconds) => {
    expect(byName(name)).toMatchObject({
      Namespace: metrics.namespace,
      MetricName: metric,
      Statistic: 'Sum',
      Period: seconds,
      EvaluationPeriods: 3,
    });
  });

  it.each([
    ['nothing', {}, 0],
    ['a bad one in a quiet night', { failed: 3, sent: 16 }, 0],
    ['one in twenty', { failed: 1, sent: 19 }, 5],
    ['failed and unknown together', { failed: 20, unknown: 20, sent: 360 }, 10],
    ['a channel that is down', { failed: 20 }, 100],
  ])('messages-failing sees of %s: %j are %d percent', (_what, counts, percent) => {
    const { Expression } = (byName('messages-failing')['Metrics'] as Properties[]).find(
      (query) => query['Expression'],
    )!;
    const { sent, failed, unknown }: Record<string, number> = counts;
    // Metric math that JavaScript can read.
    const calculate = new Function('IF', 'FILL', 'sent', 'failed', 'unknown', `return ${Expression}`);
    const choose = (is: boolean, one: number, other: number) => (is ? one : other);
    const fill = (value: number | undefined, missing: number) => value ?? missing;
    expect(calculate(choose, fill, sent, failed, unknown)).toBe(percent);
  });

  it.each([
    ['nothing', {}, 0],
    ['nine of a small day', { unsettled: 9, sent: 9 }, 0],
    ['one in a hundred', { unsettled: 10, sent: 990 }, 1],
    ['a channel of which nothing is heard', { unsettled: 50 }, 100],
  ])('messages-unsettled sees of %s: %j are %d percent', (_what, counts, percent) => {
    const { Expression } = (byName('messages-unsettled')['Metrics'] as Properties[]).find(
      (query) => query['Expression'],
    )!;
    const { sent, unsettled }: Record<string, number> = counts;
    const calculate = new Function('IF', 'FILL', 'sent', 'unsettled', `return ${Expression}`);
    const choose = (is: boolean, one: number, other: number) => (is ? one : other);
    const fill = (value: number | undefined, missing: number) => value ?? missing;
    expect(calculate(choose, fill, sent, unsettled)).toBe(percent);
  });

  it('say what customers notice, and name a runbook', () => {
    for (const { AlarmName, AlarmDescription } of alarms) {
      expect(AlarmDescription, AlarmName).toMatch(/^Customers notice: .+\.\nWhat to do: docs\/runbooks\/[a-z-]+\.md$/);
    }
  });

  it('call when they ring and when they stop, and stay silent without data', () => {
    for (const alarm of alarms) {
      expect(alarm['AlarmActions']).toHaveLength(1);
      expect(alarm['OKActions']).toEqual(alarm['AlarmActions']);
      expect(alarm['TreatMissingData']).toBe('notBreaching');
    }
  });

  it('reach the address of the environment, and nobody where there is none', () => {
    const subscriptions = (config: Parameters<typeof synthesize>[0]) =>
      synthesize(config)
        .ofType('AWS::SNS::Subscription')
        .filter(({ properties }) => properties['Protocol'] === 'email')
        .map(({ properties }) => properties['Endpoint']);
    expect(subscriptions(fullConfig)).toEqual(['on-call@example.com']);
    expect(subscriptions({})).toEqual([]);
  });

  it('read few metrics of our own: each costs $0.30 a month', () => {
    const own = new Set(watched.filter((each) => each.startsWith(`${metrics.namespace}/`)));
    // Those of the canary, of late erasures and of lost audit outcomes are there, and paid for, only in months in which something was wrong.
    expect(own.size).toBeLessThanOrEqual(18);
  });

  it('add up metrics that are not there as 0: most exist only when something is bad', () => {
    const calculated = alarms.flatMap((alarm) => {
      const queries = (alarm['Metrics'] ?? []) as Properties[];
      const expression = queries.find((query) => query['Expression'])?.['Expression'] as string | undefined;
      const ids = queries.filter((query) => query['MetricStat']).map((query) => query['Id'] as string);
      return expression === undefined ? [] : [{ bare: expression.replace(/FILL\(\w+, 0\)/g, ''), ids }];
    });
    expect(calculated.length).toBeGreaterThanOrEqual(4);
    for (const { bare, ids } of calculated) {
      const words = [...bare.matchAll(/[A-Za-z]\w*/g)].map(([word]) => word);
      expect(ids.filter((id) => words.includes(id))).toEqual([]);
    }
  });

  it('have no expression with more metrics than an alarm may read', () => {
    for (const alarm of alarms) expect((alarm['Metrics'] ?? []).length).toBeLessThanOrEqual(10);
  });
});

describe('dashboard', () => {
  it('there is one, under the name of the environment', () => {
    const names = environment.ofType('AWS::CloudWatch::Dashboard').map(({ properties }) => properties['DashboardName']);
    expect(names).toEqual(['godwit-test']);
  });
});
