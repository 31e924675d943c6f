import * as cdk from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { AlarmRule } from './alarm-rule.ts';
import type { EnvironmentContext } from './context.ts';
import { counted } from './metrics.ts';

/** Of the account, since SES reviews accounts: at 5 % bounces or 0.1 % complaints, and pauses at 10 % and 0.5 %. */
export function emailRules(): AlarmRule[] {
  const reputation = (metricName: string) =>
    new cloudwatch.Metric({
      namespace: 'AWS/SES',
      metricName,
      statistic: 'Average',
      period: cdk.Duration.hours(1),
    });
  const notice = 'mail lands in spam folders, and SES may stop sending';
  return [
    {
      name: 'bounce-rate',
      notice,
      runbook: 'ses-reputation',
      metric: reputation('Reputation.BounceRate'),
      atLeast: 0.04,
    },
    {
      name: 'complaint-rate',
      notice,
      runbook: 'ses-reputation',
      metric: reputation('Reputation.ComplaintRate'),
      atLeast: 0.0008,
    },
  ];
}

/** Breakers: one line whenever one opens, or a try has failed, which is every quarter of an hour at least. */
export function outageRules(context: EnvironmentContext): AlarmRule[] {
  return [
    {
      name: 'provider-down',
      notice: 'messages of a channel, or of one of its senders, wait until its provider works again',
      runbook: 'provider-down',
      metric: counted(context, 'ProviderDown', 15),
      atLeast: 1,
    },
  ];
}

/** Only where text messages are set up. */
export function smsRules(context: EnvironmentContext): AlarmRule[] {
  const { sms } = context.config;
  if (sms === undefined) return [];
  const heard: AlarmRule = {
    name: 'sms-stop-unheard',
    notice: 'those who text STOP are written to once more, and AWS refuses it',
    runbook: 'sms-stop-unheard',
    // Single ones are normal: a number on the list from before, or a STOP on its way.
    metric: counted(context, 'OptOutsLearntLate', 60),
    atLeast: 5,
  };
  if (sms.spendAlarmUsd === undefined) return [heard];
  return [
    heard,
    {
      name: 'sms-spend',
      notice: 'at the limit of the month AWS stops all text messages',
      runbook: 'sms-spend',
      // Needs the account's service-linked role (End User Messaging SMS user guide, "Monitoring with Amazon CloudWatch").
      metric: new cloudwatch.Metric({
        namespace: 'AWS/SMSVoice',
        metricName: 'TextMessageMonthlySpend',
        statistic: 'Maximum',
        period: cdk.Duration.hours(1),
      }),
      atLeast: sms.spendAlarmUsd,
    },
  ];
}

/** Only where push notifications are set up. */
export function pushRules(context: EnvironmentContext): AlarmRule[] {
  if (context.config.push === undefined) return [];
  return [
    {
      name: 'push-credentials',
      notice: 'no push notifications arrive on devices of Apple, or of Google',
      runbook: 'push-credentials',
      metric: counted(context, 'PushCredentialsRefused', 5),
      atLeast: 1,
    },
  ];
}

/** What the night could not settle, of a whole day: a day is the longest that an alarm looks back (CloudWatch API, PutMetricAlarm). */
export function unknownRules(context: EnvironmentContext): AlarmRule[] {
  const minutes = 24 * 60;
  return [
    {
      name: 'messages-unsettled',
      notice: 'of one message in a hundred, or more, nobody will know whether it arrived',
      runbook: 'unknown-messages',
      metric: new cloudwatch.MathExpression({
        // A few of a small day are a matter for the list, not for the night.
        expression: 'IF(FILL(unsettled, 0) >= 10, 100 * FILL(unsettled, 0) / (FILL(sent, 0) + FILL(unsettled, 0)), 0)',
        usingMetrics: {
          unsettled: counted(context, 'MessagesUnsettled', minutes),
          sent: counted(context, 'MessagesSent', minutes),
        },
        label: 'Messages that stay unknown, in percent',
        period: cdk.Duration.minutes(minutes),
      }),
      atLeast: 1,
    },
  ];
}
