/**
 * The poller between one queue and one function (`AWS::Lambda::EventSourceMapping`).
 *
 * 1. A batch closes at its size, at 6 MB or when its window ends [L2, L3]; FIFO batches have at most 10 and no window [L5].
 * 2. Two batches never hold the same FIFO group at once: the queue hands a group out only when none of it is in flight.
 * 3. Messages of a batch that succeeded are deleted, failed ones stay and return after the visibility timeout [L3, L4].
 * 4. While the function is throttled, a batch is tried until its messages become visible again, and is dropped then: they
 *    were received once more and never looked at [L4].
 * 5. A message at the end of too long a chain is not delivered: it goes to the dead-letter queue or is dropped [L10].
 */
import type { JsonObject } from '../assembly/read-assembly.ts';
import type { ResolvedResource } from '../assembly/resolve-assembly.ts';
import type { Timer, VirtualClock } from '../clock/virtual-clock.ts';
import type { DeliveryFault, FaultSeam } from '../faults/fault-injector.ts';
import type { Meter } from '../meter.ts';
import type { Chain, QueueMessage } from '../queues/message.ts';
import type { Queue } from '../queues/queue.ts';
import { systemAttributes } from '../queues/sqs-service.ts';
import { failedMessageIds } from './batch-outcome.ts';
import { type FunctionPool, MAX_PAYLOAD_BYTES } from './function-pool.ts';

export interface EventSourceSurroundings {
  clock: VirtualClock;
  meter: Meter;
  region: string;
  deadLetterQueue(arn: string): Queue | undefined;
  faults: FaultSeam;
  log: (line: string) => void;
}

/** How much a consumer can take, in virtual time: work itself takes none here. */
export interface Capacity {
  /** Most batches at once. */
  readonly atOnce?: number;
  /** How long an invocation lasts; its messages are hidden as long. */
  readonly batchMs?: number;
  /** Lambda has no room for the function at all. */
  readonly throttled?: boolean;
}

/** Room that record envelopes need beside the bodies. */
const RECORD_OVERHEAD_BYTES = 700;

export class EventSource {
  readonly id: string;
  readonly queue: Queue;
  readonly pool: FunctionPool;
  readonly #around: EventSourceSurroundings;
  readonly #batchSize: number;
  readonly #windowMs: number;
  readonly #limit: number;
  readonly #reportsFailures: boolean;
  #running = 0;
  #batch: QueueMessage[] = [];
  #batchBytes = 0;
  #windowTimer: Timer | undefined;
  #windowEnded = false;
  #pumpPlanned = false;
  #stopped = false;
  #stalledUntil = 0;
  readonly #faulty = new Map<QueueMessage, DeliveryFault>();
  readonly #throttled = new Map<QueueMessage[], Timer>();
  #capacity: Capacity = {};

  constructor(resource: ResolvedResource, queue: Queue, pool: FunctionPool, around: EventSourceSurroundings) {
    const { properties } = resource;
    this.id = resource.logicalId;
    const { fifo, visibilityTimeoutSeconds } = queue.settings;
    this.queue = queue;
    this.pool = pool;
    this.#around = around;
    this.#batchSize = Number(properties['BatchSize'] ?? 10);
    this.#windowMs = Number(properties['MaximumBatchingWindowInSeconds'] ?? 0) * 1000;
    const scaling = properties['ScalingConfig'] as JsonObject | undefined;
    this.#limit = Math.min(Number(scaling?.['MaximumConcurrency'] ?? pool.concurrency), pool.concurrency);
    this.#reportsFailures = ((properties['FunctionResponseTypes'] ?? []) as string[]).includes(
      'ReportBatchItemFailures',
    );
    const name = resource.logicalId;
    if (fifo && (this.#batchSize > 10 || this.#windowMs > 0)) {
      throw new Error(`${name}: a FIFO queue allows a batch size up to 10 and no batching window`);
    }
    if (this.#batchSize > 10 && this.#windowMs === 0) {
      throw new Error(`${name}: a batch size of ${this.#batchSize} needs a batching window of at least 1 s`);
    }
    if (visibilityTimeoutSeconds < pool.definition.timeoutSeconds) {
      throw new Error(
        `${name}: the queue's visibility timeout (${visibilityTimeoutSeconds} s) is shorter than the function's timeout (${pool.definition.timeoutSeconds} s)`,
      );
    }
    if (properties['FilterCriteria'] !== undefined)
      throw new Error(`${name}: FilterCriteria is not known to the local cloud`);
    if (properties['Enabled'] !== false) queue.onVisible = () => this.#plan();
  }

  get isEnabled(): boolean {
    return this.queue.onVisible !== undefined;
  }

  /** UpdateEventSourceMapping: switched off it takes nothing, and what it has goes on to its end. */
  enable(isEnabled: boolean): void {
    this.queue.onVisible = isEnabled ? () => this.#plan() : undefined;
    if (isEnabled) this.#plan();
  }

  /** Looks for messages that were there before this start. */
  start(): void {
    if (this.queue.onVisible) this.#plan();
  }

  stop(): void {
    this.#stopped = true;
    this.queue.onVisible = undefined;
  }

  /** From now on; what was throttled is tried again at once. */
  limit(capacity: Capacity): void {
    this.#capacity = capacity;
    if (capacity.throttled) return;
    for (const [batch, timer] of this.#throttled) {
      timer.cancel();
      this.#start(batch);
    }
    this.#throttled.clear();
    this.#plan();
  }

  /** Collecting in a later turn lets the messages of one SendMessageBatch travel together. */
  #plan(): void {
    if (this.#pumpPlanned || this.#stopped) return;
    this.#pumpPlanned = true;
    const end = this.#around.clock.begin(`poll of ${this.queue.settings.name}`);
    setImmediate(() => {
      this.#pumpPlanned = false;
      try {
        this.#pump();
      } finally {
        end();
      }
    });
  }

  /** A consumer that is stuck takes nothing until it is restarted. */
  #isStalled(): boolean {
    const { clock, faults } = this.#around;
    if (clock.now() < this.#stalledUntil) return true;
    const ms = this.queue.hasVisible() ? (faults.current?.stall(this.queue.settings.name) ?? 0) : 0;
    if (ms === 0) return false;
    this.#stalledUntil = clock.now() + ms;
    clock.at(this.#stalledUntil, () => this.#plan());
    return true;
  }

  #pump(): void {
    if (this.#isStalled() || !this.isEnabled) return;
    const limit = Math.min(this.#limit, this.#capacity.atOnce ?? this.#limit);
    while (!this.#stopped && this.#running < limit) {
      const isFull = this.#collect();
      if (this.#batch.length === 0) return;
      if (!isFull && this.#windowMs > 0 && !this.#windowEnded) {
        this.#windowTimer ??= this.#around.clock.at(this.#around.clock.now() + this.#windowMs, () => {
          this.#windowEnded = true;
          this.#plan();
        });
        return;
      }
      this.#flush();
    }
  }

  /** True when the batch may not grow any further. */
  #collect(): boolean {
    const { settings } = this.queue;
    let isFull = false;
    while (this.#batch.length < this.#batchSize && this.queue.hasVisible()) {
      // A batch with a window is filled from receives of ten; without one it is a single receive.
      const received = this.queue.receive(Math.min(10, this.#batchSize - this.#batch.length));
      if (received.length === 0) continue;
      this.#around.meter.queueRequest(
        'ReceiveMessage',
        settings,
        received.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      );
      for (const message of received) {
        if (!this.pool.admits(message.chain)) {
          this.#giveUp(message);
          continue;
        }
        const fault = this.#around.faults.current?.delivery(settings, message);
        if (fault === 'dead-lettered') {
          this.#giveUp(message);
          continue;
        }
        if (fault !== undefined) this.#faulty.set(message, fault);
        const bytes = recordBytes(message);
        if (isFull || (this.#batch.length > 0 && this.#batchBytes + bytes > MAX_PAYLOAD_BYTES)) {
          isFull = true;
          this.queue.changeVisibility(message.receipt!, 0);
          continue;
        }
        this.#batch.push(message);
        this.#batchBytes += bytes;
      }
      if (isFull) return true;
      if (this.#windowMs === 0 && this.#batch.length > 0) return true;
    }
    return this.#batch.length >= this.#batchSize;
  }

  #flush(): void {
    const batch = this.#batch;
    this.#batch = [];
    this.#batchBytes = 0;
    this.#windowTimer?.cancel();
    this.#windowTimer = undefined;
    this.#windowEnded = false;
    this.#running++;
    const { clock } = this.#around;
    const { batchMs = 0, throttled = false } = this.#capacity;
    if (throttled) {
      const until = Math.min(...batch.map(({ visibleAt }) => visibleAt));
      this.#throttled.set(
        batch,
        clock.at(until, () => this.#drop(batch)),
      );
    } else if (batchMs > 0) clock.at(clock.now() + batchMs, () => this.#start(batch));
    else this.#start(batch);
  }

  #drop(batch: QueueMessage[]): void {
    this.#throttled.delete(batch);
    this.#running--;
    this.#plan();
  }

  #start(batch: QueueMessage[]): void {
    const end = this.#around.clock.begin(`batch of ${this.queue.settings.name}`);
    this.#deliver(batch)
      .catch((error: unknown) =>
        this.#around.log(`${this.queue.settings.name}: ${error instanceof Error ? error.stack : String(error)}`),
      )
      .finally(() => {
        this.#running--;
        this.#plan();
        end();
      });
  }

  async #deliver(batch: QueueMessage[]): Promise<void> {
    const { fifo } = this.queue.settings;
    // Who receives a message again has another handle: this one deletes it no more.
    const receipts = new Map(batch.map((message) => [message, message.receipt!]));
    this.#expire(batch);
    const outcome = await this.pool.invoke(JSON.stringify({ Records: batch.map((message) => this.#record(message)) }), {
      chain: longestChain(batch),
    });
    const ids = batch.map((message) => message.id);
    const failed = outcome.ok
      ? this.#reportsFailures
        ? failedMessageIds(outcome.payload, ids)
        : new Set<string>()
      : new Set(ids);
    if (failed.size > 0) {
      this.#around.log(
        `${this.pool.definition.name}: ${failed.size} of ${ids.length} messages failed and stay in ${this.queue.settings.name}`,
      );
    }
    const done = batch.filter((message) => !failed.has(message.id));
    for (let start = 0; start < done.length; start += 10) {
      this.#around.meter.queueRequest('DeleteMessageBatch', { name: this.queue.settings.name, fifo }, 0);
      for (const message of done.slice(start, start + 10)) this.#delete(message, receipts.get(message)!);
    }
    for (const message of batch) this.#faulty.delete(message);
  }

  #giveUp(message: QueueMessage): void {
    const { deadLetter } = this.queue.settings;
    const target = deadLetter && this.#around.deadLetterQueue(deadLetter.arn);
    this.queue.take(message);
    target?.adopt(message, { sourceArn: this.queue.settings.arn });
  }

  /** The work takes longer than the queue waits: somebody else gets the message in the middle of it, a group as a whole. */
  #expire(batch: readonly QueueMessage[]): void {
    const expired = batch.filter((message) => this.#faulty.get(message) === 'expired-in-work');
    if (expired.length === 0) return;
    const groups = new Set(expired.map(({ groupId }) => groupId));
    const { fifo } = this.queue.settings;
    const concerned = fifo ? batch.filter(({ groupId }) => groups.has(groupId)) : expired;
    const receipts = concerned.map(({ receipt }) => receipt!);
    const end = this.#around.clock.begin(`visibility of ${this.queue.settings.name}`);
    setTimeout(() => {
      for (const receipt of receipts) this.queue.changeVisibility(receipt, 0);
      end();
    }, 5);
  }

  #delete(message: QueueMessage, receipt: string): void {
    const fault = this.#faulty.get(message);
    if (fault === 'delivered-twice') this.queue.changeVisibility(receipt, 0);
    else if (fault !== 'delete-lost') this.queue.delete(receipt);
  }

  #record(message: QueueMessage): object {
    return {
      messageId: message.id,
      receiptHandle: message.receipt,
      body: message.body,
      attributes: systemAttributes(message),
      messageAttributes: Object.fromEntries(
        Object.entries(message.attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
          name,
          {
            dataType: DataType,
            stringValue: StringValue,
            binaryValue: BinaryValue,
            stringListValues: [],
            binaryListValues: [],
          },
        ]),
      ),
      md5OfBody: message.md5,
      eventSource: 'aws:sqs',
      eventSourceARN: this.queue.settings.arn,
      awsRegion: this.#around.region,
    };
  }
}

function recordBytes(message: QueueMessage): number {
  // The body travels inside JSON, so its quotes and backslashes are escaped once more.
  return Buffer.byteLength(JSON.stringify(message.body)) + RECORD_OVERHEAD_BYTES;
}

/** AWS does not say which chain a mixed batch continues: the longest of each function errs on the strict side. */
function longestChain(batch: QueueMessage[]): Chain {
  const longest: Chain = {};
  for (const { chain } of batch) {
    for (const [name, count] of Object.entries(chain)) longest[name] = Math.max(longest[name] ?? 0, count);
  }
  return longest;
}
