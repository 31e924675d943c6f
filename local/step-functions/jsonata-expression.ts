import jsonata from 'jsonata';
import type { Json, JsonObject } from '../assembly/read-assembly.ts';

/** A string that is one JSONata expression as a whole [F3]. */
const whole = /^\{%([\s\S]*)%\}$/;
const compiled = new Map<string, jsonata.Expression>();

/** Compiles every expression of a state, so that a mistake shows at boot. */
export function checkExpressions(value: Json, where: string): void {
  if (typeof value === 'string') {
    const source = whole.exec(value)?.[1];
    if (source === undefined) return;
    if (/\$eval\b/.test(source)) throw new Error(`${where}: $eval does not exist in Step Functions`);
    try {
      compile(source);
    } catch (error) {
      throw new Error(`${where}: ${(error as Error).message} in ${value}`);
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) checkExpressions(item, where);
  }
}

/** Replaces every expression in a value; `states` is what they see as `$states`, `now` the virtual time. */
export async function evaluate(value: Json, states: JsonObject, variables: JsonObject, now: number): Promise<Json> {
  if (typeof value === 'string') {
    const source = whole.exec(value)?.[1];
    if (source === undefined) return value;
    const result: unknown = await compile(source).evaluate(null, {
      ...variables,
      states,
      now: () => new Date(now).toISOString(),
      millis: () => now,
      parse: (text: string) => JSON.parse(text) as unknown,
    });
    // AWS refuses an expression without a result [F3].
    if (result === undefined) throw new Error(`The expression ${value} has no result`);
    return JSON.parse(JSON.stringify(result)) as Json;
  }
  if (Array.isArray(value)) return Promise.all(value.map((item) => evaluate(item, states, variables, now)));
  if (typeof value !== 'object' || value === null) return value;
  const result: JsonObject = {};
  for (const [key, item] of Object.entries(value)) result[key] = await evaluate(item, states, variables, now);
  return result;
}

function compile(source: string): jsonata.Expression {
  let expression = compiled.get(source);
  if (!expression) {
    expression = jsonata(source);
    compiled.set(source, expression);
  }
  return expression;
}
