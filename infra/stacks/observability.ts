import * as cdk from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { deliveryChannels } from '../../shared/resources.ts';
import { createAlarms } from '../alarms.ts';
import type { EnvironmentContext } from '../context.ts';
import { deployedFunctions } from '../functions.ts';
import { counted, functionMetric, machineMetric, oldest } from '../metrics.ts';

/** What an operator sees: alarms by mail, and one dashboard that reads from left to right as an event travels. */
export class ObservabilityStack extends cdk.Stack {
  constructor(scope: Construct, context: EnvironmentContext) {
    super(scope, 'observability', { description: `Godwit ${context.environment}: alarms and dashboard` });
    const topic = new sns.Topic(this, 'AlarmTopic', {
      displayName: `Alarms of ${context.id}`,
      masterKey: context.key(this),
      enforceSSL: true,
    });
    topic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'PublishAlarms',
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    const { alarmEmail } = context.config;
    if (alarmEmail !== undefined) topic.addSubscription(new EmailSubscription(alarmEmail));
    createAlarms(this, context, new SnsAction(topic));
    this.#dashboard(context);
    new cdk.CfnOutput(this, 'AlarmTopicArn', {
      description: 'Subscribe your on-call tool here',
      value: topic.topicArn,
    });
  }

  #dashboard(context: EnvironmentContext): void {
    const graph = (title: string, ...left: cloudwatch.IMetric[]) =>
      new cloudwatch.GraphWidget({ title, left, width: 8, height: 6 });
    const dashboard = new cloudwatch.Dashboard(this, 'Dashboard', { dashboardName: context.id });
    dashboard.addWidgets(
      graph('Events that came in', counted(context, 'EventsAccepted'), counted(context, 'EventsRejected')),
      graph('How long the oldest record waits (s)', ...context.mailboxes.map((name) => oldest(this, context, name))),
      graph('Records given up for now', counted(context, 'RecordsParked')),
    );
    dashboard.addWidgets(
      graph(
        'Messages handed over, failed, unknown',
        counted(context, 'MessagesSent'),
        counted(context, 'MessagesFailed'),
        counted(context, 'MessagesUnknown'),
      ),
      graph(
        'How long the oldest message waits (s)',
        ...deliveryChannels.map((channel) => oldest(this, context, `messages-${channel}`)),
      ),
      graph(
        'Cohorts: put to sleep, woken',
        machineMetric(this, context, 'journey-wait', 'ExecutionsStarted'),
        machineMetric(this, context, 'journey-wait', 'ExecutionsSucceeded'),
      ),
    );
    dashboard.addWidgets(
      graph('Errors', ...deployedFunctions.map(({ deployed }) => functionMetric(context, deployed, 'Errors'))),
      graph(
        'Invocations',
        ...deployedFunctions.map(({ deployed }) => functionMetric(context, deployed, 'Invocations')),
      ),
      graph('Throttled', ...deployedFunctions.map(({ deployed }) => functionMetric(context, deployed, 'Throttles'))),
    );
  }
}
