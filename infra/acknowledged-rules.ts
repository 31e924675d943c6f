import { Validations } from 'aws-cdk-lib';
import type { GodwitEnvironment } from './environment.ts';

type StackName = 'data' | 'ingest' | 'journeys' | 'messaging' | 'api' | 'observability';

export interface AcknowledgedRule {
  readonly rule: string;
  readonly stacks: readonly StackName[];
  readonly reason: string;
}

/** Rules of cdk-nag's AwsSolutions pack that we break on purpose, each with the reason, and where. */
export const acknowledgedRules: readonly AcknowledgedRule[] = [
  {
    rule: 'AwsSolutions-APIG4',
    stacks: ['ingest', 'api'],
    reason:
      'The function checks the key itself: write keys come in a header or in the body, which no authorizer sees, and links of messages carry a signed token.',
  },
  {
    rule: 'AwsSolutions-SQS3',
    stacks: ['data'],
    reason:
      'cohorts-dead is a dead-letter queue: the state machine writes to it, so no redrive policy names it. A test holds every other queue to having one.',
  },
  {
    rule: 'AwsSolutions-SF1',
    stacks: ['journeys'],
    reason:
      'The history of an execution shows its two steps; a log of all events would cost more than the wait itself.',
  },
  {
    rule: 'AwsSolutions-SF2',
    stacks: ['journeys'],
    reason: 'A trace that sleeps for months shows nothing; failures are alarmed by metric.',
  },
];

export function acknowledgeRules(environment: GodwitEnvironment, rules: readonly AcknowledgedRule[]): void {
  for (const { rule, stacks, reason } of rules) {
    for (const name of stacks) Validations.of(environment[name]).acknowledge({ id: rule, reason });
  }
}
