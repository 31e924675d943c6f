import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';

/**
 * Every alarm, in one list: what customers notice, from which figure on, and the runbook that says what to do. An alarm
 * costs $0.10 a month for each metric it looks at.
 */
export interface AlarmRule {
  /** Becomes the construct's id and, after the environment, the alarm's name. */
  readonly name: string;
  /** Completes the sentence "Customers notice: …". */
  readonly notice: string;
  /** docs/runbooks/<name>.md. */
  readonly runbook: string;
  readonly metric: cloudwatch.IMetric;
  readonly atLeast: number;
  /** Periods in a row; default 1. */
  readonly periods?: number;
}
