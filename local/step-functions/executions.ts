/**
 * Standard executions of the assembly's state machines on the virtual clock.
 *
 * 1. A name is taken for 90 days after the execution closed; while it runs, the same name and input is the same execution [F9, F10].
 * 2. An execution ends with States.Timeout after a year [F1].
 * 3. Every completed step counts one transition, every retry one more [F6, F9].
 * 4. An inline Map runs its iterations side by side, at most 40 of them; one that fails ends them all, and the Map fails
 *    with its error. An iteration reads the variables outside, and what it assigns is gone with it (Step Functions,
 *    "Using Map state in Inline mode" and "Passing data between states with variables").
 */
import type { Json, JsonObject } from '../assembly/read-assembly.ts';
import type { Timer, VirtualClock } from '../clock/virtual-clock.ts';
import { AwsError } from '../gateway/aws-error.ts';
import type { Ids } from '../ids.ts';
import type { Meter } from '../meter.ts';
import { type Machine, processorOf } from './state-language.ts';
import {
  iterationsOf,
  type Left,
  leaveState,
  recover,
  runMapState,
  runTaskState,
  StateFailure,
  type StepContext,
  type TaskRunner,
  waitUntil,
} from './state-steps.ts';

/** Where something stands: state, its input, retries so far, variables, and when it goes on. */
export interface Branch {
  state: string;
  stateInput: Json;
  variables: JsonObject;
  retries: Record<string, number>;
  wakeAt?: number;
  /** Of the Map state where it stands. */
  iterations?: Iteration[];
  concurrency?: number;
  /** What an iteration of the Map has failed with. */
  failed?: { error: string; cause: string };
}

export interface Iteration extends Branch {
  item: { Index: number; Value: Json };
  status: 'WAITING' | 'RUNNING' | 'SUCCEEDED';
  output?: Json;
}

export interface Execution extends Branch {
  arn: string;
  name: string;
  machineArn: string;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  input: string;
  output?: string;
  error?: string;
  cause?: string;
  startedAt: number;
  stoppedAt?: number;
  transitions: number;
}

/** A branch with all that it is in. */
interface Frame {
  execution: Execution;
  branch: Branch;
  machine: Machine;
  parent?: Frame;
}

export interface DeployedMachine {
  arn: string;
  name: string;
  definition: Machine;
  tasks: TaskRunner;
}

export interface ExecutionSurroundings {
  clock: VirtualClock;
  ids: Ids;
  meter: Meter;
  log: (line: string) => void;
}

const YEAR_MS = 365 * 86_400_000;
const NAME_KEPT_MS = 90 * 86_400_000;
const REDRIVABLE_MS = 14 * 86_400_000;
const MAX_INPUT_BYTES = 262_144;
/** Forbidden: white space, brackets, wildcards, and " # % \ ^ | ~ ` $ & , ; : / and control characters [F1]. */
const nameShape = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}]{1,80}$/u;

export class Executions {
  isDirty = false;
  readonly #machines: Map<string, DeployedMachine>;
  readonly #around: ExecutionSurroundings;
  readonly #executions = new Map<string, Execution>();
  readonly #timers = new Map<Branch, Timer>();

  constructor(machines: DeployedMachine[], around: ExecutionSurroundings) {
    this.#machines = new Map(machines.map((machine) => [machine.arn, machine]));
    this.#around = around;
  }

  start(machineArn: string, givenName: string | undefined, input: string): Execution {
    const machine = this.#machines.get(machineArn);
    if (!machine) throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${machineArn}'`);
    const name = givenName ?? this.#around.ids.uuid();
    if (!nameShape.test(name)) throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
    if (Buffer.byteLength(input) > MAX_INPUT_BYTES) {
      throw new AwsError(
        'ValidationException',
        `Value at 'input' failed to satisfy constraint: Member must have length less than or equal to ${MAX_INPUT_BYTES}`,
      );
    }
    const stateInput = parseInput(input);
    const arn = `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    const now = this.#around.clock.now();
    const earlier = this.#executions.get(arn);
    if (earlier && (earlier.stoppedAt === undefined || earlier.stoppedAt + NAME_KEPT_MS > now)) {
      if (earlier.status === 'RUNNING' && earlier.input === input) return earlier;
      throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    }
    const execution: Execution = {
      arn,
      name,
      machineArn,
      status: 'RUNNING',
      input,
      startedAt: now,
      transitions: 0,
      state: machine.definition.StartAt,
      stateInput,
      variables: {},
      retries: {},
    };
    this.#executions.set(arn, execution);
    this.#around.meter.execution();
    this.#go(this.#rootOf(execution));
    return execution;
  }

  stop(arn: string, error: string | undefined, cause: string | undefined): Execution {
    const execution = this.get(arn);
    if (execution.status === 'RUNNING') this.#close(execution, 'ABORTED', { error, cause });
    return execution;
  }

  /**
   * Goes on where it failed, with its retries before it again (Step Functions, "Restarting state machine executions with
   * redrive"): possible for 14 days. Of a Map the iterations that succeeded run again here; on AWS they would not.
   */
  redrive(arn: string): void {
    const execution = this.get(arn);
    const { status, stoppedAt = 0 } = execution;
    if (status === 'RUNNING' || status === 'SUCCEEDED' || stoppedAt + REDRIVABLE_MS < this.#around.clock.now())
      throw new AwsError('ExecutionNotRedrivable', `Execution is not redrivable: '${arn}' is ${status}`);
    for (const end of ['stoppedAt', 'error', 'cause', 'wakeAt'] as const) delete execution[end];
    forgetIterations(execution);
    Object.assign(execution, { status: 'RUNNING', retries: {} });
    this.#go(this.#rootOf(execution));
  }

  get(arn: string): Execution {
    const execution = this.#executions.get(arn);
    if (!execution) throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    return execution;
  }

  machine(arn: string): DeployedMachine | undefined {
    return this.#machines.get(arn);
  }

  list(): Execution[] {
    return [...this.#executions.values()];
  }

  restore(saved: Execution[]): void {
    for (const execution of saved) {
      this.#executions.set(execution.arn, execution);
      if (execution.status === 'RUNNING' && this.#machines.has(execution.machineArn)) {
        this.#resume(this.#rootOf(execution));
      }
    }
  }

  #rootOf(execution: Execution): Frame {
    return { execution, branch: execution, machine: this.#machines.get(execution.machineArn)!.definition };
  }

  #resume(frame: Frame): void {
    const running = (frame.branch.iterations ?? []).filter(({ status }) => status === 'RUNNING');
    for (const iteration of running) this.#resume(iterationFrame(frame, iteration));
    if (running.length === 0) this.#sleepOrGo(frame);
  }

  #go(frame: Frame): void {
    const { execution } = frame;
    this.isDirty = true;
    this.#around.clock
      .during(`execution ${execution.name}`, () => this.#run(frame))
      .catch((error: Error) => this.#close(execution, 'FAILED', { error: 'States.Runtime', cause: error.message }));
  }

  #sleepOrGo(frame: Frame): void {
    const { execution, branch } = frame;
    const { wakeAt } = branch;
    if (wakeAt === undefined || wakeAt <= this.#around.clock.now()) {
      this.#go(frame);
      return;
    }
    const limit = execution.startedAt + YEAR_MS;
    this.#timers.set(
      branch,
      this.#around.clock.at(Math.min(wakeAt, limit), () => {
        this.#timers.delete(branch);
        if (wakeAt > limit) this.#close(execution, 'TIMED_OUT', { error: 'States.Timeout' });
        else this.#go(frame);
      }),
    );
  }

  async #run(frame: Frame): Promise<void> {
    const { execution, branch, machine } = frame;
    const { tasks } = this.#machines.get(execution.machineArn)!;
    const { clock } = this.#around;
    while (isAlive(frame)) {
      if (clock.now() > execution.startedAt + YEAR_MS) {
        this.#close(execution, 'TIMED_OUT', { error: 'States.Timeout' });
        return;
      }
      const state = machine.States[branch.state]!;
      const step: StepContext = {
        machine,
        state,
        execution,
        branch,
        now: clock.now(),
        chance: this.#around.ids.chance,
        tasks,
      };
      try {
        if (state.Type === 'Wait' && branch.wakeAt === undefined) {
          branch.wakeAt = await waitUntil(step);
          if (branch.wakeAt > clock.now()) {
            this.isDirty = true;
            this.#sleepOrGo(frame);
            return;
          }
        }
        // Of a Task or a Map: the pause before it is tried again.
        if (branch.wakeAt !== undefined && branch.wakeAt > clock.now()) {
          this.#sleepOrGo(frame);
          return;
        }
        delete branch.wakeAt;
        const left =
          state.Type === 'Map'
            ? await this.#map(frame, step)
            : state.Type === 'Task'
              ? await runTaskState(step)
              : await leaveState(step);
        if (left === 'busy' || !isAlive(frame)) return;
        execution.transitions++;
        this.#around.meter.transitions(1);
        if (left.kind === 'retry') {
          branch.wakeAt = left.at;
          continue;
        }
        this.isDirty = true;
        branch.retries = {};
        branch.variables = left.variables;
        if (left.next === undefined) this.#end(frame, left.output);
        else Object.assign(branch, { state: left.next, stateInput: left.output });
      } catch (error) {
        if (!(error instanceof StateFailure)) throw error;
        if (isAlive(frame)) this.#fail(frame, error);
      }
    }
  }

  /** Starts iterations as far as its concurrency goes; the one that ends last, or fails, brings the Map back here. */
  async #map(frame: Frame, step: StepContext): Promise<Left | 'busy'> {
    const { branch } = frame;
    if (branch.failed !== undefined) {
      const { error, cause } = branch.failed;
      delete branch.failed;
      return recover(step, new StateFailure(error, cause));
    }
    if (branch.iterations === undefined) {
      const { iterations, concurrency } = await iterationsOf(step);
      Object.assign(branch, { iterations, concurrency });
    }
    if (this.#startIterations(frame)) return 'busy';
    const outputs = branch.iterations!.map(({ output }) => output ?? null);
    forgetIterations(branch);
    return runMapState(step, outputs);
  }

  /** False when there is none left to wait for. */
  #startIterations(frame: Frame): boolean {
    const { iterations = [], concurrency = 1 } = frame.branch;
    let running = iterations.filter(({ status }) => status === 'RUNNING').length;
    for (const iteration of iterations) {
      if (iteration.status !== 'WAITING' || running >= concurrency) continue;
      iteration.status = 'RUNNING';
      running++;
      this.#go(iterationFrame(frame, iteration));
    }
    return running > 0;
  }

  #end({ execution, branch, parent }: Frame, output: Json): void {
    if (parent === undefined) {
      this.#close(execution, 'SUCCEEDED', { output });
      return;
    }
    Object.assign(branch, { status: 'SUCCEEDED', output });
    if (!this.#startIterations(parent)) this.#go(parent);
  }

  #fail({ execution, parent }: Frame, { error, message: cause }: StateFailure): void {
    if (parent === undefined) {
      this.#close(execution, 'FAILED', { error, cause });
      return;
    }
    this.#cancel(parent.branch);
    forgetIterations(parent.branch);
    parent.branch.failed = { error, cause };
    this.#go(parent);
  }

  #cancel(branch: Branch): void {
    this.#timers.get(branch)?.cancel();
    this.#timers.delete(branch);
    for (const iteration of branch.iterations ?? []) this.#cancel(iteration);
  }

  #close(
    execution: Execution,
    status: Execution['status'],
    end: { output?: Json; error?: string | undefined; cause?: string | undefined },
  ): void {
    this.isDirty = true;
    this.#cancel(execution);
    execution.status = status;
    execution.stoppedAt = this.#around.clock.now();
    if (end.output !== undefined) execution.output = JSON.stringify(end.output);
    if (end.error !== undefined) execution.error = end.error;
    if (end.cause !== undefined) execution.cause = end.cause;
    if (status !== 'SUCCEEDED')
      this.#around.log(`execution ${execution.name} ${status}: ${end.error ?? ''} ${end.cause ?? ''}`);
  }
}

function iterationFrame(parent: Frame, branch: Iteration): Frame {
  const map = parent.machine.States[parent.branch.state]!;
  return { execution: parent.execution, branch, machine: processorOf(parent.machine, map), parent };
}

/** Not when its execution is over, or the Map that it is an iteration of has failed or has ended meanwhile. */
function isAlive({ execution, branch, parent }: Frame): boolean {
  if (execution.status !== 'RUNNING') return false;
  if (parent === undefined) return true;
  const iteration = branch as Iteration;
  return iteration.status === 'RUNNING' && parent.branch.iterations?.includes(iteration) === true && isAlive(parent);
}

function forgetIterations(branch: Branch): void {
  delete branch.iterations;
  delete branch.concurrency;
}

function parseInput(input: string): Json {
  try {
    return JSON.parse(input) as Json;
  } catch {
    throw new AwsError('InvalidExecutionInput', 'Invalid State Machine Execution Input');
  }
}
