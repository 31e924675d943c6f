import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { FunctionDefinition } from './function-definition.ts';
import type { WorkerAnswer, WorkerCall, WorkerData, WorkerError } from './worker-protocol.ts';

export type InvocationOutcome =
  | { ok: true; payload: string | undefined; roundTrips: number }
  | { ok: false; kind: 'handled' | 'killed' | 'timeout'; error: WorkerError };

export interface EnvironmentOptions {
  definition: FunctionDefinition;
  clock: SharedArrayBuffer;
  environment: Record<string, string>;
  /** Identifies this very worker in the signatures of its AWS calls. */
  accessKeyId: string;
  log: (line: string) => void;
}

/** Lambda allows 10 s for the init phase (Lambda developer guide, runtime environment); a busy machine gets more. */
const INIT_LIMIT_MS = 30_000;

/**
 * A worker looks for compiled code only where its own environment says (node:module, "Module compile cache"). A crash
 * test starts hundreds of workers, and with compiled code each takes 0.14 to 0.24 s of CPU instead of 0.22 to 0.38.
 */
const { NODE_COMPILE_CACHE } = process.env;
const compileCache = NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };

/** One worker thread, started at its first call and kept warm; dies with a crash, a time-out or an unhandled error. */
export class ExecutionEnvironment {
  readonly accessKeyId: string;
  isBusy = false;
  isDead = false;
  requestId: string | undefined;
  readonly #skew = new Float64Array(new SharedArrayBuffer(8));
  readonly #options: EnvironmentOptions;
  readonly #worker: Worker;
  readonly #ready: Promise<WorkerError | undefined>;
  #finish: ((outcome: InvocationOutcome) => void) | undefined;
  #timeoutMs = 0;
  #diedOf: WorkerError = { errorType: 'Runtime.ExitError', errorMessage: 'Runtime exited', trace: [] };

  constructor(options: EnvironmentOptions) {
    const { definition } = options;
    this.#options = options;
    this.accessKeyId = options.accessKeyId;
    const data: WorkerData = {
      file: definition.file,
      exportName: definition.exportName,
      clock: options.clock,
      skew: this.#skew.buffer as SharedArrayBuffer,
      runtimeModules: fileURLToPath(import.meta.url),
      functionName: definition.name,
      functionArn: definition.arn,
      memoryMb: definition.memoryMb,
    };
    this.#worker = new Worker(new URL('./worker-entry.ts', import.meta.url), {
      workerData: data,
      env: { ...options.environment, ...compileCache, AWS_ACCESS_KEY_ID: options.accessKeyId },
      stdout: true,
      stderr: true,
      execArgv: ['--disable-warning=ExperimentalWarning', '--enable-source-maps'],
    });
    for (const stream of [this.#worker.stdout, this.#worker.stderr]) {
      createInterface({ input: stream }).on('line', (line) => options.log(line));
    }
    this.#ready = this.#listen();
  }

  async run(call: WorkerCall): Promise<InvocationOutcome> {
    const initError = await this.#ready;
    if (initError) return { ok: false, kind: 'handled', error: initError };
    if (this.isDead) return { ok: false, kind: 'killed', error: this.#diedOf };
    return new Promise((resolve) => {
      this.#timeoutMs = call.timeoutMs;
      const timer = setTimeout(() => void this.timeOut(), call.timeoutMs);
      this.requestId = call.requestId;
      this.#finish = (outcome) => {
        clearTimeout(timer);
        this.requestId = undefined;
        resolve(outcome);
      };
      this.#worker.postMessage(call);
    });
  }

  /** What Lambda does when the function's time is up. */
  async timeOut(): Promise<void> {
    const errorMessage = `Task timed out after ${(this.#timeoutMs / 1000).toFixed(2)} seconds`;
    this.isDead = true;
    this.#end({ ok: false, kind: 'timeout', error: { errorType: 'Sandbox.Timedout', errorMessage, trace: [] } });
    await this.kill();
  }

  /** Sets its clock so many ms beside that of the cloud. */
  skew(ms: number): void {
    this.#skew[0] = ms;
  }

  /** Ends the worker at once, in the middle of whatever it does, as a lost machine would. */
  async kill(): Promise<void> {
    this.isDead = true;
    await this.#worker.terminate();
  }

  /** CPU time of this worker so far in µs, where Node can tell (24.6 and later). */
  async cpuMicros(): Promise<number> {
    const worker = this.#worker as Worker & { cpuUsage?: () => Promise<{ user: number; system: number }> };
    const usage = await worker.cpuUsage?.().catch(() => undefined);
    return usage ? usage.user + usage.system : 0;
  }

  /** Begins a profile of what this worker computes; the answer ends it, and has it as .cpuprofile holds it (24.8 and later). */
  async startProfile(): Promise<() => Promise<string | undefined>> {
    const worker = this.#worker as Worker & { startCpuProfile?: () => Promise<{ stop(): Promise<string> }> };
    const profile = await worker.startCpuProfile?.().catch(() => undefined);
    return async () => profile?.stop().catch(() => undefined);
  }

  #listen(): Promise<WorkerError | undefined> {
    return new Promise((resolve) => {
      const limit = setTimeout(() => {
        resolve({ errorType: 'Sandbox.Timedout', errorMessage: 'The init phase took too long', trace: [] });
        void this.kill();
      }, INIT_LIMIT_MS);
      this.#worker.on('message', (message: WorkerAnswer) => {
        if (message.kind === 'ready') {
          clearTimeout(limit);
          resolve(undefined);
        } else if (message.kind === 'result') {
          this.#end({ ok: true, payload: message.payload, roundTrips: message.roundTrips });
        } else if (message.requestId === undefined) {
          clearTimeout(limit);
          this.isDead = true;
          resolve(message.error);
        } else {
          this.#end({ ok: false, kind: 'handled', error: message.error });
        }
      });
      this.#worker.on('error', (error) => {
        this.isDead = true;
        this.#diedOf = { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
        this.#options.log(`${this.#options.definition.name} died: ${error.stack ?? error.message}`);
      });
      this.#worker.on('exit', () => {
        clearTimeout(limit);
        this.isDead = true;
        resolve(this.#diedOf);
        this.#end({ ok: false, kind: 'killed', error: this.#diedOf });
      });
    });
  }

  #end(outcome: InvocationOutcome): void {
    const finish = this.#finish;
    this.#finish = undefined;
    finish?.(outcome);
  }
}
