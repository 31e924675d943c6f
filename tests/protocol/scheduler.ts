import type { HandResult } from '../../shared/app/ports.ts';
import type { Mail } from '../../shared/domain/mail-record.ts';
import { GodwitError, Transient } from '../../shared/kernel/errors.ts';
import { SECOND_MS } from '../../shared/kernel/time.ts';
import { timing } from '../../shared/resources.ts';
import type { Mutation } from './mutations.ts';

/** Picks one of n; 0 is always the harmless choice, so that a failing list of choices can be shrunk. */
export type Choose = (n: number) => number;

export interface Violation {
  /** What was broken, with the number of the guarantee. */
  readonly law: string;
  readonly detail: string;
}

/** How a call is hit. 0: not at all. */
export const faults = [
  'none',
  'crash before',
  'crash after',
  'throttled',
  'answer lost',
  'done twice',
  'partly done',
] as const;

interface Call {
  readonly name: string;
  readonly about: string;
  /** Does it, and settles the caller's promise with it. */
  readonly run: () => Promise<unknown>;
  readonly runPartly?: () => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** One invocation of a function: the real code, stopped at every call until the scheduler lets it on. */
export interface Process {
  readonly id: string;
  readonly kind: string;
  readonly startedAt: number;
  readonly clock: () => number;
  readonly epoch: number;
  readonly mails: readonly QueuedMail[];
  readonly message?: string;
  /** What it writes last arrives when its time is up, or not at all. */
  isStuck?: boolean;
  calls: Call[];
}

export interface QueuedMail {
  readonly id: string;
  readonly mail: Mail;
  readonly sequence: number;
  receives: number;
  visibleAt: number;
  /** Came back out of the dead-letter queue: it takes its place on arrival (G4). */
  redriven: boolean;
}

const LAMBDA_MS = timing.evaluateTimeoutSeconds * SECOND_MS;
const START = Date.UTC(2026, 10, 22, 9, 0, 0);

/** Runs invocations in virtual time, one call at a time, and hits calls with faults. */
export class Scheduler {
  now = START;
  /** Of the catalog that is published. */
  epoch = 1;
  processes: Process[] = [];
  faultsLeft = 0;
  steps = 0;

  /** What the checks look at. */
  violation: Violation | undefined;
  /** A fault or a time-out met a sender. */
  sendHit = false;
  /** Messages over which a sender was cut off. */
  readonly cutOff = new Set<string>();
  readonly coverage = new Set<string>();
  readonly trace: string[] | undefined;
  readonly choose: Choose;
  readonly mutations: ReadonlySet<Mutation>;
  /** The process whose call is being done. */
  protected doing: Process | undefined;
  #count = 0;

  constructor(choose: Choose, mutations: ReadonlySet<Mutation>, trace?: string[]) {
    this.choose = choose;
    this.mutations = mutations;
    this.trace = trace;
  }

  fail(law: string, detail: string): void {
    if (this.violation !== undefined) return;
    this.violation = { law, detail };
    this.log(`** VIOLATION ${law}: ${detail}`);
  }

  log(line: string): void {
    this.trace?.push(`${((this.now - START) / 1000).toFixed(0).padStart(7)} s  ${line}`);
  }

  nextNumber(): number {
    this.#count += 1;
    return this.#count;
  }

  nextId(prefix: string): string {
    return `${prefix}${this.nextNumber()}`;
  }

  async start(
    kind: string,
    body: (process: Process) => Promise<unknown>,
    done: (value: never) => void,
    { mails = [], message, about = '' }: { mails?: readonly QueuedMail[]; message?: string; about?: string } = {},
  ): Promise<Process> {
    const skew = [0, 0, -2, 2][this.choose(4)]! * SECOND_MS;
    const epoch = Math.max(1, this.epoch - (this.choose(3) === 2 ? 1 : 0));
    const process: Process = {
      id: this.nextId(kind),
      kind,
      startedAt: this.now,
      clock: () => this.now + skew,
      epoch,
      mails,
      ...(message !== undefined && { message }),
      calls: [],
    };
    this.log(`${process.id} starts ${about}${skew === 0 ? '' : ` clock ${skew / 1000} s`}`);
    this.processes.push(process);
    body(process).then(
      (value) => {
        this.end(process);
        this.log(`${process.id} returns`);
        done(value as never);
      },
      (error: unknown) => {
        this.end(process);
        this.log(`${process.id} fails: ${error instanceof GodwitError ? error.code : error}`);
        if (!(error instanceof Transient))
          this.fail('defect', error instanceof Error ? (error.stack ?? error.message) : String(error));
      },
    );
    await settled();
    return process;
  }

  end(process: Process): void {
    this.processes = this.processes.filter((one) => one !== process);
    process.calls = [];
  }

  isRunning(process: Process | undefined): boolean {
    return process !== undefined && this.processes.includes(process);
  }

  /** Lets one call of a process happen, hit by a fault or not. */
  async step(process: Process, index = 0, fault = 0): Promise<void> {
    const [call] = process.calls.splice(index, 1);
    if (call === undefined) {
      this.fail('defect', `${process.id} waits for nothing`);
      return this.end(process);
    }
    this.steps += 1;
    const isThrottledProvider = call.name === 'provider.call' && fault === 3;
    if (fault !== 0 && fault !== 5 && process.message !== undefined && !isThrottledProvider) {
      this.cutOff.add(process.message);
    }
    if (fault !== 0 && process.kind === 'send') this.sendHit = true;
    this.log(`${process.id} ${call.name} ${call.about}${fault === 0 ? '' : `  ** ${faults[fault]}`}`);
    const run = async (how = call.run) => {
      this.doing = process;
      return how();
    };
    const lost = () => new Transient('test.fault', faults[fault]!);
    switch (fault) {
      case 1:
        this.crash(process);
        break;
      case 2:
        await run();
        this.crash(process);
        break;
      case 3:
        if (call.name === 'provider.call') call.resolve({ throttled: 'test' } satisfies HandResult);
        else call.reject(lost());
        break;
      case 4:
        await run();
        if (call.name === 'provider.call') call.resolve({ unknown: 'test' } satisfies HandResult);
        else call.reject(lost());
        break;
      case 5: {
        // The SDK tries again; provider clients are told not to.
        const isOnce = call.name === 'provider.call' && !this.mutations.has('provider client retries');
        if (!isOnce) await run();
        call.resolve(await run());
        break;
      }
      case 6:
        await run(call.runPartly ?? (async () => undefined));
        call.reject(lost());
        break;
      default:
        call.resolve(await run());
    }
    await settled();
  }

  /** What else was on its way may arrive. */
  crash(process: Process): void {
    this.doing = process;
    for (const call of process.calls) if (this.choose(2) === 1) void call.run();
    this.end(process);
  }

  advance(ms: number): void {
    const to = this.now + ms;
    for (const process of [...this.processes]) {
      if (to - process.startedAt <= LAMBDA_MS) continue;
      this.log(`${process.id} ** Lambda time-out`);
      if (process.message !== undefined) {
        this.cutOff.add(process.message);
        this.sendHit = true;
      }
      this.crash(process);
    }
    this.now = to;
  }

  /** A port whose every call waits for the scheduler. */
  protected scheduled<P extends object>(
    process: Process,
    name: string,
    port: P,
    about: (args: unknown[]) => string = brief,
  ): P {
    return new Proxy(port, {
      get:
        (target, property) =>
        (...args: unknown[]) =>
          new Promise((resolve, reject) => {
            const method = (target as Record<string, (...a: unknown[]) => Promise<unknown>>)[property as string]!;
            const [list, ...rest] = args;
            process.calls.push({
              name: `${name}.${String(property)}`,
              about: about(args),
              run: () => method.apply(target, args),
              ...(Array.isArray(list) && {
                runPartly: () => method.call(target, list.slice(0, Math.floor(list.length / 2)), ...rest),
              }),
              resolve,
              reject,
            });
          }),
    });
  }
}

const names = new Map<string, string>();
/** What a key is called in traces. */
export const nameKey = (key: string, called: string) => names.set(key, called);
export const name = (key: string) => names.get(key) ?? key.slice(0, 5);

const brief = (args: readonly unknown[]): string =>
  args
    .map((one) => {
      if (typeof one === 'string') return names.get(one) ?? one;
      const { key, version, jk, st, id } = (one ?? {}) as { [field: string]: unknown };
      return [name(String(key ?? '')), version && `v${String(version)}`, id, jk, st].filter(Boolean).join(' ');
    })
    .join(', ');

/** Until every process waits for its next call: nothing in them but calls takes a turn of the event loop. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
