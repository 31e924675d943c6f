import { describe, expect, it } from 'vitest';
import { deliveryChannels, timing } from '../../shared/resources.ts';
import { fullConfig, type Properties, type Resource, synthesize } from './synthesize.ts';

const environment = synthesize(fullConfig);
const queues = environment.ofType('AWS::SQS::Queue');
const mappings = environment.ofType('AWS::Lambda::EventSourceMapping');
const isDead = (queue: Resource) => /Dead[0-9A-F]{8}$/.test(queue.id);

/** Queue behind a published name, `mailbox-0`: the parameter's value points to it. */
function queue(name: string): Resource {
  const parameter = environment
    .ofType('AWS::SSM::Parameter')
    .find(({ properties }) => properties['Name'] === `/godwit/test/queues/${name}`);
  const id = parameter?.properties['Value']['Fn::GetAtt'][0];
  return queues.find((candidate) => candidate.id === id)!;
}

describe('queues', () => {
  it('each is a dead-letter queue or has one of its own kind (G1)', () => {
    for (const { id, properties } of queues.filter((candidate) => !isDead(candidate))) {
      const target = properties['RedrivePolicy']?.['deadLetterTargetArn']['Fn::GetAtt'][0];
      const deadLetters = queues.find((candidate) => candidate.id === target);
      expect(deadLetters, id).toBeDefined();
      expect(isDead(deadLetters!), id).toBe(true);
      expect(deadLetters!.properties['FifoQueue'], id).toBe(properties['FifoQueue']);
    }
  });

  it('dead-letter queues keep what they get for 14 days', () => {
    const dead = queues.filter(isDead);
    expect(dead.map(({ properties }) => properties['MessageRetentionPeriod'])).toEqual(dead.map(() => 14 * 86_400));
    expect(dead).toHaveLength(5 + deliveryChannels.length);
  });

  it.each(['mailbox-0', 'mailbox-1'])(
    '%s: FIFO per group in high throughput, no content-based deduplication',
    (name) => {
      expect(queue(name).properties).toMatchObject({
        FifoQueue: true,
        DeduplicationScope: 'messageGroup',
        FifoThroughputLimit: 'perMessageGroupId',
        ContentBasedDeduplication: false,
      });
    },
  );

  it.each([
    ['mailbox-0', 180, 1000, 14],
    ['messages-email', 180, 1000, 4],
    ['messages-in-app', 180, 1000, 4],
    ['messages-webhook', 180, 1000, 4],
    ['wakes', 420, 500, 4],
    ['soon', 180, 1000, 4],
    ['receipts', 180, 1000, 14],
  ])('%s: hidden for %i s, %i receives, kept for %i days', (name, seconds, receives, days) => {
    expect(queue(name).properties).toMatchObject({
      VisibilityTimeout: seconds,
      MessageRetentionPeriod: days * 86_400,
      RedrivePolicy: { maxReceiveCount: receives },
    });
  });

  it('throttled consumers may burn a receive per visibility time-out for two days before a record is given up (G1)', () => {
    const consumed = queues.filter((candidate) => !isDead(candidate));
    expect(consumed.length).toBeGreaterThanOrEqual(5 + deliveryChannels.length);
    for (const { id, properties } of consumed) {
      const seconds = properties['VisibilityTimeout'] * properties['RedrivePolicy'].maxReceiveCount;
      expect(seconds, id).toBeGreaterThanOrEqual(2 * 86_400);
      // Not later than the queue keeps it: what is only forgotten is in no dead-letter queue.
      expect(seconds, id).toBeLessThan(properties['MessageRetentionPeriod']);
    }
  });

  it('each is encrypted and reachable by TLS only', () => {
    const protectedIds = environment
      .ofType('AWS::SQS::QueuePolicy')
      .filter(({ properties }) =>
        properties['PolicyDocument'].Statement.some(
          (statement: Record<string, unknown>) =>
            statement['Effect'] === 'Deny' &&
            JSON.stringify(statement['Condition']) === '{"Bool":{"aws:SecureTransport":"false"}}',
        ),
      )
      .flatMap(({ properties }) => properties['Queues'].map((reference: { Ref: string }) => reference.Ref));
    expect(protectedIds.sort()).toEqual(queues.map(({ id }) => id).sort());
    expect(queues.map(({ properties }) => properties['KmsDataKeyReusePeriodSeconds'])).toEqual(
      queues.map(() => 86_400),
    );
  });
});

describe('event sources', () => {
  const functionOf = (mapping: Resource): Resource =>
    environment
      .ofType('AWS::Lambda::Function')
      .find(({ id, stack }) => id === mapping.properties['FunctionName'].Ref && stack === mapping.stack)!;
  const of = (name: string) =>
    mappings.filter((mapping) => functionOf(mapping).properties['FunctionName'] === `godwit-test-${name}`);

  it('all together leave room in an account that has 1,000 at once, of which ingest and the API live', () => {
    const { ofType } = synthesize({ ...fullConfig, mailboxShards: 1, concurrency: {} });
    const most = ofType('AWS::Lambda::EventSourceMapping').map(
      ({ properties }) => properties['ScalingConfig'].MaximumConcurrency,
    );
    expect(most.reduce((sum, one) => sum + one, 0)).toBeLessThan(500);
  });

  it('each reports failures record by record', () => {
    for (const { properties } of mappings) {
      expect(properties['FunctionResponseTypes']).toEqual(['ReportBatchItemFailures']);
    }
  });

  it.each([
    ['evaluate', 2, 10, undefined, 100],
    ['arm-timers', 1, timing.wakesBatchSize, timing.wakesWindowSeconds, 2],
    ['wake-soon', 1, 10, undefined, 20],
    ['send-email', 1, 10, undefined, 7],
    ['send-webhook', 1, 10, undefined, 20],
    ['settle-undelivered', deliveryChannels.length, 10, undefined, 2],
    ['receipts', 1, 10, undefined, 30],
  ])('%s: %i source(s), batches of %i, window %s, at most %s at a time', (name, count, batch, window, most) => {
    const sources = of(name);
    expect(sources).toHaveLength(count);
    for (const { properties } of sources) {
      expect(properties['BatchSize']).toBe(batch);
      expect(properties['MaximumBatchingWindowInSeconds']).toBe(window);
      expect(properties['ScalingConfig']?.MaximumConcurrency).toBe(most);
    }
  });

  it('a record stays hidden for six time-outs and the window (Lambda, configuring SQS)', () => {
    const names: [string, string][] = [
      ['mailbox-0', 'evaluate'],
      ['wakes', 'arm-timers'],
      ['soon', 'wake-soon'],
      ['messages-email', 'send-email'],
      ['messages-email-dead', 'settle-undelivered'],
      ['receipts', 'receipts'],
    ];
    for (const [queueName, functionName] of names) {
      const source = of(functionName)[0]!;
      const timeout = functionOf(source).properties['Timeout'];
      const window = source.properties['MaximumBatchingWindowInSeconds'] ?? 0;
      expect(queue(queueName).properties['VisibilityTimeout'], queueName).toBeGreaterThanOrEqual(6 * timeout + window);
    }
  });
});

describe('topics', () => {
  const statementsOf = (type: string, field: string, isWanted: (resource: Resource) => boolean) =>
    environment
      .ofType(type)
      .filter(isWanted)
      .flatMap(({ properties }) => properties[field].Statement as Properties[]);
  const inStack = (name: string) => (resource: Resource) => resource.stack === `godwit-test-${name}`;
  const fromHere = { StringEquals: { 'aws:SourceAccount': '123456789012' } };

  it('receipts go from an encrypted topic into their queue, in the envelope that names them', () => {
    const subscription = environment.ofType('AWS::SNS::Subscription').find(inStack('data'))!;
    expect(subscription.properties['Protocol']).toBe('sqs');
    expect(subscription.properties['RawMessageDelivery'] ?? false).toBe(false);
    for (const topic of environment.ofType('AWS::SNS::Topic')) {
      expect(topic.properties['KmsMasterKeyId'], topic.id).toBeDefined();
    }
  });

  it.each([
    ['data', 'ReceiptsTopic', ['ses.amazonaws.com', 'sms-voice.amazonaws.com']],
    ['observability', 'AlarmTopic', 'cloudwatch.amazonaws.com'],
  ] as const)('%s: %s takes what %j publishes for this account, over TLS, and nothing else', (stack, id, service) => {
    const [topic, ...more] = environment.ofType('AWS::SNS::Topic').filter(inStack(stack));
    expect(more).toEqual([]);
    expect(topic!.id).toMatch(new RegExp(`^${id}[0-9A-F]{8}$`));
    const statements = statementsOf('AWS::SNS::TopicPolicy', 'PolicyDocument', inStack(stack));
    expect(statements.filter(({ Effect }) => Effect === 'Allow')).toMatchObject([
      { Action: 'sns:Publish', Principal: { Service: service }, Resource: { Ref: topic!.id }, Condition: fromHere },
    ]);
    expect(statements.filter(({ Effect }) => Effect === 'Deny')).toMatchObject([
      { Action: 'sns:Publish', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    ]);
  });

  it('their key lets these services encrypt for this account (SNS, managing encryption keys)', () => {
    const forServices = statementsOf('AWS::KMS::Key', 'KeyPolicy', inStack('data')).filter(
      ({ Principal }) => Principal.Service !== undefined,
    );
    expect(forServices).toMatchObject([
      {
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        Principal: { Service: ['cloudwatch.amazonaws.com', 'ses.amazonaws.com', 'sms-voice.amazonaws.com'] },
        Resource: '*',
        Condition: fromHere,
      },
      {
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        Principal: { Service: 'sns.amazonaws.com' },
        Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:sns:eu-central-1:123456789012:*' } },
      },
      { Sid: 'EncryptLogs' },
    ]);
  });
});
