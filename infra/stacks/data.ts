import * as cdk from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { deliveryChannels, files, tables, timing } from '../../shared/resources.ts';
import { deadLetterQueue, WorkQueue } from '../constructs/work-queue.ts';
import { constructId, type EnvironmentContext, tableNames } from '../context.ts';
import { duties, type TableName } from '../functions.ts';

/**
 * Everything that remembers: tables, queues, the bucket, the key, and the topic that providers report to. All other stacks depend on
 * this one, and can be deleted and deployed again without losing an event.
 */
export class DataStack extends cdk.Stack {
  constructor(scope: Construct, context: EnvironmentContext) {
    super(scope, 'data', {
      description: `Godwit ${context.environment}: tables, queues, key`,
      terminationProtection: context.isRetained,
    });
    const key = this.#key(context);
    for (const name of tableNames) this.#table(context, name, key);
    this.#files(context, key);
    this.#mailbox(context, key);
    this.#wakes(context, key);
    for (const channel of deliveryChannels) {
      new WorkQueue(this, constructId(`messages-${channel}`), context, `messages-${channel}`, {
        visibilitySeconds: timing.visibilityTimeoutSeconds,
        maxReceives: timing.maxReceives,
        retentionDays: 4,
        key,
        // The dead letters have a consumer, so they wait for it as work does.
        deadLetters: deadLetterQueue(
          this,
          constructId(`messages-${channel}-dead`),
          context,
          `messages-${channel}-dead`,
          { key, visibilitySeconds: 6 * duties['settle-undelivered'].timeoutSeconds },
        ),
      });
    }
    this.#receipts(context, key);
  }

  /** One key for all: its dollar a month buys the right to take every copy of the data out of use at once. */
  #key(context: EnvironmentContext): kms.Key {
    const key = new kms.Key(this, 'Key', {
      description: `Data of ${context.id}`,
      enableKeyRotation: true,
      removalPolicy: context.removalPolicy,
    });
    // As in the policy of AWS's own key for DynamoDB: whoever may use a table, a bucket or a queue may use its key through that
    // service, and through nothing else. The rights of a function then stay those of its tables, folders and queues.
    for (const [sid, service] of [
      ['ThroughDynamoDB', 'dynamodb'],
      ['ThroughS3', 's3'],
      ['ThroughSQS', 'sqs'],
    ] as const) {
      key.addToResourcePolicy(
        new iam.PolicyStatement({
          sid,
          principals: [new iam.AnyPrincipal()],
          actions: [
            'kms:Encrypt',
            'kms:Decrypt',
            'kms:ReEncrypt*',
            'kms:GenerateDataKey*',
            'kms:CreateGrant',
            'kms:DescribeKey',
          ],
          resources: ['*'],
          conditions: {
            StringEquals: {
              'kms:CallerAccount': this.account,
              'kms:ViaService': `${service}.${this.region}.${this.urlSuffix}`,
            },
          },
        }),
      );
    }
    // SES and CloudWatch publish to encrypted topics (SNS, "Managing encryption keys: compatibility with AWS services").
    key.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'PublishToTopics',
        principals: [...publishers(context), 'cloudwatch'].map(principal),
        actions: ['kms:GenerateDataKey*', 'kms:Decrypt'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    // SNS delivers into an encrypted queue (SNS, "Setting up Amazon SNS topic encryption with encrypted Amazon SQS queue
    // subscription"). Not the topic's own ARN: it is encrypted with this key, and neither could be made first.
    key.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'DeliverToQueues',
        principals: [principal('sns')],
        actions: ['kms:GenerateDataKey*', 'kms:Decrypt'],
        resources: ['*'],
        conditions: { ArnLike: { 'aws:SourceArn': this.formatArn({ service: 'sns', resource: '*' }) } },
      }),
    );
    // CloudWatch Logs, "Encrypt log data in CloudWatch Logs using AWS KMS".
    key.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'EncryptLogs',
        principals: [new iam.ServicePrincipal(`logs.${this.region}.${this.urlSuffix}`)],
        actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
        resources: ['*'],
        conditions: {
          ArnLike: {
            'kms:EncryptionContext:aws:logs:arn': ['lambda', 'vendedlogs'].map((kind) =>
              this.formatArn({
                service: 'logs',
                resource: 'log-group',
                arnFormat: cdk.ArnFormat.COLON_RESOURCE_NAME,
                resourceName: `/aws/${kind}/${context.id}*`,
              }),
            ),
          },
        },
      }),
    );
    context.publish(this, 'key', key.keyArn);
    return key;
  }

  #table(context: EnvironmentContext, name: TableName, key: kms.Key): void {
    const keys: { partition: string; sort?: string; ttl?: string } = tables[name];
    const text = (attribute: string) => ({ name: attribute, type: dynamodb.AttributeType.STRING });
    // Not TableV2: it cannot name a customer's key in a stack that leaves its region open.
    const table = new dynamodb.Table(this, `Table${constructId(name)}`, {
      partitionKey: text(keys.partition),
      ...(keys.sort === undefined ? {} : { sortKey: text(keys.sort) }),
      ...(keys.ttl === undefined ? {} : { timeToLiveAttribute: keys.ttl }),
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: key,
      pointInTimeRecoverySpecification: {
        pointInTimeRecoveryEnabled: true,
        recoveryPeriodInDays: context.config.retention.backupDays,
      },
      deletionProtection: context.isRetained,
      removalPolicy: context.removalPolicy,
    });
    context.publish(this, `tables/${name}`, table.tableName);
  }

  /** What is uploaded to be imported, and what is exported: both hold customers, and are deleted after a week. */
  #files(context: EnvironmentContext, key: kms.Key): void {
    const bucket = new s3.Bucket(this, 'Files', {
      encryption: s3.BucketEncryption.KMS,
      encryptionKey: key,
      // One call to KMS for many objects ("Reducing the cost of SSE-KMS with Amazon S3 Bucket Keys").
      bucketKeyEnabled: true,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      lifecycleRules: [
        { prefix: files.uploads, expiration: cdk.Duration.days(files.keptDays) },
        { prefix: files.exports, expiration: cdk.Duration.days(files.keptDays) },
        { abortIncompleteMultipartUploadAfter: cdk.Duration.days(1) },
      ],
      removalPolicy: context.removalPolicy,
    });
    context.publish(this, 'buckets/files', bucket.bucketName);
  }

  /** One queue per shard; they share the dead letters, since order is lost there anyway. */
  #mailbox(context: EnvironmentContext, key: kms.Key): void {
    const deadLetters = deadLetterQueue(this, 'MailboxDead', context, 'mailbox-dead', { fifo: true, key });
    for (const name of context.mailboxes) {
      new WorkQueue(this, constructId(name), context, name, {
        fifo: true,
        visibilitySeconds: timing.visibilityTimeoutSeconds,
        maxReceives: timing.maxReceives,
        retentionDays: 14,
        deadLetters,
        key,
      });
    }
  }

  #wakes(context: EnvironmentContext, key: kms.Key): void {
    new WorkQueue(this, 'Wakes', context, 'wakes', {
      visibilitySeconds: 6 * duties['arm-timers'].timeoutSeconds + timing.wakesWindowSeconds,
      maxReceives: timing.wakesMaxReceives,
      retentionDays: 4,
      key,
    });
    // Standard, because FIFO queues know no delay per message (SQS API, SendMessage).
    new WorkQueue(this, 'Soon', context, 'soon', {
      visibilitySeconds: timing.visibilityTimeoutSeconds,
      maxReceives: timing.maxReceives,
      retentionDays: 4,
      key,
    });
    // The state machine puts a cohort here that it could not wake; the daily sweep wakes its profiles meanwhile.
    deadLetterQueue(this, 'CohortsDead', context, 'cohorts-dead', { key });
  }

  #receipts(context: EnvironmentContext, key: kms.Key): void {
    const { queue } = new WorkQueue(this, 'Receipts', context, 'receipts', {
      visibilitySeconds: timing.visibilityTimeoutSeconds,
      maxReceives: timing.maxReceives,
      retentionDays: 14,
      // As somebody else's, or the subscription would give SNS the key without a condition.
      key: kms.Key.fromKeyArn(this, 'KeyOfReceipts', key.keyArn),
    });
    const topic = new sns.Topic(this, 'ReceiptsTopic', {
      displayName: `Receipts of ${context.id}`,
      masterKey: key,
      enforceSSL: true,
    });
    topic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'PublishReceipts',
        principals: publishers(context).map(principal),
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    // Not raw: the envelope carries the SNS message id.
    topic.addSubscription(new SqsSubscription(queue, { rawMessageDelivery: false }));
    context.publish(this, 'topics/receipts', topic.topicArn);
  }
}

/** Services that publish receipts, and what people answer. */
const publishers = ({ config: { sms } }: EnvironmentContext): string[] =>
  sms?.transport === 'end-user-messaging' ? ['ses', 'sms-voice'] : ['ses'];

const principal = (service: string) => new iam.ServicePrincipal(`${service}.amazonaws.com`);
