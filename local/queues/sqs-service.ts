import type { Json, JsonObject } from '../assembly/read-assembly.ts';
import { AwsError } from '../gateway/aws-error.ts';
import type { AwsAnswer, AwsCall, AwsService } from '../gateway/aws-service.ts';
import type { Check } from '../iam/statement.ts';
import type { Meter } from '../meter.ts';
import type { QueueMessage } from './message.ts';
import { checkEntry, MAX_BATCH_BYTES, messageSize, type SendEntry } from './message-rules.ts';
import type { Queue } from './queue.ts';
import type { QueueStore } from './queue-store.ts';

type BatchEntry = SendEntry & { Id: string; ReceiptHandle?: string; VisibilityTimeout?: number };

const MAX_VISIBILITY_SECONDS = 43_200;

/** SQS over its JSON protocol. */
export class SqsService implements AwsService {
  readonly protocol = 'awsJson';
  readonly throttleCode = 'RequestThrottled';
  readonly #store: QueueStore;
  readonly #meter: Meter;
  readonly #region: string;

  constructor(store: QueueStore, meter: Meter, region: string) {
    this.#region = region;
    this.#store = store;
    this.#meter = meter;
  }

  checks(call: AwsCall): Check[] {
    const { operation, body } = call;
    if (operation === 'ListQueues') return [{ action: 'sqs:ListQueues', resource: '*' }];
    if (operation === 'StartMessageMoveTask') {
      const source = String(body['SourceArn']);
      // The task acts with the caller's rights on both queues [I1].
      const target = String(body['DestinationArn'] ?? this.#sourceOf(source)?.settings.arn ?? '*');
      return [
        ...['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((name) => ({
          action: `sqs:${name}`,
          resource: source,
        })),
        { action: 'sqs:SendMessage', resource: target },
      ];
    }
    const queue = this.#find(body);
    const checks: Check[] = [{ action: `sqs:${operation.replace(/Batch$/, '')}`, resource: queue.settings.arn }];
    const key = queue.settings.keyId;
    if (key && !key.startsWith('alias/aws/')) {
      // Producers need GenerateDataKey and Decrypt, consumers Decrypt [Q9].
      const context = { 'kms:viaservice': `sqs.${this.#region}.amazonaws.com` };
      if (operation.startsWith('SendMessage')) checks.push({ action: 'kms:GenerateDataKey', resource: key, context });
      if (/^(SendMessage|ReceiveMessage)/.test(operation))
        checks.push({ action: 'kms:Decrypt', resource: key, context });
    }
    return checks;
  }

  async answer(call: AwsCall): Promise<AwsAnswer> {
    return { body: this.#run(call) };
  }

  #run(call: AwsCall): object {
    const { operation, body } = call;
    switch (operation) {
      case 'SendMessage':
        return this.#send(call);
      case 'SendMessageBatch':
        return this.#sendBatch(call);
      case 'ReceiveMessage':
        return this.#receive(body);
      case 'DeleteMessage':
      case 'ChangeMessageVisibility': {
        const queue = this.#count(operation, body);
        this.#one(operation, queue, body as unknown as BatchEntry);
        return {};
      }
      case 'DeleteMessageBatch':
      case 'ChangeMessageVisibilityBatch': {
        const queue = this.#count(operation, body);
        return this.#each(entriesOf(body), (entry) => {
          this.#one(operation.replace(/Batch$/, ''), queue, entry);
          return {};
        });
      }
      case 'GetQueueUrl': {
        const queue = this.#store.byName(String(body['QueueName']));
        if (!queue) throw noQueue();
        return { QueueUrl: queue.settings.url };
      }
      case 'GetQueueAttributes':
        return { Attributes: attributesOf(this.#count(operation, body)) };
      case 'ListQueues':
        return { QueueUrls: this.#store.queues.map((queue) => queue.settings.url) };
      case 'PurgeQueue':
        this.#find(body).purge();
        return {};
      case 'StartMessageMoveTask':
        return this.#move(body);
      default:
        throw new AwsError('UnsupportedOperation', `The local cloud does not know SQS ${operation}`);
    }
  }

  #send(call: AwsCall): object {
    const queue = this.#find(call.body);
    const entry = call.body as unknown as SendEntry;
    checkEntry(entry, queue.settings);
    this.#meter.queueRequest('SendMessage', queue.settings, messageSize(entry.MessageBody!, entry.MessageAttributes));
    return this.#put(call, queue, entry);
  }

  #sendBatch(call: AwsCall): object {
    const queue = this.#find(call.body);
    const entries = entriesOf(call.body);
    const bytes = entries.reduce(
      (sum, entry) => sum + messageSize(entry.MessageBody ?? '', entry.MessageAttributes),
      0,
    );
    if (bytes > MAX_BATCH_BYTES) {
      throw new AwsError(
        'BatchRequestTooLong',
        `Batch requests cannot be longer than ${MAX_BATCH_BYTES} bytes. You have sent ${bytes} bytes.`,
      );
    }
    this.#meter.queueRequest('SendMessageBatch', queue.settings, bytes);
    return this.#each(entries, (entry) => {
      checkEntry(entry, queue.settings);
      return this.#put(call, queue, entry);
    });
  }

  #put(call: AwsCall, queue: Queue, entry: SendEntry): object {
    const { message } = queue.send({
      body: entry.MessageBody!,
      attributes: entry.MessageAttributes ?? {},
      groupId: entry.MessageGroupId,
      deduplicationId: entry.MessageDeduplicationId,
      delaySeconds: queue.settings.fifo ? undefined : entry.DelaySeconds,
      chain: call.caller.chain,
    });
    return {
      MessageId: message.id,
      MD5OfMessageBody: message.md5,
      ...(message.sequence !== undefined && { SequenceNumber: sequenceNumber(message.sequence) }),
    };
  }

  /** Short polling only: nothing here waits for a message that may come. */
  #receive(body: JsonObject): object {
    const queue = this.#find(body);
    const limit = Number(body['MaxNumberOfMessages'] ?? 1);
    if (!(limit >= 1 && limit <= 10)) {
      throw new AwsError(
        'InvalidParameterValue',
        `Value ${limit} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.`,
      );
    }
    const visibility = body['VisibilityTimeout'];
    const received = queue.receive(limit, visibility === undefined ? undefined : Number(visibility));
    this.#meter.queueRequest(
      'ReceiveMessage',
      queue.settings,
      received.reduce((sum, message) => sum + message.sizeBytes, 0),
    );
    if (received.length === 0) return {};
    return {
      Messages: received.map((message) => ({
        MessageId: message.id,
        ReceiptHandle: message.receipt,
        MD5OfBody: message.md5,
        Body: message.body,
        Attributes: systemAttributes(message),
        ...(Object.keys(message.attributes).length > 0 && { MessageAttributes: message.attributes }),
      })),
    };
  }

  #one(operation: string, queue: Queue, entry: BatchEntry): void {
    const receipt = entry.ReceiptHandle;
    if (!receipt) throw new AwsError('MissingParameter', 'The request must contain the parameter ReceiptHandle.');
    if (operation === 'DeleteMessage') {
      if (queue.delete(receipt)) return;
      throw new AwsError(
        'InvalidParameterValue',
        'Value for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.',
      );
    }
    const seconds = Number(entry.VisibilityTimeout);
    if (!(seconds >= 0 && seconds <= MAX_VISIBILITY_SECONDS)) {
      throw new AwsError(
        'InvalidParameterValue',
        `Value ${entry.VisibilityTimeout} for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and ${MAX_VISIBILITY_SECONDS}.`,
      );
    }
    if (!queue.changeVisibility(receipt, seconds)) {
      throw new AwsError('MessageNotInflight', 'The message referred to is not in flight.');
    }
  }

  #each(entries: BatchEntry[], run: (entry: BatchEntry) => object): object {
    const Successful: object[] = [];
    const Failed: object[] = [];
    for (const entry of entries) {
      try {
        Successful.push({ Id: entry.Id, ...run(entry) });
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        Failed.push({ Id: entry.Id, SenderFault: true, Code: error.code, Message: error.message });
      }
    }
    return { Successful, Failed };
  }

  /** Redrive: messages go back as new ones, with a new id and time [Q7]. Done at once, not at 500 a second. */
  #move(body: JsonObject): object {
    const source = this.#store.byArn(String(body['SourceArn']));
    if (!source) throw new AwsError('ResourceNotFoundException', 'The source queue does not exist.', 404);
    for (const message of source.messages().filter((candidate) => !candidate.inFlight)) {
      const arn = String(body['DestinationArn'] ?? message.sourceArn);
      const target = this.#store.byArn(arn);
      if (!target) throw new AwsError('ResourceNotFoundException', `The destination queue ${arn} does not exist.`, 404);
      source.take(message);
      target.sendAgain(message);
    }
    return { TaskHandle: Buffer.from(source.settings.name).toString('base64') };
  }

  #sourceOf(deadLetterArn: string): Queue | undefined {
    return this.#store.queues.find((queue) => queue.settings.deadLetter?.arn === deadLetterArn);
  }

  #find(body: JsonObject): Queue {
    const queue = this.#store.byUrl(String(body['QueueUrl'] ?? body['QueueName']));
    if (!queue) throw noQueue();
    return queue;
  }

  #count(operation: string, body: JsonObject): Queue {
    const queue = this.#find(body);
    this.#meter.queueRequest(operation, queue.settings, 0);
    return queue;
  }
}

/** As a receive and an event record show them; numbers are strings [L2]. */
export function systemAttributes(message: QueueMessage): Record<string, string> {
  return {
    ApproximateReceiveCount: String(message.receiveCount),
    SentTimestamp: String(message.sentAt),
    SenderId: 'AROALOCAL:local',
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    ...(message.sequence !== undefined && {
      SequenceNumber: sequenceNumber(message.sequence),
      MessageDeduplicationId: message.deduplicationId!,
    }),
    ...(message.groupId !== undefined && { MessageGroupId: message.groupId }),
    ...(message.sourceArn !== undefined && { DeadLetterQueueSourceArn: message.sourceArn }),
  };
}

function sequenceNumber(sequence: number): string {
  return String(sequence).padStart(20, '0');
}

function entriesOf(body: JsonObject): BatchEntry[] {
  const entries = (body['Entries'] ?? []) as Json as unknown as BatchEntry[];
  if (entries.length === 0) throw new AwsError('EmptyBatchRequest', "The batch request doesn't contain any entries.");
  if (entries.length > 10) {
    throw new AwsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are 10. You have sent ${entries.length}.`,
    );
  }
  const ids = new Set(entries.map((entry) => entry.Id));
  if (ids.size < entries.length)
    throw new AwsError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  for (const id of ids) {
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(id)) {
      throw new AwsError(
        'InvalidBatchEntryId',
        `The Id ${id} of a batch entry may have 1 to 80 alphanumeric characters, hyphens and underscores.`,
      );
    }
  }
  return entries;
}

function attributesOf(queue: Queue): Record<string, string> {
  const { settings } = queue;
  const { visible, inFlight, delayed } = queue.counts();
  return {
    QueueArn: settings.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    VisibilityTimeout: String(settings.visibilityTimeoutSeconds),
    DelaySeconds: String(settings.delaySeconds),
    MessageRetentionPeriod: String(settings.retentionSeconds),
    MaximumMessageSize: String(settings.maximumMessageBytes),
    ...(settings.fifo && { FifoQueue: 'true', DeduplicationScope: settings.deduplicationScope }),
    ...(settings.deadLetter && {
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: settings.deadLetter.arn,
        maxReceiveCount: settings.deadLetter.maxReceiveCount,
      }),
    }),
  };
}

function noQueue(): AwsError {
  return new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
}
