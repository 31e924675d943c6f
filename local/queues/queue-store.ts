import type { ResolvedAssembly, ResolvedResource } from '../assembly/resolve-assembly.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { FaultSeam } from '../faults/fault-injector.ts';
import type { Ids } from '../ids.ts';
import type { Trail } from '../trail.ts';
import type { QueueSettings } from './message.ts';
import { MAX_BATCH_BYTES } from './message-rules.ts';
import { Queue, type SavedQueue } from './queue.ts';

/** Every queue of the assembly, by name, ARN and URL. */
export class QueueStore {
  readonly queues: Queue[] = [];
  /** Set when something changed since the last save. */
  isDirty = false;
  readonly #byArn = new Map<string, Queue>();
  readonly #byName = new Map<string, Queue>();

  constructor(
    assembly: ResolvedAssembly,
    gateway: string,
    clock: VirtualClock,
    ids: Ids,
    trail: Trail,
    faults: FaultSeam,
  ) {
    for (const resource of assembly.ofType('AWS::SQS::Queue')) {
      const settings = settingsOf(resource, gateway);
      const queue = new Queue(settings, {
        clock,
        ids,
        deadLetterQueue: (arn) => this.#byArn.get(arn),
        changed: () => {
          this.isDirty = true;
        },
        labelled: (labels) => trail.add('queue', settings.name, JSON.stringify(labels)),
        next: (queue, candidates) => faults.current?.next(queue, candidates) ?? 0,
      });
      this.queues.push(queue);
      this.#byArn.set(queue.settings.arn, queue);
      this.#byName.set(queue.settings.name, queue);
    }
    for (const { settings } of this.queues) {
      const target = settings.deadLetter && this.#byArn.get(settings.deadLetter.arn);
      if (settings.deadLetter && !target)
        throw new Error(`${settings.name}: its dead-letter queue is not in the assembly`);
      if (target && target.settings.fifo !== settings.fifo) {
        throw new Error(
          `${settings.name}: a dead-letter queue must be of the same type as its source (SQS developer guide)`,
        );
      }
    }
  }

  byArn(arn: string): Queue | undefined {
    return this.#byArn.get(arn);
  }

  byName(name: string): Queue | undefined {
    return this.#byName.get(name);
  }

  /** Hosts differ between AWS and here, so only the last part of the URL counts. */
  byUrl(url: string): Queue | undefined {
    return this.#byName.get(url.slice(url.lastIndexOf('/') + 1));
  }

  save(): Record<string, SavedQueue> {
    return Object.fromEntries(this.queues.map((queue) => [queue.settings.name, queue.save()]));
  }

  restore(saved: Record<string, SavedQueue>): void {
    for (const queue of this.queues) {
      const state = saved[queue.settings.name];
      if (state) queue.restore(state);
    }
  }
}

function settingsOf(resource: ResolvedResource, gateway: string): QueueSettings {
  const { properties, name } = resource;
  const fifo = properties['FifoQueue'] === true || properties['FifoQueue'] === 'true';
  if (fifo !== name.endsWith('.fifo'))
    throw new Error(`${name}: the name of a FIFO queue, and only that, ends in .fifo`);
  const redrive = properties['RedrivePolicy'] as { deadLetterTargetArn: string; maxReceiveCount: number } | undefined;
  const seconds = (property: string, otherwise: number): number => Number(properties[property] ?? otherwise);
  return {
    name,
    arn: resource.arn,
    url: `${gateway}/${resource.account}/${name}`,
    fifo,
    contentBasedDeduplication: properties['ContentBasedDeduplication'] === true,
    deduplicationScope: properties['DeduplicationScope'] === 'messageGroup' ? 'messageGroup' : 'queue',
    delaySeconds: seconds('DelaySeconds', 0),
    visibilityTimeoutSeconds: seconds('VisibilityTimeout', 30),
    retentionSeconds: seconds('MessageRetentionPeriod', 345_600),
    maximumMessageBytes: seconds('MaximumMessageSize', MAX_BATCH_BYTES),
    ...(redrive && {
      deadLetter: { arn: redrive.deadLetterTargetArn, maxReceiveCount: Number(redrive.maxReceiveCount) },
    }),
    ...(typeof properties['KmsMasterKeyId'] === 'string' && { keyId: properties['KmsMasterKeyId'] }),
  };
}
