import * as cdk from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { deliveryChannels } from '../shared/resources.ts';
import type { AlarmRule } from './alarm-rule.ts';
import { constructId, type EnvironmentContext, type MachineName } from './context.ts';
import { deployedFunctions, duties } from './functions.ts';
import { type Counted, counted, functionMetric, machineMetric, oldest, queueMetric, sumOf } from './metrics.ts';
import { emailRules, outageRules, pushRules, smsRules, unknownRules } from './provider-alarms.ts';

export function alarmRules(scope: Construct, context: EnvironmentContext): AlarmRule[] {
  return [
    ...queueRules(scope, context),
    ...failureRules(context),
    ...deadLetterRules(scope, context),
    ...waitRules(scope, context),
    ...functionRules(context),
    ...frontDoorRules(scope, context),
    ...tableRules(scope, context),
    ...countedRules(context),
    ...emailRules(),
    ...outageRules(context),
    ...smsRules(context),
    ...pushRules(context),
    ...unknownRules(context),
  ];
}

/**
 * How long a queue has not been drained. A standard queue's age leaves out what was received three times (SQS,
 * "Available CloudWatch metrics"): what fails again and again shows in `failureRules` instead.
 */
function queueRules(scope: Construct, context: EnvironmentContext): AlarmRule[] {
  const rule = (queue: string, minutes: number, notice: string, runbook: string): AlarmRule => ({
    name: `${queue}-age`,
    notice,
    runbook,
    metric: oldest(scope, context, queue),
    atLeast: minutes * 60,
    periods: 2,
  });
  return [
    // G1 holds while the mailbox is drained within 14 days; five minutes is when somebody should look.
    ...context.mailboxes.map((name) => rule(name, 5, 'journeys react late, or not at all', 'mailbox-age')),
    rule('wakes', 10, 'waits that are being set now may end late', 'late-wakes'),
    // Records lie here for up to 15 minutes on purpose.
    rule('soon', 20, 'waits of up to 15 minutes end late', 'late-wakes'),
    rule('receipts', 15, 'bounces and unsubscribes through complaints take effect late', 'receipts-late'),
    ...deliveryChannels.map((channel) =>
      rule(`messages-${channel}`, 15, `messages by ${channel} arrive late`, 'messages-late'),
    ),
  ];
}

/** What comes again and again while everything else goes on: neither its queue's age nor Lambda's errors show it. */
function failureRules(context: EnvironmentContext): AlarmRule[] {
  return [
    {
      name: 'messages-retried',
      notice: 'messages of a channel arrive late, up to two days, or not at all',
      runbook: 'messages-late',
      // A provider's short refusal is over within two periods; backing off to an hour, a dead channel fills each.
      metric: counted(context, 'MessagesRetried', 15),
      atLeast: 5,
      periods: 3,
    },
    {
      name: 'records-failed',
      notice: 'what single customers did has no effect yet, or their waits end late',
      runbook: 'function-errors',
      metric: counted(context, 'RecordsFailed'),
      atLeast: 5,
      periods: 3,
    },
    {
      name: 'receipts-failed',
      notice: 'bounces and complaints of single customers take effect late, or not at all',
      runbook: 'receipts-late',
      // One notification that fails comes again every three minutes, so it fills every period until it dies.
      metric: counted(context, 'ReceiptsFailed'),
      atLeast: 1,
      periods: 3,
    },
  ];
}

function deadLetterRules(scope: Construct, context: EnvironmentContext): AlarmRule[] {
  const rule = (queue: string, notice: string): AlarmRule => ({
    name: `${queue}-not-empty`,
    notice,
    runbook: 'dead-letters',
    metric: queueMetric(scope, context, queue, 'ApproximateNumberOfMessagesVisible', 'Maximum', 1),
    atLeast: 1,
  });
  return [
    rule('mailbox-dead', 'events of single customers had no effect; redriving is safe at any time'),
    rule('wakes-dead', 'single waits end up to a day late, when the sweep finds them'),
    rule('soon-dead', 'single short waits end up to a day late, when the sweep finds them'),
    rule('cohorts-dead', 'all waits of a minute end up to a day late, when the sweep finds them'),
    rule('receipts-dead', 'single bounces or complaints were not recorded'),
    // These have a consumer, which empties them before their length is measured: it counts what is received.
    ...deliveryChannels.map((channel) => ({
      ...rule(`messages-${channel}-dead`, `messages by ${channel} were given up after two days`),
      metric: queueMetric(scope, context, `messages-${channel}-dead`, 'NumberOfMessagesReceived', 'Sum', 5),
    })),
  ];
}

function waitRules(scope: Construct, context: EnvironmentContext): AlarmRule[] {
  const ended = (machine: MachineName, label: string) => {
    const stopped = ['ExecutionsFailed', 'ExecutionsAborted', 'ExecutionsTimedOut'];
    const usingMetrics = Object.fromEntries(
      stopped.map((name, index) => [`m${index}`, machineMetric(scope, context, machine, name)]),
    );
    const period = cdk.Duration.minutes(5);
    return new cloudwatch.MathExpression({ expression: sumOf(usingMetrics), usingMetrics, label, period });
  };
  return [
    {
      name: 'waits-lost',
      notice: 'all waits of a minute end up to a day late, when the sweep finds them',
      runbook: 'late-wakes',
      metric: ended('journey-wait', 'Cohorts that were not woken'),
      atLeast: 1,
    },
    {
      name: 'scans-failed',
      notice: 'lost waits may end more than a day late, or a job of the API has not looked at everybody',
      runbook: 'scans-failed',
      metric: ended('profile-scan', 'Scans that did not get round'),
      atLeast: 1,
    },
    {
      name: 'answers-late',
      notice: 'who asked to be erased, or for what is stored of them, has waited a day or two; the law gives a month',
      runbook: 'erase-deadline',
      metric: counted(context, 'AnswersLate', 60),
      atLeast: 1,
    },
    {
      name: 'waits-throttled',
      notice: 'waits that are being set now may end late',
      runbook: 'throttling',
      metric: machineMetric(scope, context, 'journey-wait', 'ExecutionThrottled'),
      atLeast: 1,
      periods: 3,
    },
  ];
}

function functionRules(context: EnvironmentContext): AlarmRule[] {
  const errors = deployedFunctions.map(
    ({ deployed, name }): AlarmRule => ({
      name: `${deployed}-errors`,
      notice: `what "${deployed}" does fails or comes late. It ${duties[name].does}`,
      runbook: name === 'canary' ? 'canary-silent' : 'function-errors',
      metric: functionMetric(context, deployed, 'Errors'),
      // What works through a queue is tried again by itself; the rest is called once.
      atLeast: name === 'issue-key' || name === 'canary' ? 1 : 5,
    }),
  );
  // An alarm reads ten metrics at most (CloudWatch, "Using metric math"), and channels get more.
  const throttled = (name: string, notice: string, isMeant: (one: (typeof deployedFunctions)[number]) => boolean) => {
    const meant = deployedFunctions.filter((one) => duties[one.name].isHot && isMeant(one));
    const usingMetrics = Object.fromEntries(
      meant.map(({ deployed }, index) => [`m${index}`, functionMetric(context, deployed, 'Throttles')]),
    );
    return {
      name,
      notice,
      runbook: 'throttling',
      metric: new cloudwatch.MathExpression({
        expression: sumOf(usingMetrics),
        usingMetrics,
        label: 'Throttled invocations',
        period: cdk.Duration.minutes(5),
      }),
      atLeast: 10,
      periods: 2,
    };
  };
  return [
    ...errors,
    throttled(
      'functions-throttled',
      'everything gets slower, and events may be refused for a moment',
      ({ name }) => name !== 'send',
    ),
    throttled('sending-throttled', 'messages go out late', ({ name }) => name === 'send'),
  ];
}

/**
 * What clients were told. A 503 is an answer to the function, so Lambda's errors leave it out; what never reached the
 * function (throttled, not permitted) is here too. Names: API Gateway, "HTTP API metrics".
 */
function frontDoorRules(scope: Construct, context: EnvironmentContext): AlarmRule[] {
  const rule = (name: 'ingest' | 'api', notice: string): AlarmRule => ({
    name: `${name}-5xx`,
    notice,
    runbook: 'function-errors',
    metric: new cloudwatch.Metric({
      namespace: 'AWS/ApiGateway',
      metricName: '5xx',
      dimensionsMap: { ApiId: context.lookUp(scope, `${name}/api`) },
      statistic: 'Sum',
      period: cdk.Duration.minutes(5),
    }),
    atLeast: 5,
  });
  return [
    rule('ingest', 'events are refused for now; SDKs send them again, browsers may give up'),
    rule('api', 'links to unsubscribe and the management API fail'),
  ];
}

function tableRules(scope: Construct, context: EnvironmentContext): AlarmRule[] {
  const usingMetrics = Object.fromEntries(
    (['profiles', 'journal', 'messages'] as const).flatMap((table) =>
      (['ReadThrottleEvents', 'WriteThrottleEvents'] as const).map((metricName) => [
        `${table}${metricName}`,
        new cloudwatch.Metric({
          namespace: 'AWS/DynamoDB',
          metricName,
          dimensionsMap: { TableName: context.table(scope, table).name },
          statistic: 'Sum',
          period: cdk.Duration.minutes(5),
        }),
      ]),
    ),
  );
  return [
    {
      name: 'tables-throttled',
      notice: 'journeys react late',
      runbook: 'throttling',
      metric: new cloudwatch.MathExpression({
        expression: sumOf(usingMetrics),
        usingMetrics,
        label: 'Throttled requests to tables',
        period: cdk.Duration.minutes(5),
      }),
      atLeast: 10,
      periods: 2,
    },
  ];
}

function countedRules(context: EnvironmentContext): AlarmRule[] {
  const count = (name: Counted) => counted(context, name);
  return [
    {
      name: 'events-rejected',
      notice: 'more than one event in a hundred has no effect',
      runbook: 'ingest-errors',
      metric: new cloudwatch.MathExpression({
        // A single bad event of a quiet night is no reason to wake anybody.
        expression:
          'IF(FILL(accepted, 0) + FILL(rejected, 0) >= 100, 100 * FILL(rejected, 0) / (FILL(accepted, 0) + FILL(rejected, 0)), 0)',
        usingMetrics: { accepted: count('EventsAccepted'), rejected: count('EventsRejected') },
        label: 'Rejected events in percent',
        period: cdk.Duration.minutes(5),
      }),
      atLeast: 1,
      periods: 2,
    },
    {
      name: 'canary-silent',
      notice: 'events have no effect, most likely of all customers',
      runbook: 'canary-silent',
      metric: count('CanarySilent'),
      atLeast: 1,
    },
    {
      name: 'audit-outcomes-lost',
      notice: 'nothing; of single changes the audit log does not say what became of them',
      runbook: 'audit-lost',
      metric: count('AuditOutcomesLost'),
      atLeast: 1,
    },
    {
      name: 'records-parked',
      notice: 'events of single customers had no effect and wait for a repair',
      runbook: 'dead-letters',
      metric: count('RecordsParked'),
      atLeast: 1,
    },
    {
      name: 'messages-failed',
      notice: 'messages do not arrive',
      runbook: 'messages-failed',
      metric: count('MessagesFailed'),
      atLeast: 10,
      periods: 2,
    },
    {
      name: 'messages-failing',
      notice: 'one message in twenty, or more, does not arrive',
      runbook: 'messages-failed',
      metric: new cloudwatch.MathExpression({
        // Of what was to be handed over; what our own checks withheld is no failure, and would only hide some.
        expression:
          'IF(FILL(sent, 0) + FILL(failed, 0) + FILL(unknown, 0) >= 20, 100 * (FILL(failed, 0) + FILL(unknown, 0)) / (FILL(sent, 0) + FILL(failed, 0) + FILL(unknown, 0)), 0)',
        usingMetrics: {
          sent: count('MessagesSent'),
          failed: count('MessagesFailed'),
          unknown: count('MessagesUnknown'),
        },
        label: 'Messages that failed or may have, in percent',
        period: cdk.Duration.minutes(15),
      }),
      atLeast: 5,
    },
    {
      name: 'messages-unknown',
      notice: 'some messages may not have arrived, and are not sent again',
      runbook: 'unknown-messages',
      metric: count('MessagesUnknown'),
      atLeast: 5,
    },
    {
      name: 'wakes-late',
      notice: 'waits end more than five minutes late',
      runbook: 'late-wakes',
      metric: count('WakesLate'),
      atLeast: 1,
    },
    {
      name: 'provider-misconfigured',
      notice: 'a channel sends nothing until its settings are mended',
      runbook: 'messages-failed',
      metric: count('ProviderMisconfigured'),
      atLeast: 1,
    },
  ];
}

/** Every alarm of the list, reporting to `notify`. Silence is good news: most of these metrics exist only when bad. */
export function createAlarms(scope: Construct, context: EnvironmentContext, action: cloudwatch.IAlarmAction): void {
  for (const rule of alarmRules(scope, context)) {
    const alarm = new cloudwatch.Alarm(scope, constructId(rule.name), {
      alarmName: context.physicalName(rule.name),
      alarmDescription: `Customers notice: ${rule.notice}.\nWhat to do: docs/runbooks/${rule.runbook}.md`,
      metric: rule.metric,
      threshold: rule.atLeast,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: rule.periods ?? 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
  }
}
