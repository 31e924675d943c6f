import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import {
  type DeadLetterQueueName,
  type DeliveryChannel,
  deadLetterQueues,
  deliveryChannels,
  files,
  metrics,
  variables,
} from '../../shared/resources.ts';
import { constructId, type EnvironmentContext, type QueueReference } from '../context.ts';
import {
  type Duty,
  deployedName,
  duties,
  type FunctionName,
  type TableAction,
  type TableName,
  tablesOf,
} from '../functions.ts';

export interface HandlerProps {
  readonly name: FunctionName;
  /** One deployment of `send` per channel. */
  readonly channel?: DeliveryChannel;
  /** Only for functions that write public links. */
  readonly linksBaseUrl?: string;
  /** Only for the one that tries the public door. */
  readonly ingestUrl?: string;
  /** Only for the one that sends push notifications. */
  readonly pushApplication?: string;
}

export interface ConsumeProps {
  readonly batchSize: number;
  /** Waiting messages count as in flight, so keep it at 60 s or less. Not for FIFO queues. */
  readonly windowSeconds?: number;
  /**
   * 2 to 1,000. Each has one: pollers that receive more than their function may run burn receives, and would leave
   * `ingest` nothing of the account's concurrency (Lambda, "Configuring scaling behavior for SQS event source mappings").
   */
  readonly maxConcurrency: number;
}

/** A function with the role, log group, variables and rights that its entry in functions.ts names, and no others. */
export class Handler extends Construct {
  readonly function: lambda.Function;
  readonly role: iam.Role;
  readonly #context: EnvironmentContext;
  readonly #duty: Duty;
  readonly #waits: boolean;

  constructor(scope: Construct, id: string, context: EnvironmentContext, props: HandlerProps) {
    super(scope, id);
    this.#context = context;
    const duty = duties[props.name];
    this.#duty = duty;
    const isPaced = props.channel !== undefined && context.paces(props.channel);
    const granted = tablesOf(duty, props.channel, isPaced);
    this.#waits = granted.limits !== undefined;
    const functionName = context.physicalName(deployedName(props.name, props.channel));

    const logGroup = new logs.LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: context.config.retention.logDays,
      encryptionKey: context.key(this),
      removalPolicy: cdk.RemovalPolicy.DESTROY,
    });
    this.role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    this.allow('WriteLogs', ['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);

    this.function = new lambda.Function(this, 'Function', {
      functionName,
      description: `${duty.does[0]!.toUpperCase()}${duty.does.slice(1)}.`,
      code: context.codeFor(props.name),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      memorySize: duty.memoryMb,
      timeout: cdk.Duration.seconds(duty.timeoutSeconds),
      role: this.role,
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      // WARN drops the START, END and REPORT lines, which cost more than the function's own words.
      systemLogLevelV2: lambda.SystemLogLevel.WARN,
      applicationLogLevelV2: lambda.ApplicationLogLevel.INFO,
      recursiveLoop: duty.recursive ? lambda.RecursiveLoop.ALLOW : lambda.RecursiveLoop.TERMINATE,
      environment: {
        ...(duty.settings && {
          [variables.settings]: cdk.Stack.of(this).toJsonString(
            duty.settings === 'all'
              ? context.settings(props.linksBaseUrl, props.pushApplication)
              : context.coreSettings(),
          ),
        }),
        ...(duty.checksAccess && {
          [variables.accessSettings]: cdk.Stack.of(this).toJsonString(context.accessSettings(props.name)),
        }),
        [variables.service]: context.id,
        POWERTOOLS_METRICS_NAMESPACE: metrics.namespace,
        ...(props.channel === undefined ? {} : { [variables.channel]: props.channel }),
        ...(props.ingestUrl === undefined ? {} : { [variables.ingestUrl]: props.ingestUrl }),
      },
    });

    for (const [table, actions] of Object.entries(granted)) this.#grantTable(table as TableName, actions);
    if (duty.files !== undefined) this.#grantFiles(duty.files);
    if (duty.posts?.includes('mailbox')) this.#grantMailbox();
    if (duty.gauges === 'mailbox') this.#grantGauge();
    if (duty.posts?.includes('messages')) this.#grantMessages();
    if (duty.posts?.includes('wakes')) this.#grantPost('PostToWakes', variables.wakesQueue, 'wakes');
    if (duty.posts?.includes('soon')) this.#grantPost('PostToSoon', variables.soonQueue, 'soon');
    if (duty.posts?.includes('receipts')) this.#grantPost('PostToReceipts', variables.receiptsQueue, 'receipts');
    if (duty.redrives) this.#grantRedrives();
    if (duty.arms !== undefined) this.#grantArm();
    if (duty.scans !== undefined) this.#grantScan();
  }

  /** Feeds the function from a queue; its failures are reported record by record (Lambda, "Error handling for SQS"). */
  consumes(id: string, queue: QueueReference, props: ConsumeProps): void {
    this.allow(`Consume${id}`, ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], [queue.arn]);
    // ChangeMessageVisibility is its own IAM action, which the mapping does not need (Lambda, "Configuring SQS").
    if (this.#duty.backsOff) {
      // A copy is for what waits for a provider: those who know of limits.
      const copies = this.#waits ? ['sqs:SendMessage'] : [];
      this.allow(`BackOff${id}`, ['sqs:ChangeMessageVisibility', ...copies], [queue.arn]);
    }
    new lambda.EventSourceMapping(this, id, {
      target: this.function,
      eventSourceArn: queue.arn,
      batchSize: props.batchSize,
      reportBatchItemFailures: true,
      ...(props.windowSeconds ? { maxBatchingWindow: cdk.Duration.seconds(props.windowSeconds) } : {}),
      maxConcurrency: props.maxConcurrency,
    });
  }

  allow(sid: string, actions: readonly string[], resources: readonly string[], conditions?: iam.Conditions): void {
    this.role.addToPolicy(
      new iam.PolicyStatement({
        sid,
        actions: [...actions],
        resources: [...resources],
        ...(conditions === undefined ? {} : { conditions }),
      }),
    );
  }

  #grantTable(name: TableName, actions: readonly TableAction[]): void {
    const table = this.#context.table(this, name);
    this.allow(
      `Table${constructId(name)}`,
      actions.map((action) => `dynamodb:${action}`),
      [table.arn],
    );
    this.function.addEnvironment(variables[`${name}Table`], table.name);
  }

  #grantFiles({ reads, writes }: NonNullable<Duty['files']>): void {
    const bucket = this.#context.lookUp(this, 'buckets/files');
    const below = (folder: (typeof reads)[number]) =>
      cdk.Stack.of(this).formatArn({
        service: 's3',
        region: '',
        account: '',
        resource: bucket,
        resourceName: `${files[folder]}*`,
      });
    this.allow('ReadFiles', ['s3:GetObject'], reads.map(below));
    this.allow('WriteFiles', ['s3:PutObject'], writes.map(below));
    this.function.addEnvironment(variables.filesBucket, bucket);
  }

  #grantMailbox(): void {
    const queues = this.#context.mailboxes.map((name) => this.#context.queue(this, name));
    const [first, ...others] = queues;
    const value = [first!.url, ...others.map((queue) => queue.name)].join(',');
    this.#post('PostToMailbox', queues, variables.mailboxQueues, value);
  }

  #grantGauge(): void {
    const arns = this.#context.mailboxes.map((name) => this.#context.queue(this, name).arn);
    this.allow('GaugeMailbox', ['sqs:GetQueueAttributes'], arns);
    this.function.addEnvironment(variables.mailboxRoom, String(this.#context.mailboxRoom()));
  }

  #grantMessages(): void {
    const queues = deliveryChannels.map(
      (channel) => [channel, this.#context.queue(this, `messages-${channel}`)] as const,
    );
    const urls = Object.fromEntries(queues.map(([channel, queue]) => [channel, queue.url]));
    const value = cdk.Stack.of(this).toJsonString(urls);
    this.#post(
      'PostToMessages',
      queues.map(([, queue]) => queue),
      variables.messageQueues,
      value,
    );
  }

  #grantPost(sid: string, variable: string, name: string): void {
    const queue = this.#context.queue(this, name);
    this.#post(sid, [queue], variable, queue.url);
  }

  /** SendMessageBatch is governed by sqs:SendMessage (Service Authorization Reference, SQS). */
  #post(sid: string, queues: readonly QueueReference[], variable: string, value: string): void {
    this.allow(
      sid,
      ['sqs:SendMessage'],
      queues.map((queue) => queue.arn),
    );
    this.function.addEnvironment(variable, value);
  }

  /** A task moves letters with the rights of who starts it (SQS, "Configuring dead-letter queue redrive permissions"). */
  #grantRedrives(): void {
    const names = Object.keys(deadLetterQueues) as DeadLetterQueueName[];
    const dead = names.map((name) => [name, this.#context.queue(this, `${name}-dead`)] as const);
    const arns = (some: typeof dead) => some.map(([, queue]) => queue.arn);
    const goBack = names.filter((name) => deadLetterQueues[name].goesBack);
    const theirs = dead.filter(([name]) => goBack.includes(name));
    const sources = goBack.flatMap((name) => (name === 'mailbox' ? this.#context.mailboxes : [name]));
    this.allow('LookAtDeadLetters', ['sqs:GetQueueAttributes', 'sqs:ReceiveMessage'], arns(dead));
    this.allow('TakeDeadLetters', ['sqs:StartMessageMoveTask', 'sqs:DeleteMessage'], arns(theirs));
    const backTo = sources.map((name) => this.#context.queue(this, name).arn);
    this.allow('SendDeadLettersBack', ['sqs:SendMessage'], backTo);
    this.function.addEnvironment(variables.deadLetterQueues, dead.map(([, queue]) => queue.name).join(','));
  }

  #grantScan(): void {
    const machine = this.#context.machineArn(this, 'profile-scan');
    this.allow('StartScan', ['states:StartExecution'], [machine]);
    this.function.addEnvironment(variables.scanMachine, machine);
  }

  #grantArm(): void {
    const machine = this.#context.machineArn(this, 'journey-wait');
    this.allow('ArmTimers', ['states:StartExecution'], [machine]);
    this.function.addEnvironment(variables.waitMachine, machine);
  }
}
