import * as cdk from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { EnvironmentContext } from '../context.ts';

export interface WorkQueueProps {
  /** At least six times the consumer's time-out plus its batching window (Lambda, "Configuring SQS"). */
  readonly visibilitySeconds: number;
  /** Receives before a record goes to the dead-letter queue. */
  readonly maxReceives: number;
  /** At most 14 days. */
  readonly retentionDays: number;
  readonly fifo?: boolean;
  /** Shared by several queues; absent: one of its own. */
  readonly deadLetters?: sqs.Queue;
  readonly key: kms.IKey;
}

/**
 * A queue with its dead-letter queue, under the names by which other stacks and the alarms find them (`name`,
 * `name-dead`). Encrypted with the environment's key, as tables are: a mailbox is full of customers. A data key is reused for
 * a day, the longest that SQS allows, so that a queue costs KMS a few calls a day (SQS, "Key management").
 */
export class WorkQueue extends Construct {
  readonly queue: sqs.Queue;
  readonly deadLetters: sqs.Queue;

  constructor(scope: Construct, id: string, context: EnvironmentContext, name: string, props: WorkQueueProps) {
    super(scope, id);
    this.deadLetters =
      props.deadLetters ??
      deadLetterQueue(this, 'Dead', context, `${name}-dead`, { fifo: props.fifo ?? false, key: props.key });
    this.queue = new sqs.Queue(this, 'Queue', {
      ...ordering(props.fifo ?? false),
      ...protection(context, props.key),
      visibilityTimeout: cdk.Duration.seconds(props.visibilitySeconds),
      retentionPeriod: cdk.Duration.days(props.retentionDays),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: props.maxReceives },
    });
    context.publish(this, `queues/${name}`, this.queue.queueName);
  }
}

type DeadLetterProps = Pick<WorkQueueProps, 'fifo' | 'key'> & Partial<Pick<WorkQueueProps, 'visibilitySeconds'>>;

/** Keeps what it gets for 14 days, the longest that SQS allows. */
export function deadLetterQueue(
  scope: Construct,
  id: string,
  context: EnvironmentContext,
  name: string,
  { fifo = false, key, visibilitySeconds = 30 }: DeadLetterProps,
): sqs.Queue {
  const queue = new sqs.Queue(scope, id, {
    ...ordering(fifo),
    ...protection(context, key),
    visibilityTimeout: cdk.Duration.seconds(visibilitySeconds),
    retentionPeriod: cdk.Duration.days(14),
  });
  context.publish(scope, `queues/${name}`, queue.queueName);
  return queue;
}

/** High throughput needs both settings (SQS API, CreateQueue). Senders name the deduplication id: bodies may differ. */
function ordering(fifo: boolean): Partial<sqs.QueueProps> {
  if (!fifo) return {};
  return {
    fifo: true,
    contentBasedDeduplication: false,
    deduplicationScope: sqs.DeduplicationScope.MESSAGE_GROUP,
    fifoThroughputLimit: sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
  };
}

function protection(context: EnvironmentContext, key: kms.IKey): Partial<sqs.QueueProps> {
  return {
    encryption: sqs.QueueEncryption.KMS,
    encryptionMasterKey: key,
    dataKeyReuse: cdk.Duration.days(1),
    enforceSSL: true,
    removalPolicy: context.removalPolicy,
  };
}
