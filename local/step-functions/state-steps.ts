import type { Json, JsonObject } from '../assembly/read-assembly.ts';
import type { Branch, Execution, Iteration } from './executions.ts';
import { fillTemplate, readPath, writePath } from './json-path.ts';
import { evaluate } from './jsonata-expression.ts';
import { type Catcher, languageOf, type Machine, processorOf, type Retrier, type State } from './state-language.ts';

/** Performs a task's call; throws StateFailure with the error name the service would report. */
export type TaskRunner = (resource: string, args: JsonObject) => Promise<Json>;

export interface StepContext {
  machine: Machine;
  state: State;
  execution: Execution;
  /** The execution itself, or an iteration of a Map. */
  branch: Branch;
  now: number;
  chance: () => number;
  tasks: TaskRunner;
}

export type Left =
  | { kind: 'next'; next: string | undefined; output: Json; variables: JsonObject }
  | { kind: 'retry'; at: number };

/** An error inside an execution: a name that Retry and Catch match, and the cause as message. */
export class StateFailure extends Error {
  readonly error: string;

  constructor(error: string, cause: string) {
    super(cause);
    this.error = error;
  }
}

/** When a Wait ends. Timestamps lose their milliseconds [F2]; a time in the past ends it at once. */
export async function waitUntil(step: StepContext): Promise<number> {
  const { state } = step;
  const read = async (key: string): Promise<Json | undefined> =>
    state[key] === undefined
      ? undefined
      : key.endsWith('Path')
        ? readPath(String(state[key]), stateInput(step), contextObject(step))
        : queried(step, state[key]);
  const seconds = (await read('Seconds')) ?? (await read('SecondsPath'));
  if (seconds !== undefined) {
    if (typeof seconds !== 'number' || !Number.isInteger(seconds) || seconds < 0 || seconds > 99_999_999) {
      throw new StateFailure(
        'States.Runtime',
        `Seconds must be a whole number from 0 to 99999999, not ${JSON.stringify(seconds)}`,
      );
    }
    return step.now + seconds * 1000;
  }
  const timestamp = (await read('Timestamp')) ?? (await read('TimestampPath'));
  if (typeof timestamp !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(timestamp)) {
    throw new StateFailure(
      'States.Runtime',
      `Timestamp must be RFC 3339 with T and Z, not ${JSON.stringify(timestamp)}`,
    );
  }
  return Math.floor(Date.parse(timestamp) / 1000) * 1000;
}

/** Leaves a state that does nothing outside: Wait (when it is over), Pass, Choice, Succeed, Fail. */
export async function leaveState(step: StepContext): Promise<Left> {
  const { state } = step;
  if (state.Type === 'Fail') {
    throw new StateFailure(
      String((await queried(step, state['Error'])) ?? ''),
      String((await queried(step, state['Cause'])) ?? ''),
    );
  }
  if (state.Type === 'Choice') {
    for (const choice of state['Choices'] as JsonObject[]) {
      const condition = await queried(step, choice['Condition']);
      if (typeof condition !== 'boolean')
        throw new StateFailure('States.QueryEvaluationError', 'A Condition must be true or false');
      if (condition) return finish(step, { ...choice, Next: choice['Next']! }, stateInput(step));
    }
    if (state['Default'] === undefined)
      throw new StateFailure('States.NoChoiceMatched', 'No choice matches and there is no Default');
    return finish(step, { ...state, Next: state['Default'] }, stateInput(step));
  }
  let result = stateInput(step);
  if (state.Type === 'Pass') {
    if (state['Parameters'] !== undefined) result = fillTemplate(state['Parameters'], result, contextObject(step));
    result = writePath(
      state['ResultPath'] as string | null | undefined,
      step.branch.stateInput,
      state['Result'] ?? result,
    );
  }
  return finish(step, state, result);
}

export async function runTaskState(step: StepContext): Promise<Left> {
  const { state, tasks } = step;
  try {
    const input = stateInput(step);
    const isJsonata = languageOf(step.machine, state) === 'JSONata';
    const args = isJsonata
      ? ((await queried(step, state['Arguments'])) ?? input)
      : state['Parameters'] === undefined
        ? input
        : fillTemplate(state['Parameters'], input, contextObject(step));
    const raw = await tasks(String(state['Resource']), args as JsonObject);
    if (isJsonata) return await finish(step, state, raw, raw);
    const selected =
      state['ResultSelector'] === undefined ? raw : fillTemplate(state['ResultSelector'], raw, contextObject(step));
    return await finish(step, state, writePath(state['ResultPath'] as string | null | undefined, input, selected));
  } catch (error) {
    if (!(error instanceof StateFailure)) throw error;
    return recover(step, error);
  }
}

/** The limit of an inline Map (Step Functions, "Using Map state in Inline mode"). */
const MOST_ITERATIONS = 40;

/** What a Map begins with: one iteration per item, and how many of them may run at once (0: as many as may be). */
export async function iterationsOf(step: StepContext): Promise<{ iterations: Iteration[]; concurrency: number }> {
  const { state, branch, machine } = step;
  const items = state['Items'] === undefined ? stateInput(step) : await queried(step, state['Items']);
  if (!Array.isArray(items)) throw new StateFailure('States.QueryEvaluationError', 'Items must be an array');
  const limit = (await queried(step, state['MaxConcurrency'])) ?? 0;
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 0) {
    throw new StateFailure('States.QueryEvaluationError', 'MaxConcurrency must be a whole number from 0 on');
  }
  const iterations = await Promise.all(
    items.map(async (Value, Index): Promise<Iteration> => {
      const one: Iteration = {
        state: processorOf(machine, state).StartAt,
        stateInput: branch.stateInput,
        variables: { ...branch.variables },
        retries: {},
        item: { Index, Value },
        status: 'WAITING',
      };
      one.stateInput = (await queried({ ...step, branch: one }, state['ItemSelector'])) ?? Value;
      return one;
    }),
  );
  return { iterations, concurrency: Math.min(limit || MOST_ITERATIONS, MOST_ITERATIONS) };
}

/** A Map whose iterations are through; its result is what they gave, in the order of the items. */
export async function runMapState(step: StepContext, outputs: Json[]): Promise<Left> {
  try {
    return await finish(step, step.state, outputs, outputs);
  } catch (error) {
    if (!(error instanceof StateFailure)) throw error;
    return recover(step, error);
  }
}

/** Retry, then Catch; defaults are 1 s, 3 attempts, rate 2 [F6]. */
export async function recover(step: StepContext, failure: StateFailure): Promise<Left> {
  const { state, branch } = step;
  const retriers = (state['Retry'] ?? []) as unknown as Retrier[];
  const index = retriers.findIndex((retrier) => catches(retrier.ErrorEquals, failure.error));
  if (index >= 0) {
    const {
      IntervalSeconds = 1,
      MaxAttempts = 3,
      BackoffRate = 2,
      MaxDelaySeconds = Number.POSITIVE_INFINITY,
      JitterStrategy,
    } = retriers[index]!;
    const attempts = branch.retries[index] ?? 0;
    if (attempts < MaxAttempts) {
      branch.retries[index] = attempts + 1;
      const seconds =
        Math.min(IntervalSeconds * BackoffRate ** attempts, MaxDelaySeconds) *
        (JitterStrategy === 'FULL' ? step.chance() : 1);
      return { kind: 'retry', at: Math.ceil(step.now + seconds * 1000) };
    }
  }
  const catcher = ((state['Catch'] ?? []) as unknown as Catcher[]).find((one) =>
    catches(one.ErrorEquals, failure.error),
  );
  if (!catcher) throw failure;
  const errorOutput = { Error: failure.error, Cause: failure.message };
  if (languageOf(step.machine, state) === 'JSONPath') {
    return {
      kind: 'next',
      next: catcher.Next,
      output: writePath(catcher.ResultPath, stateInput(step), errorOutput),
      variables: branch.variables,
    };
  }
  const output = catcher.Output === undefined ? errorOutput : await queried(step, catcher.Output, { errorOutput });
  const assigned =
    catcher.Assign === undefined ? {} : ((await queried(step, catcher.Assign, { errorOutput })) as JsonObject);
  return { kind: 'next', next: catcher.Next, output: output!, variables: { ...branch.variables, ...assigned } };
}

function catches(names: string[], error: string): boolean {
  if (names.includes(error)) return true;
  // States.ALL misses these two; States.TaskFailed is any error but a time-out [F6].
  if (names.includes('States.ALL')) return error !== 'States.DataLimitExceeded' && error !== 'States.Runtime';
  return names.includes('States.TaskFailed') && error !== 'States.Timeout' && error !== 'States.Runtime';
}

async function finish(step: StepContext, fields: JsonObject, fallback: Json, result?: Json): Promise<Left> {
  const { branch } = step;
  const next = fields['Next'] as string | undefined;
  if (languageOf(step.machine, step.state) === 'JSONPath') {
    const path = fields['OutputPath'];
    const output =
      typeof path === 'string' ? readPath(path, fallback, contextObject(step)) : path === null ? {} : fallback;
    return { kind: 'next', next, output, variables: branch.variables };
  }
  const extra = result === undefined ? {} : { result };
  const output = fields['Output'] === undefined ? fallback : ((await queried(step, fields['Output'], extra)) as Json);
  const assigned = fields['Assign'] === undefined ? {} : ((await queried(step, fields['Assign'], extra)) as JsonObject);
  return { kind: 'next', next, output, variables: { ...branch.variables, ...assigned } };
}

async function queried(step: StepContext, value: Json | undefined, extra: JsonObject = {}): Promise<Json | undefined> {
  if (value === undefined || languageOf(step.machine, step.state) === 'JSONPath') return value;
  try {
    const states = { input: step.branch.stateInput, context: contextObject(step), ...extra };
    return await evaluate(value, states, step.branch.variables, step.now);
  } catch (error) {
    throw new StateFailure(
      'States.QueryEvaluationError',
      error instanceof Error ? error.message : JSON.stringify(error),
    );
  }
}

function stateInput(step: StepContext): Json {
  const path = step.state['InputPath'];
  if (path === null) return {};
  return typeof path === 'string'
    ? readPath(path, step.branch.stateInput, contextObject(step))
    : step.branch.stateInput;
}

function contextObject({ execution, branch, now }: StepContext): JsonObject {
  return {
    Execution: {
      Id: execution.arn,
      Name: execution.name,
      Input: JSON.parse(execution.input) as Json,
      StartTime: new Date(execution.startedAt).toISOString(),
    },
    State: {
      Name: branch.state,
      EnteredTime: new Date(now).toISOString(),
      RetryCount: Object.values(branch.retries).reduce((sum, n) => sum + n, 0),
    },
    ...('item' in branch && { Map: { Item: (branch as Iteration).item as unknown as JsonObject } }),
    StateMachine: {
      Id: execution.machineArn,
      Name: execution.machineArn.slice(execution.machineArn.lastIndexOf(':') + 1),
    },
  };
}
