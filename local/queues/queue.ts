/**
 * One SQS queue on the virtual clock.
 *
 * 1. While any message of a FIFO group is in flight, no further one of that group is handed out [Q2, Q10].
 * 2. A receive returns as many messages of one group as it can, in order, before it turns to the next group [Q2].
 * 3. A message returns when its visibility timeout has passed; in a FIFO group it returns to its old place.
 * 4. Deduplication lasts five minutes from the first send, also after receive and delete [Q3, Q15].
 * 5. A message received more often than maxReceiveCount goes to the dead-letter queue instead [Q6].
 */
import { createHash } from 'node:crypto';
import type { Timer, VirtualClock } from '../clock/virtual-clock.ts';
import type { Ids } from '../ids.ts';
import { Deduplication, type SavedSent, type Sent } from './deduplication.ts';
import type { NewMessage, QueueMessage, QueueSettings } from './message.ts';
import { messageSize } from './message-rules.ts';

export interface QueueSurroundings {
  clock: VirtualClock;
  ids: Ids;
  deadLetterQueue(arn: string): Queue | undefined;
  changed(): void;
  /** What is to be seen of a message without its body. */
  labelled(labels: object): void;
  /** Among so many that could come next, which one does; absent: the first. */
  next?(queue: string, candidates: number): number;
}

export interface SavedQueue {
  messages: QueueMessage[];
  seen: SavedSent;
  sequence: number;
}

interface Group {
  messages: QueueMessage[];
  inFlight: number;
}

export class Queue {
  readonly settings: QueueSettings;
  /** Called whenever a message may have become receivable. */
  onVisible: (() => void) | undefined;
  expiredCount = 0;
  deadLetteredCount = 0;
  readonly #around: QueueSurroundings;
  readonly #all = new Map<string, QueueMessage>();
  readonly #timers = new Map<QueueMessage, Timer>();
  readonly #receipts = new Map<string, QueueMessage>();
  #ready: QueueMessage[] = [];
  #readyHead = 0;
  readonly #groups = new Map<string, Group>();
  readonly #readyGroups = new Set<string>();
  readonly #deduplication: Deduplication;
  #sequence = 0;
  #copiesToKeep = 0;

  constructor(settings: QueueSettings, around: QueueSurroundings) {
    this.settings = settings;
    this.#deduplication = new Deduplication(settings.deduplicationScope);
    this.#around = around;
  }

  send(message: NewMessage): { message: Sent & { md5: string }; duplicate: boolean } {
    const { clock, ids, labelled } = this.#around;
    const { body: _, ...labels } = message;
    labelled(labels);
    const now = clock.now();
    const md5 = createHash('md5').update(message.body).digest('hex');
    const deduplicationId = this.settings.fifo
      ? (message.deduplicationId ?? createHash('sha256').update(message.body).digest('hex'))
      : undefined;
    if (deduplicationId !== undefined) {
      const earlier = this.#deduplication.earlier(message.groupId, deduplicationId, now);
      if (earlier) return { message: { id: earlier.id, sequence: earlier.sequence, md5 }, duplicate: true };
    }
    const delaySeconds = message.delaySeconds ?? this.settings.delaySeconds;
    const stored: QueueMessage = {
      id: ids.uuid(),
      body: message.body,
      md5,
      attributes: message.attributes ?? {},
      sizeBytes: messageSize(message.body, message.attributes),
      sentAt: now,
      enqueuedAt: now,
      visibleAt: now + delaySeconds * 1000,
      receiveCount: 0,
      inFlight: false,
      chain: message.chain ?? {},
    };
    if (message.groupId !== undefined) stored.groupId = message.groupId;
    if (this.settings.fifo) {
      stored.sequence = ++this.#sequence;
      stored.deduplicationId = deduplicationId!;
      this.#deduplication.remember(stored.groupId, deduplicationId!, { id: stored.id, sequence: stored.sequence }, now);
    }
    this.#store(stored);
    return { message: { id: stored.id, sequence: stored.sequence, md5 }, duplicate: false };
  }

  receive(limit: number, visibilitySeconds = this.settings.visibilityTimeoutSeconds): QueueMessage[] {
    const received: QueueMessage[] = [];
    if (this.settings.fifo) {
      for (const groupId of this.#inSomeOrder()) {
        if (received.length >= limit) break;
        const group = this.#groups.get(groupId)!;
        while (
          received.length < limit &&
          group.messages[0] &&
          group.messages[0].visibleAt <= this.#around.clock.now()
        ) {
          this.#hand(group.messages.shift()!, visibilitySeconds, received);
        }
        this.#refreshGroup(groupId);
      }
      return received;
    }
    while (received.length < limit && this.#readyHead < this.#ready.length) {
      this.#overtake();
      const message = this.#ready[this.#readyHead++]!;
      if (!message.deleted) this.#hand(message, visibilitySeconds, received);
    }
    if (this.#readyHead > 1024 && this.#readyHead * 2 > this.#ready.length) {
      this.#ready = this.#ready.slice(this.#readyHead);
      this.#readyHead = 0;
    }
    return received;
  }

  /** Groups are independent of each other: which is served first is nobody's promise. */
  #inSomeOrder(): Iterable<string> {
    const first = this.#around.next?.(this.settings.name, this.#readyGroups.size) ?? 0;
    if (first === 0) return this.#readyGroups;
    const groups = [...this.#readyGroups];
    return [...groups.slice(first), ...groups.slice(0, first)];
  }

  /** Of a standard queue, where a message may overtake others (SQS developer guide, "Best-effort ordering"). */
  #overtake(): void {
    const place =
      this.#readyHead + (this.#around.next?.(this.settings.name, this.#ready.length - this.#readyHead) ?? 0);
    if (place === this.#readyHead) return;
    const [first, other] = [this.#ready[this.#readyHead]!, this.#ready[place]!];
    this.#ready[this.#readyHead] = other;
    this.#ready[place] = first;
  }

  /**
   * The next deletions miss a copy, so those messages come once more: the at-least-once delivery of standard queues
   * (SQS developer guide, "Standard queues").
   */
  keepCopies(count: number): void {
    if (this.settings.fifo)
      throw new Error(`${this.settings.name}: FIFO queues deliver no message again once it is deleted`);
    this.#copiesToKeep = count;
  }

  /** False when the handle is too old to delete with, which only FIFO queues refuse. */
  delete(receipt: string): boolean {
    const message = this.#receipts.get(receipt);
    if (!message) return true;
    if (this.settings.fifo && !message.inFlight) return false;
    if (this.#copiesToKeep > 0 && message.inFlight) {
      this.#copiesToKeep--;
      message.visibleAt = this.#around.clock.now();
      this.#becomeVisible(message);
      return true;
    }
    this.#forget(message);
    return true;
  }

  /** False when the message is not in flight any more. */
  changeVisibility(receipt: string, seconds: number): boolean {
    const message = this.#receipts.get(receipt);
    if (!message?.inFlight) return false;
    message.visibleAt = this.#around.clock.now() + seconds * 1000;
    if (seconds === 0) this.#becomeVisible(message);
    else this.#wakeAt(message);
    this.#around.changed();
    return true;
  }

  /** Whether a receive would find something now. */
  hasVisible(): boolean {
    if (this.settings.fifo) return this.#readyGroups.size > 0;
    while (this.#ready[this.#readyHead]?.deleted) this.#readyHead++;
    return this.#readyHead < this.#ready.length;
  }

  counts(): { visible: number; inFlight: number; delayed: number } {
    const counts = { visible: 0, inFlight: 0, delayed: 0 };
    const now = this.#around.clock.now();
    for (const message of this.#all.values()) {
      if (message.inFlight) counts.inFlight++;
      else if (message.visibleAt > now) counts.delayed++;
      else counts.visible++;
    }
    return counts;
  }

  messages(): QueueMessage[] {
    return [...this.#all.values()];
  }

  purge(): void {
    for (const message of [...this.#all.values()]) this.#forget(message);
  }

  /** Takes a message over from a queue that gave it up, or back from a dead-letter queue. */
  adopt(message: QueueMessage, change: Partial<QueueMessage>): void {
    const now = this.#around.clock.now();
    const { receipt: _receipt, firstReceivedAt: _first, deleted: _deleted, ...kept } = message;
    const adopted: QueueMessage = { ...kept, inFlight: false, visibleAt: now, ...change };
    if (this.settings.fifo) {
      adopted.sequence = ++this.#sequence;
      adopted.enqueuedAt = now;
      // In the dead-letter queue the message id takes the place of the deduplication id [Q7].
      adopted.deduplicationId = adopted.id;
    }
    this.#store(adopted);
  }

  /** Gives a message up to another queue. */
  take(message: QueueMessage): void {
    this.#forget(message);
  }

  /** Redriven messages are new ones, with a new id and time, and the old deduplication id is gone [Q7]. */
  sendAgain(message: QueueMessage): void {
    const id = this.#around.ids.uuid();
    const now = this.#around.clock.now();
    const { sourceArn: _source, deleted: _deleted, ...kept } = message;
    this.adopt(kept, { id, sentAt: now, enqueuedAt: now, receiveCount: 0 });
  }

  save(): SavedQueue {
    return { messages: this.messages(), seen: this.#deduplication.save(), sequence: this.#sequence };
  }

  restore(saved: SavedQueue): void {
    this.#sequence = saved.sequence;
    this.#deduplication.restore(saved.seen);
    for (const message of saved.messages) {
      this.#all.set(message.id, message);
      if (message.receipt) this.#receipts.set(message.receipt, message);
      if (message.inFlight && message.groupId !== undefined && this.settings.fifo) this.#group(message).inFlight++;
      if (message.inFlight) this.#wakeAt(message);
      else this.#enter(message);
    }
  }

  #store(message: QueueMessage): void {
    this.#all.set(message.id, message);
    this.#around.changed();
    this.#enter(message);
  }

  #enter(message: QueueMessage): void {
    const isWaiting = message.visibleAt > this.#around.clock.now();
    if (this.settings.fifo) {
      const { messages } = this.#group(message);
      let place = messages.length;
      while (place > 0 && messages[place - 1]!.sequence! > message.sequence!) place--;
      messages.splice(place, 0, message);
      this.#refreshGroup(message.groupId!);
    } else if (!isWaiting) {
      this.#ready.push(message);
    }
    if (isWaiting) this.#wakeAt(message);
    else this.onVisible?.();
  }

  #group(message: QueueMessage): Group {
    let group = this.#groups.get(message.groupId!);
    if (!group) {
      group = { messages: [], inFlight: 0 };
      this.#groups.set(message.groupId!, group);
    }
    return group;
  }

  #refreshGroup(groupId: string): void {
    const group = this.#groups.get(groupId);
    if (!group) return;
    const first = group.messages[0];
    if (group.inFlight === 0 && first && first.visibleAt <= this.#around.clock.now()) this.#readyGroups.add(groupId);
    else this.#readyGroups.delete(groupId);
    if (group.inFlight === 0 && !first) this.#groups.delete(groupId);
  }

  #wakeAt(message: QueueMessage): void {
    this.#timers.get(message)?.cancel();
    this.#timers.set(
      message,
      this.#around.clock.at(message.visibleAt, () => this.#becomeVisible(message)),
    );
  }

  #becomeVisible(message: QueueMessage): void {
    this.#timers.get(message)?.cancel();
    this.#timers.delete(message);
    if (!message.inFlight) {
      if (this.settings.fifo) this.#refreshGroup(message.groupId!);
      else this.#ready.push(message);
      this.onVisible?.();
      return;
    }
    message.inFlight = false;
    if (this.settings.fifo) this.#group(message).inFlight--;
    this.#enter(message);
  }

  #hand(message: QueueMessage, visibilitySeconds: number, received: QueueMessage[]): void {
    const now = this.#around.clock.now();
    this.#around.changed();
    if (message.enqueuedAt + this.settings.retentionSeconds * 1000 <= now) {
      this.expiredCount++;
      this.#forget(message);
      return;
    }
    const { deadLetter } = this.settings;
    const deadLetterQueue = deadLetter && this.#around.deadLetterQueue(deadLetter.arn);
    if (deadLetterQueue && message.receiveCount >= deadLetter.maxReceiveCount) {
      this.deadLetteredCount++;
      this.#forget(message);
      deadLetterQueue.adopt(message, { sourceArn: this.settings.arn });
      return;
    }
    if (message.receipt) this.#receipts.delete(message.receipt);
    message.receiveCount++;
    message.firstReceivedAt ??= now;
    message.receipt = Buffer.from(`${message.id}#${message.receiveCount}`).toString('base64');
    message.visibleAt = now + visibilitySeconds * 1000;
    message.inFlight = true;
    this.#receipts.set(message.receipt, message);
    if (this.settings.fifo) this.#group(message).inFlight++;
    this.#wakeAt(message);
    received.push(message);
  }

  #forget(message: QueueMessage): void {
    this.#timers.get(message)?.cancel();
    this.#timers.delete(message);
    this.#all.delete(message.id);
    if (message.receipt) this.#receipts.delete(message.receipt);
    const wasInFlight = message.inFlight;
    message.inFlight = false;
    message.deleted = true;
    this.#around.changed();
    const group = this.settings.fifo ? this.#groups.get(message.groupId!) : undefined;
    if (!group) return;
    if (wasInFlight) group.inFlight--;
    const place = group.messages.indexOf(message);
    if (place >= 0) group.messages.splice(place, 1);
    this.#refreshGroup(message.groupId!);
    if (this.#readyGroups.has(message.groupId!)) this.onVisible?.();
  }
}
