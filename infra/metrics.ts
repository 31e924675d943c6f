import * as cdk from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { metrics } from '../shared/resources.ts';
import type { EnvironmentContext, MachineName } from './context.ts';

/** Names under which functions count (`MetricName` in shared/app/ports.ts). */
export type Counted =
  | 'AuditOutcomesLost'
  | 'CanarySilent'
  | 'EventsAccepted'
  | 'EventsRejected'
  | 'RecordsParked'
  | 'RecordsFailed'
  | 'MessagesSent'
  | 'MessagesFailed'
  | 'MessagesUnknown'
  | 'MessagesUnsettled'
  | 'AnswersLate'
  | 'MessagesRetried'
  | 'ProviderMisconfigured'
  | 'ProviderDown'
  | 'OptOutsLearntLate'
  | 'PushCredentialsRefused'
  | 'ReceiptsFailed'
  | 'WakesLate';

/**
 * These metrics exist only when something is bad, and a sum with a missing term has no value (CloudWatch, "Using metric
 * math": FILL).
 */
export function sumOf(usingMetrics: Readonly<Record<string, cloudwatch.IMetric>>): string {
  return Object.keys(usingMetrics)
    .map((id) => `FILL(${id}, 0)`)
    .join(' + ');
}

export function oldest(scope: Construct, context: EnvironmentContext, queue: string): cloudwatch.Metric {
  return queueMetric(scope, context, queue, 'ApproximateAgeOfOldestMessage', 'Maximum', 1);
}

export function counted(context: EnvironmentContext, metricName: Counted, minutes = 5): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: metrics.namespace,
    metricName,
    dimensionsMap: { [metrics.dimension]: context.id },
    statistic: 'Sum',
    period: cdk.Duration.minutes(minutes),
  });
}

export function functionMetric(context: EnvironmentContext, deployed: string, metricName: string): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/Lambda',
    metricName,
    dimensionsMap: { FunctionName: context.physicalName(deployed) },
    statistic: 'Sum',
    period: cdk.Duration.minutes(5),
    label: `${deployed} ${metricName.toLowerCase()}`,
  });
}

export function machineMetric(
  scope: Construct,
  context: EnvironmentContext,
  machine: MachineName,
  metricName: string,
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/States',
    metricName,
    dimensionsMap: { StateMachineArn: context.machineArn(scope, machine) },
    statistic: 'Sum',
    period: cdk.Duration.minutes(5),
  });
}

export function queueMetric(
  scope: Construct,
  context: EnvironmentContext,
  queue: string,
  metricName: string,
  statistic: string,
  minutes: number,
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/SQS',
    metricName,
    dimensionsMap: { QueueName: context.queue(scope, queue).name },
    statistic,
    period: cdk.Duration.minutes(minutes),
    label: queue,
  });
}
