import * as cdk from 'aws-cdk-lib';
import { noCode } from '../../infra/bundle.ts';
import { GodwitEnvironment } from '../../infra/index.ts';
import type { Deployed } from '../../shared/cost/figures.ts';
import { metrics } from '../../shared/resources.ts';

interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: templates are JSON of many shapes, and few of them are read
  readonly Properties?: Record<string, any>;
}

const list = <T>(one: T | readonly T[] | undefined): readonly T[] =>
  one === undefined ? [] : Array.isArray(one) ? one : [one as T];

/** What stands in an account by itself, counted in the templates of a live environment with one sender. */
export function deployed(): Deployed {
  const app = new cdk.App({ analyticsReporting: false });
  const environment = new GodwitEnvironment(app, {
    environment: 'bill',
    codeFor: noCode,
    config: {
      delivery: { mode: 'live' },
      senders: [
        {
          ...{ id: 'shop', from: 'Shop <hello@mail.shop.example>', domain: 'mail.shop.example', dns: 'manual' },
          postalAddress: 'Shop, 1 Harbour Road, 20457 Hamburg',
        },
      ],
    },
  });
  const resources = environment
    .synth()
    .stacks.flatMap(({ template }) => Object.values((template as { Resources: Record<string, Resource> }).Resources));
  const ofType = (type: string) =>
    resources.filter(({ Type }) => Type === type).map(({ Properties = {} }) => Properties);

  const alarms = ofType('AWS::CloudWatch::Alarm');
  const looksAt = ({ Metrics }: { Metrics?: { MetricStat?: unknown }[] }) =>
    Metrics === undefined ? 1 : Metrics.filter(({ MetricStat }) => MetricStat !== undefined).length;
  const ownNames = (alarm: (typeof alarms)[number]): string[] =>
    [alarm, ...list(alarm['Metrics']).map((one) => one.MetricStat?.Metric ?? {})]
      .filter(({ Namespace }) => Namespace === metrics.namespace)
      .map(({ MetricName }) => String(MetricName));
  const tables = ofType('AWS::DynamoDB::Table');
  const sources = ofType('AWS::Lambda::EventSourceMapping');
  const isFifo = (source: (typeof sources)[number]) => /queues?mailbox/i.test(JSON.stringify(source['EventSourceArn']));
  const allowed = ofType('AWS::IAM::Policy').flatMap((policy) =>
    (policy['PolicyDocument'].Statement as { Action: string | string[]; Resource: unknown }[]).map((statement) => ({
      actions: list(statement.Action),
      resources: list(statement.Resource).map((one) => JSON.stringify(one)),
    })),
  );
  /** Pairs of a role and what it may do this to. */
  const pairs = (action: RegExp) =>
    allowed
      .filter(({ actions }) => actions.some((one) => action.test(one)))
      .reduce((sum, one) => sum + one.resources.filter((name) => !name.includes('/index/')).length, 0);
  const stages = ofType('AWS::ApiGatewayV2::Stage');

  return {
    alarms: alarms.length,
    alarmMetrics: alarms.reduce((sum, alarm) => sum + looksAt(alarm), 0),
    ownMetrics: new Set(alarms.flatMap(ownNames)).size,
    dashboards: ofType('AWS::CloudWatch::Dashboard').length,
    keys: ofType('AWS::KMS::Key').length,
    tables: tables.length,
    tablesWithRecovery: tables.filter(
      (table) => table['PointInTimeRecoverySpecification']?.PointInTimeRecoveryEnabled === true,
    ).length,
    queues: ofType('AWS::SQS::Queue').length,
    dataKeySeconds: Math.min(
      ...ofType('AWS::SQS::Queue').map((queue) => Number(queue['KmsDataKeyReusePeriodSeconds'])),
    ),
    topics: ofType('AWS::SNS::Topic').length,
    standardPollers: sources.filter((source) => !isFifo(source)).length,
    fifoPollers: sources.filter(isFifo).length,
    rolesOnTables: pairs(/^dynamodb:/),
    rolesThatSend: pairs(/^sqs:SendMessage$/),
    rolesThatReceive: pairs(/^sqs:ReceiveMessage$/),
    accessLogBytes: Math.max(...stages.map((stage) => String(stage['AccessLogSettings'].Format).length)),
    memoryMegabytes: Object.fromEntries(
      ofType('AWS::Lambda::Function').map((one) => [
        String(one['FunctionName']).replace(/^godwit-bill-/, ''),
        Number(one['MemorySize']),
      ]),
    ),
  };
}
