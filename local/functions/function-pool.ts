import { createHash } from 'node:crypto';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { FaultSeam } from '../faults/fault-injector.ts';
import { AwsError } from '../gateway/aws-error.ts';
import type { Ids } from '../ids.ts';
import type { Meter } from '../meter.ts';
import type { Chain } from '../queues/message.ts';
import { ExecutionEnvironment, type InvocationOutcome } from './execution-environment.ts';
import type { FunctionDefinition } from './function-definition.ts';
import { FunctionMeasures } from './function-measures.ts';
import { lambdaEnvironment } from './lambda-environment.ts';

export interface PoolSurroundings {
  clock: VirtualClock;
  ids: Ids;
  meter: Meter;
  gateway: string;
  region: string;
  extraEnvironment: Record<string, string>;
  maxWorkers: number;
  faults: FaultSeam;
  log: (line: string) => void;
  /** What CloudWatch Logs would keep: the function's own lines, and what the runtime says of its errors. */
  logged: (functionName: string, line: string) => void;
  /** Tells who will call AWS with the environment's access key. */
  introduce: (environment: ExecutionEnvironment, pool: FunctionPool) => void;
  /** Lambda writes logs under the function's own role. */
  mayLog: (action: string) => boolean;
}

export interface InvocationOptions {
  /** Invocations of each function on the way here, this one not counted. */
  chain?: Chain | undefined;
  requestId?: string | undefined;
}

/** Lambda stops a chain at about the sixteenth invocation of one function [L10]. */
export const RECURSION_LIMIT = 16;
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;

/** All execution environments of one function: they grow with demand up to a small number and stay warm. */
export class FunctionPool {
  readonly definition: FunctionDefinition;
  /** Environments that were lost to crashes, time-outs and unhandled errors. */
  restarts = 0;
  /** Longest chain of this function's invocations seen so far. */
  longestChain = 0;
  /** Invocations the recursion guard refused. */
  cutChains = 0;
  readonly measures = new FunctionMeasures();
  readonly #around: PoolSurroundings;
  readonly #environments = new Set<ExecutionEnvironment>();
  readonly #waiting: (() => void)[] = [];
  readonly #chains = new Map<string, Chain>();
  readonly #limit: number;
  #started = 0;

  constructor(definition: FunctionDefinition, around: PoolSurroundings) {
    this.definition = definition;
    this.#around = around;
    this.#limit = Math.min(around.maxWorkers, definition.reservedConcurrency ?? around.maxWorkers);
  }

  get concurrency(): number {
    return this.#limit;
  }

  /** Whether the recursion guard would let one more invocation happen at the end of this chain. */
  admits(chain: Chain | undefined): boolean {
    if (this.definition.mayRecurse || (chain?.[this.definition.name] ?? 0) < RECURSION_LIMIT) return true;
    this.cutChains++;
    this.#around.log(
      `${this.definition.name}: the recursion guard stopped a chain after ${RECURSION_LIMIT} invocations (set RecursiveLoop: Allow if the loop is meant)`,
    );
    return false;
  }

  async invoke(payload: string, options: InvocationOptions = {}): Promise<InvocationOutcome> {
    const { clock, ids, meter } = this.#around;
    if (Buffer.byteLength(payload) > MAX_PAYLOAD_BYTES) {
      throw new AwsError(
        'RequestTooLargeException',
        `Request must be smaller than ${MAX_PAYLOAD_BYTES} bytes for the InvokeFunction operation`,
        413,
      );
    }
    const { name, memoryMb, timeoutSeconds } = this.definition;
    return clock.during(`invocation of ${name}`, async () => {
      const environment = await this.#take();
      const skew = this.#around.faults.current?.skew(name);
      if (skew !== undefined) environment.skew(skew);
      const requestId = options.requestId ?? ids.uuid();
      const chain = { ...options.chain, [name]: (options.chain?.[name] ?? 0) + 1 };
      this.longestChain = Math.max(this.longestChain, chain[name]!);
      this.#chains.set(requestId, chain);
      const startedAt = performance.now();
      const outcome = await environment.run({
        requestId,
        payload,
        timeoutMs: timeoutSeconds * 1000,
        traceHeader: `Root=1-${requestId.slice(0, 8)}-${requestId.replaceAll('-', '').slice(8, 32)};Sampled=0`,
      });
      const tookMs = performance.now() - startedAt;
      meter.invocation(name, tookMs, memoryMb, outcome.ok ? outcome.roundTrips : undefined);
      this.measures.add(clock.now(), tookMs, !outcome.ok);
      this.#chains.delete(requestId);
      this.#release(environment);
      if (!outcome.ok) {
        const { errorType, errorMessage, trace } = outcome.error;
        this.#around.log(`${name}: ${requestId} failed: ${errorType}: ${errorMessage}`);
        // As the runtime writes it in JSON (Lambda, "Using Lambda advanced logging controls with Node.js").
        const line = { timestamp: new Date(clock.now()).toISOString(), level: 'ERROR', requestId, errorType };
        this.#around.logged(name, JSON.stringify({ ...line, errorMessage, stackTrace: trace }));
      } else if (outcome.payload && Buffer.byteLength(outcome.payload) > MAX_PAYLOAD_BYTES) {
        const errorMessage = `Response payload size exceeded maximum allowed payload size (${MAX_PAYLOAD_BYTES} bytes).`;
        return {
          ok: false,
          kind: 'handled',
          error: { errorType: 'Function.ResponseSizeTooLarge', errorMessage, trace: [] },
        };
      }
      return outcome;
    });
  }

  /** The chain that calls of a running invocation continue. */
  chainOf(requestId: string | undefined): Chain {
    return (requestId !== undefined && this.#chains.get(requestId)) || {};
  }

  /** Of the workers that live now. */
  async cpuMicros(): Promise<number> {
    const living = await Promise.all([...this.#environments].map((environment) => environment.cpuMicros()));
    return living.reduce((sum, micros) => sum + micros, 0);
  }

  /** Of the workers that live now; one that dies meanwhile has none. */
  async startProfiles(): Promise<() => Promise<string[]>> {
    const stops = await Promise.all([...this.#environments].map((environment) => environment.startProfile()));
    return async () => {
      const profiles = await Promise.all(stops.map((stop) => stop()));
      return profiles.filter((profile) => profile !== undefined);
    };
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#environments].map((environment) => environment.kill()));
    this.#environments.clear();
  }

  async #take(): Promise<ExecutionEnvironment> {
    for (;;) {
      const idle = this.#warm();
      const free = idle ?? (this.#environments.size < this.#limit ? this.#start() : undefined);
      if (free) {
        free.isBusy = true;
        return free;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** One that rests, unless Lambda has taken it away meanwhile. */
  #warm(): ExecutionEnvironment | undefined {
    const warm = [...this.#environments].find((environment) => !environment.isBusy && !environment.isDead);
    if (warm === undefined || !this.#around.faults.current?.startsCold(this.definition.name)) return warm;
    this.#environments.delete(warm);
    void warm.kill();
    return undefined;
  }

  #release(environment: ExecutionEnvironment): void {
    environment.isBusy = false;
    if (environment.isDead) {
      this.#environments.delete(environment);
      this.restarts++;
    }
    this.#waiting.shift()?.();
  }

  #start(): ExecutionEnvironment {
    const { clock, gateway, region, extraEnvironment, log, logged, mayLog } = this.#around;
    const { definition } = this;
    const isLogging = [mayLog('logs:CreateLogStream'), mayLog('logs:PutLogEvents')].every(Boolean);
    if (!isLogging) log(`${definition.name}: its role does not let it write logs; on AWS there would be none`);
    const environment = new ExecutionEnvironment({
      definition,
      clock: clock.shared,
      accessKeyId: accessKeyOf(definition.name, ++this.#started),
      environment: {
        ...lambdaEnvironment(definition, region),
        AWS_ENDPOINT_URL: gateway,
        AWS_SECRET_ACCESS_KEY: 'local',
        ...extraEnvironment,
      },
      log: (line) => {
        logged(definition.name, line);
        log(`${definition.name} ${line}`);
      },
    });
    this.#environments.add(environment);
    this.#around.introduce(environment, this);
    return environment;
  }
}

function accessKeyOf(functionName: string, count: number): string {
  return `AKIA${createHash('sha256').update(`${functionName}#${count}`).digest('hex').slice(0, 16).toUpperCase()}`;
}
