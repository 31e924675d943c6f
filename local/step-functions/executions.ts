/**
 * Standard executions of the assembly's state machines on the virtual clock.
 *
 * 1. A name is taken for 90 days after the execution closed; while it runs, the same name and input is the same execution [F9, F10].
 * 2. An execution ends with States.Timeout after a year [F1].
 * 3. Every completed step counts one transition, every retry one more [F6, F9].
 */
import type { Json, JsonObject } from '../assembly/read-assembly.ts';
import type { Timer, VirtualClock } from '../clock/virtual-clock.ts';
import { AwsError } from '../gateway/aws-error.ts';
import type { Ids } from '../ids.ts';
import type { Meter } from '../meter.ts';
import type { Machine } from './state-language.ts';
import { leaveState, runTaskState, StateFailure, type StepContext, type TaskRunner, waitUntil } from './state-steps.ts';

export interface Execution {
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
  /** Where it stands: state, its input, retries so far, variables, and when it goes on. */
  state: string;
  stateInput: Json;
  variables: JsonObject;
  retries: Record<string, number>;
  wakeAt?: number;
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
const MAX_INPUT_BYTES = 262_144;
/** Forbidden: white space, brackets, wildcards, and " # % \ ^ | ~ ` $ & , ; : / and control characters [F1]. */
const nameShape = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}]{1,80}$/u;

export class Executions {
  isDirty = false;
  readonly #machines: Map<string, DeployedMachine>;
  readonly #around: ExecutionSurroundings;
  readonly #executions = new Map<string, Execution>();
  readonly #timers = new Map<string, Timer>();

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
    this.#go(execution);
    return execution;
  }

  stop(arn: string, error: string | undefined, cause: string | undefined): Execution {
    const execution = this.get(arn);
    if (execution.status === 'RUNNING') this.#close(execution, 'ABORTED', { error, cause });
    return execution;
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
      if (execution.status !== 'RUNNING' || !this.#machines.has(execution.machineArn)) continue;
      this.#sleepOrGo(execution);
    }
  }

  #go(execution: Execution): void {
    this.isDirty = true;
    this.#around.clock
      .during(`execution ${execution.name}`, () => this.#run(execution))
      .catch((error: Error) => this.#close(execution, 'FAILED', { error: 'States.Runtime', cause: error.message }));
  }

  #sleepOrGo(execution: Execution): void {
    const { wakeAt } = execution;
    if (wakeAt === undefined || wakeAt <= this.#around.clock.now()) {
      this.#go(execution);
      return;
    }
    const limit = execution.startedAt + YEAR_MS;
    this.#timers.set(
      execution.arn,
      this.#around.clock.at(Math.min(wakeAt, limit), () => {
        this.#timers.delete(execution.arn);
        if (wakeAt > limit) this.#close(execution, 'TIMED_OUT', { error: 'States.Timeout' });
        else this.#go(execution);
      }),
    );
  }

  async #run(execution: Execution): Promise<void> {
    const machine = this.#machines.get(execution.machineArn)!;
    const { clock } = this.#around;
    while (execution.status === 'RUNNING') {
      if (clock.now() > execution.startedAt + YEAR_MS) {
        this.#close(execution, 'TIMED_OUT', { error: 'States.Timeout' });
        return;
      }
      const state = machine.definition.States[execution.state]!;
      const step: StepContext = {
        machine: machine.definition,
        state,
        execution,
        now: clock.now(),
        chance: this.#around.ids.chance,
        tasks: machine.tasks,
      };
      try {
        if (state.Type === 'Wait' && execution.wakeAt === undefined) {
          execution.wakeAt = await waitUntil(step);
          if (execution.wakeAt > clock.now()) {
            this.isDirty = true;
            this.#sleepOrGo(execution);
            return;
          }
        }
        const hasRetryPause = state.Type === 'Task' && execution.wakeAt !== undefined && execution.wakeAt > clock.now();
        if (hasRetryPause) {
          this.#sleepOrGo(execution);
          return;
        }
        delete execution.wakeAt;
        const left = state.Type === 'Task' ? await runTaskState(step) : await leaveState(step);
        execution.transitions++;
        this.#around.meter.transitions(1);
        if (left.kind === 'retry') {
          execution.wakeAt = left.at;
          continue;
        }
        this.isDirty = true;
        execution.retries = {};
        execution.variables = left.variables;
        if (left.next === undefined) this.#close(execution, 'SUCCEEDED', { output: left.output });
        else Object.assign(execution, { state: left.next, stateInput: left.output });
      } catch (error) {
        if (!(error instanceof StateFailure)) throw error;
        this.#close(execution, 'FAILED', { error: error.error, cause: error.message });
      }
    }
  }

  #close(
    execution: Execution,
    status: Execution['status'],
    end: { output?: Json; error?: string | undefined; cause?: string | undefined },
  ): void {
    this.isDirty = true;
    this.#timers.get(execution.arn)?.cancel();
    this.#timers.delete(execution.arn);
    execution.status = status;
    execution.stoppedAt = this.#around.clock.now();
    if (end.output !== undefined) execution.output = JSON.stringify(end.output);
    if (end.error !== undefined) execution.error = end.error;
    if (end.cause !== undefined) execution.cause = end.cause;
    if (status !== 'SUCCEEDED')
      this.#around.log(`execution ${execution.name} ${status}: ${end.error ?? ''} ${end.cause ?? ''}`);
  }
}

function parseInput(input: string): Json {
  try {
    return JSON.parse(input) as Json;
  } catch {
    throw new AwsError('InvalidExecutionInput', 'Invalid State Machine Execution Input');
  }
}
