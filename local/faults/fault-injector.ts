/**
 * Everything that AWS may do to what is built on it, drawn from a seed; a part of the local cloud that is switched on by
 * `cloud.inject(injector)` and off by `cloud.inject(undefined)`.
 *
 * 1. Four seams: calls of functions (gateway), deliveries (queues and their pollers), workers, tasks of state machines.
 * 2. Each decision is a hash of the seed and of what it is about (`Dice`), never of the order of arrival.
 * 3. Nothing happens here that AWS excludes: FIFO groups keep their order, a deleted FIFO message does not come again.
 * 4. What was done is counted by kind; kinds can be left out, so that a failing seed can be shrunk.
 */
import type { Fault, ObservedCall } from '../gateway/faults.ts';
import type { QueueMessage, QueueSettings } from '../queues/message.ts';
import { Dice, shortly } from './dice.ts';

/** Of calls: what happens, and which document says that it may. */
const ofCalls = {
  /** Any service may refuse for load (each API's errors). */
  throttled: 'throttle',
  /** Internal errors, HTTP 500 (each API's errors). */
  'error-500': 'error-500',
  'reset-before': 'reset',
  'answer-lost': 'lose-answer',
  'timed-out-before': 'time-out-before',
  'timed-out-after': 'time-out-after',
  'killed-before': 'crash-before',
  'killed-after': 'crash-after',
  /** Of a conditional write: the SDK tries again, and loses against itself. */
  'condition-lost': 'lose-answer',
  /** Batch calls succeed in part [Q13, D7]. */
  'partial-batch': { holdBack: 1 },
} as const satisfies Record<string, Fault>;

/** Of deliveries (SQS developer guide, "At-least-once delivery", "Visibility timeout", "Dead-letter queues"). */
const ofDeliveries = ['delivered-twice', 'delete-lost', 'expired-in-work', 'dead-lettered'] as const;
const others = [
  'reordered',
  'stuck-consumer',
  'cold-start',
  'clock-skew',
  'clock-step',
  'task-retried',
  'execution-failed',
] as const;

type CallFault = keyof typeof ofCalls;
export type DeliveryFault = (typeof ofDeliveries)[number];
export type FaultKind = CallFault | DeliveryFault | (typeof others)[number];

export const faultKinds: readonly FaultKind[] = [...(Object.keys(ofCalls) as CallFault[]), ...ofDeliveries, ...others];

/** Shares of those that may have it: of calls, messages, polls, invocations, tasks. Those that end a worker cost CPU. */
const shares: Readonly<Record<FaultKind, number>> = {
  throttled: 0.012,
  'error-500': 0.012,
  'reset-before': 0.006,
  'answer-lost': 0.01,
  'timed-out-before': 0.0003,
  'timed-out-after': 0.0003,
  'killed-before': 0.0004,
  'killed-after': 0.0004,
  'condition-lost': 0.02,
  'partial-batch': 0.01,
  'delivered-twice': 0.01,
  'delete-lost': 0.005,
  'expired-in-work': 0.005,
  'dead-lettered': 0.002,
  reordered: 0.02,
  'stuck-consumer': 0.001,
  'cold-start': 0.001,
  'clock-skew': 0.01,
  /** Whoever moves the clock does it, and counts it. */
  'clock-step': 0,
  'task-retried': 0.05,
  'execution-failed': 0.02,
};

export interface InjectorOptions {
  readonly seed: number;
  /** Default: all. */
  readonly kinds?: readonly FaultKind[];
  /** Multiplies every share. */
  readonly severity?: number;
}

const MINUTE_MS = 60_000;
/** As far apart as clocks of machines that follow one time service are taken to be, and more. */
const MOST_SKEW_MS = 2_000;

export class FaultInjector {
  readonly #dice: Dice;
  readonly #kinds: ReadonlySet<FaultKind>;
  readonly #severity: number;
  readonly #counts = new Map<FaultKind, number>();

  constructor({ seed, kinds = faultKinds, severity = 1 }: InjectorOptions) {
    this.#dice = new Dice(String(seed));
    this.#kinds = new Set(kinds);
    this.#severity = severity;
  }

  /** So often was each done. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Somebody else did one, of which this cannot know. */
  count(kind: FaultKind): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  call({ identity, isConditional, isBatch }: ObservedCall): Fault {
    const may = (Object.keys(ofCalls) as CallFault[]).filter(
      (kind) => (kind !== 'condition-lost' || isConditional) && (kind !== 'partial-batch' || isBatch),
    );
    const kind = this.#draw(`call ${identity}`, may);
    return kind === undefined ? 'pass' : ofCalls[kind];
  }

  delivery({ name, fifo, deadLetter }: QueueSettings, message: QueueMessage): DeliveryFault | undefined {
    const may = ofDeliveries.filter(
      (kind) => (kind !== 'delivered-twice' || !fifo) && (kind !== 'dead-lettered' || deadLetter !== undefined),
    );
    const what = message.deduplicationId ?? shortly(message.body);
    return this.#draw(`delivery ${name} ${what} ${message.receiveCount}`, may);
  }

  /** Among so many that could come next, which one does: standard queues promise no order, FIFO queues one in groups. */
  next(queue: string, candidates: number): number {
    if (candidates < 2 || this.#draw(`order ${queue}`, ['reordered']) === undefined) return 0;
    return 1 + Math.floor(this.#dice.throwFor(`place ${queue}`) * (candidates - 1));
  }

  /** So long a consumer takes nothing, ms; 0 nearly always. */
  stall(queue: string): number {
    if (this.#draw(`stall ${queue}`, ['stuck-consumer']) === undefined) return 0;
    return Math.ceil((1 + 29 * this.#dice.throwFor(`length ${queue}`)) * MINUTE_MS);
  }

  startsCold(functionName: string): boolean {
    return this.#draw(`cold ${functionName}`, ['cold-start']) !== undefined;
  }

  /** How far a worker's clock is off from now on, ms; undefined: as before. */
  skew(functionName: string): number | undefined {
    if (this.#draw(`skew ${functionName}`, ['clock-skew']) === undefined) return undefined;
    return Math.round((2 * this.#dice.throwFor(`step ${functionName}`) - 1) * MOST_SKEW_MS);
  }

  /** Tried again by the definition, or an end that no Retry catches: States.Runtime [F6]. */
  task(machine: string, args: string): 'Lambda.TooManyRequestsException' | 'States.Runtime' | undefined {
    const kind = this.#draw(`task ${machine} ${shortly(args)}`, ['task-retried', 'execution-failed']);
    if (kind === undefined) return undefined;
    return kind === 'task-retried' ? 'Lambda.TooManyRequestsException' : 'States.Runtime';
  }

  #draw<K extends FaultKind>(what: string, may: readonly K[]): K | undefined {
    let left = this.#dice.throwFor(what);
    for (const kind of may) {
      if (!this.#kinds.has(kind)) continue;
      left -= shares[kind] * this.#severity;
      if (left >= 0) continue;
      this.count(kind);
      return kind;
    }
    return undefined;
  }
}

/** Where the parts of the cloud look for it. */
export interface FaultSeam {
  current: FaultInjector | undefined;
}
