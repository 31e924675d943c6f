/** The part of the Amazon States Language that runs here; anything else is refused when the cloud boots. */
import type { Json, JsonObject } from '../assembly/read-assembly.ts';
import { checkPath } from './json-path.ts';
import { checkExpressions } from './jsonata-expression.ts';

export interface Machine {
  Comment?: string;
  StartAt: string;
  QueryLanguage?: QueryLanguage;
  TimeoutSeconds?: number;
  States: Record<string, State>;
}

export type QueryLanguage = 'JSONPath' | 'JSONata';

export interface State extends JsonObject {
  Type: string;
}

export interface Retrier {
  ErrorEquals: string[];
  IntervalSeconds?: number;
  MaxAttempts?: number;
  BackoffRate?: number;
  MaxDelaySeconds?: number;
  JitterStrategy?: 'FULL' | 'NONE';
}

export interface Catcher {
  ErrorEquals: string[];
  Next: string;
  ResultPath?: string | null;
  Output?: Json;
  Assign?: JsonObject;
}

const everywhere = ['Type', 'Comment', 'QueryLanguage', 'Next', 'End', 'Assign', 'Output', 'InputPath', 'OutputPath'];
const fields: Record<string, string[]> = {
  Wait: ['Seconds', 'Timestamp', 'SecondsPath', 'TimestampPath'],
  Task: ['Resource', 'Arguments', 'Parameters', 'ResultSelector', 'ResultPath', 'Retry', 'Catch', 'TimeoutSeconds'],
  Pass: ['Result', 'Parameters', 'ResultPath'],
  Succeed: [],
  Fail: ['Error', 'Cause'],
  Choice: ['Choices', 'Default'],
  Map: ['Items', 'ItemSelector', 'ItemProcessor', 'MaxConcurrency', 'Retry', 'Catch'],
};
const resources = ['arn:aws:states:::lambda:invoke', 'arn:aws:states:::sqs:sendMessage'];

/** Parses a definition; throws on every state, field, resource and path that is not known here. */
export function readMachine(definition: string, where: string): Machine {
  const machine = JSON.parse(definition) as Machine;
  const refuse = (text: string): never => {
    throw new Error(`${where}: ${text} is not known to the local cloud's Step Functions`);
  };
  checkStates(machine, ['Comment', 'StartAt', 'QueryLanguage', 'States', 'TimeoutSeconds', 'Version'], where, refuse);
  return machine;
}

function checkStates(machine: Machine, known: string[], where: string, refuse: (text: string) => never): void {
  for (const key of Object.keys(machine)) if (!known.includes(key)) refuse(`field ${key}`);
  if (!machine.States[machine.StartAt]) throw new Error(`${where}: StartAt names the missing state ${machine.StartAt}`);
  for (const [name, state] of Object.entries(machine.States)) {
    const allowed = fields[state.Type] ?? refuse(`state type ${state.Type} (${name})`);
    for (const key of Object.keys(state)) {
      if (!everywhere.includes(key) && !allowed.includes(key)) refuse(`field ${key} of state ${name}`);
    }
    const next = [
      state['Next'],
      state['Default'],
      ...listOf(state['Choices']).map((c) => c['Next']),
      ...listOf(state['Catch']).map((c) => c['Next']),
    ];
    for (const target of next) {
      if (target !== undefined && !machine.States[String(target)])
        throw new Error(`${where}: ${name} goes on to the missing state ${String(target)}`);
    }
    if (state.Type === 'Task' && !resources.includes(lambdaArnIsInvoke(String(state['Resource']))))
      refuse(`resource ${String(state['Resource'])} of state ${name}`);
    if (languageOf(machine, state) === 'JSONata') checkExpressions(state, `${where}, state ${name}`);
    else checkPlainState(state, `${where}, state ${name}`, refuse);
    if (state.Type === 'Wait') checkWait(state, `${where}, state ${name}`);
    if (state.Type === 'Map') checkMap(machine, state, `${where}, state ${name}`, refuse);
  }
}

function checkMap(machine: Machine, state: State, where: string, refuse: (text: string) => never): void {
  if (languageOf(machine, state) === 'JSONPath') refuse(`a Map in JSONPath (${where})`);
  const processor = state['ItemProcessor'] as (JsonObject & { ProcessorConfig?: JsonObject }) | undefined;
  if (processor?.['States'] === undefined) throw new Error(`${where}: a Map has an ItemProcessor with States`);
  const mode = processor.ProcessorConfig?.['Mode'] ?? 'INLINE';
  if (mode !== 'INLINE') refuse(`a Map in mode ${String(mode)} (${where})`);
  const { ProcessorConfig: _, ...states } = processor;
  checkStates(processorOf(machine, { ...state, ItemProcessor: states }), inProcessor, where, refuse);
}

const inProcessor = ['Comment', 'StartAt', 'QueryLanguage', 'States'];

/** What the iterations of a Map run: a machine of its own, in the language of the one around it. */
export function processorOf(machine: Machine, map: State): Machine {
  return { QueryLanguage: machine.QueryLanguage ?? 'JSONPath', ...(map['ItemProcessor'] as unknown as Machine) };
}

export function languageOf(machine: Machine, state: State): QueryLanguage {
  return (state['QueryLanguage'] as QueryLanguage | undefined) ?? machine.QueryLanguage ?? 'JSONPath';
}

function lambdaArnIsInvoke(resource: string): string {
  return resource.replace(/^arn:aws[a-z-]*:states:/, 'arn:aws:states:');
}

function checkWait(state: State, where: string): void {
  const given = ['Seconds', 'Timestamp', 'SecondsPath', 'TimestampPath'].filter((key) => state[key] !== undefined);
  if (given.length !== 1)
    throw new Error(`${where}: a Wait has exactly one of Seconds, Timestamp, SecondsPath, TimestampPath`);
}

function checkPlainState(state: State, where: string, refuse: (text: string) => never): void {
  if (state.Type === 'Choice') refuse(`a Choice in JSONPath (${where})`);
  if (state['Assign'] !== undefined || state['Output'] !== undefined) refuse(`Assign or Output in JSONPath (${where})`);
  for (const key of ['InputPath', 'OutputPath', 'ResultPath', 'SecondsPath', 'TimestampPath']) {
    if (typeof state[key] === 'string') checkPath(state[key], where);
  }
  for (const key of ['Parameters', 'ResultSelector']) walkTemplate(state[key], where);
}

function walkTemplate(value: Json | undefined, where: string): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    if (key.endsWith('.$')) checkPath(String(item), where);
    else walkTemplate(item, where);
  }
}

function listOf(value: Json | undefined): JsonObject[] {
  return (value ?? []) as JsonObject[];
}
