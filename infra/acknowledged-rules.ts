import { CfnParameter, type Stack, Token, Validations } from 'aws-cdk-lib';
import { files } from '../shared/resources.ts';
import type { GodwitEnvironment } from './environment.ts';

type StackName = 'data' | 'ingest' | 'journeys' | 'messaging' | 'api' | 'observability';

export interface AcknowledgedRule {
  readonly rule: string;
  readonly stacks: readonly StackName[];
  readonly reason: string;
  /** Where the rule is broken once per finding: what each is called. */
  readonly findings?: (stack: Stack) => readonly string[];
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
    rule: 'AwsSolutions-IAM5',
    stacks: ['journeys', 'api'],
    findings: inFolders,
    reason:
      'Files have names of their own: the right is for what lies in one folder of the bucket. A test finds any other.',
  },
  {
    rule: 'AwsSolutions-S1',
    stacks: ['data'],
    reason:
      'Files lie there for a week, and only two functions reach them: who asked for an upload or an export is in the list of jobs. A log of accesses would be a second bucket.',
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
  for (const { rule, stacks, reason, findings } of rules) {
    for (const name of stacks) {
      const stack = environment[name];
      const ids = findings?.(stack).map((finding) => `${rule}[${finding}]`) ?? [rule];
      for (const id of ids) Validations.of(stack).acknowledge({ id, reason });
    }
  }
}

/** As cdk-nag calls a right for all that lies in a folder of the bucket, whose name the stack reads from a parameter. */
function inFolders(stack: Stack): string[] {
  const isBucket = (one: unknown): one is CfnParameter =>
    one instanceof CfnParameter && String(one.default).endsWith('/buckets/files');
  const parameter = stack.node.findAll().find(isBucket);
  if (parameter === undefined) return [];
  const partition = Token.isUnresolved(stack.partition) ? '<AWS::Partition>' : stack.partition;
  const { keptDays: _, ...folders } = files;
  return Object.values(folders).map(
    (folder) => `Resource::arn:${partition}:s3:::<${stack.getLogicalId(parameter)}>/${folder}*`,
  );
}
