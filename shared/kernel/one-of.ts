import * as z from 'zod';
// Through `z.core` the bundler would keep all of zod, every locale of its messages included (390 KB per function).
import { $constructor } from 'zod/v4/core';
import { jsonType } from './json-type.ts';

/**
 * A union that first decides which option is meant, by the keys that are there, and then parses that option alone.
 * z.union tries every option and reports all of their complaints: a misspelt key deep in a predicate yields hundreds
 * of issues, and 200 KB of `{}` a gigabyte of them. z.discriminatedUnion wants one literal key that tells all options
 * apart, which predicates (told apart by which key they have) and waits (`for` or `until`) do not have.
 * To zod it remains a union, so JSON Schemas come out as `anyOf`.
 */
export function oneOf<const T extends readonly [z.ZodType, ...z.ZodType[]]>(options: T): z.ZodUnion<T> {
  return new (OneOf as unknown as new (def: object) => z.ZodUnion<T>)({ type: 'union', options });
}

interface Shape {
  readonly option: z.core.$ZodType;
  readonly literals: ReadonlyMap<string, readonly unknown[]>;
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

const initUnion: (inst: z.ZodUnion, def: z.ZodUnion['_zod']['def']) => void = z.ZodUnion.init;

const OneOf = $constructor('OneOf', (inst: z.ZodUnion, def: z.ZodUnion['_zod']['def']) => {
  initUnion(inst, def);
  let shapes: readonly Shape[] | undefined;
  inst._zod.parse = (payload, ctx) => {
    const { value } = payload;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return plain(inst, def, payload, ctx);
    shapes ??= flat(def.options).flatMap((option) => shapeOf(option) ?? []);
    if (shapes.length === 0) return plain(inst, def, payload, ctx);
    const found = choose(shapes, value as Record<string, unknown>);
    if (found.option !== undefined) return found.option._zod.run(payload, ctx);
    payload.issues.push(found.key === undefined ? missingHead(shapes, value) : badLiteral(shapes, value, found.key));
    return payload;
  };
});

type Payload = z.core.ParsePayload;

/** Text, numbers, lists: the first option of that type, or one complaint that names the types. */
function plain(inst: z.ZodUnion, def: z.ZodUnion['_zod']['def'], payload: Payload, ctx: z.core.ParseContextInternal) {
  const all = flat(def.options);
  const options = all.filter((option) => typeOf(option) === jsonType(payload.value));
  const [first, second] = options;
  if (first !== undefined && second === undefined) return first._zod.run(payload, ctx);
  if (first !== undefined) {
    for (const option of options) {
      const result = option._zod.run({ value: payload.value, issues: [] }, ctx);
      if (!(result instanceof Promise) && result.issues.length === 0) return result;
    }
    return options.at(-1)!._zod.run(payload, ctx);
  }
  const types = [...new Set(all.map(typeOf))];
  const limit = types.join(' or ');
  const missing = payload.value === undefined;
  payload.issues.push({
    code: 'custom',
    input: payload.value,
    inst,
    message: missing ? 'required' : 'wrong type',
    params: missing ? { code: 'missing', limit } : { code: 'type', limit, actual: jsonType(payload.value) },
  });
  return payload;
}

function choose(shapes: readonly Shape[], value: Record<string, unknown>) {
  const isEmpty = Object.keys(value).length === 0;
  let best: Shape | undefined = isEmpty ? shapes.find(hasNoKeys) : undefined;
  let bestScore = 0;
  let mismatch: string | undefined;
  for (const shape of shapes) {
    let score = 0;
    for (const [key, allowed] of shape.literals) {
      if (!Object.hasOwn(value, key)) continue;
      if (!allowed.includes(value[key])) mismatch = key;
      score += allowed.includes(value[key]) ? 100 : -100;
    }
    for (const key of shape.required) if (Object.hasOwn(value, key)) score += 2;
    for (const key of shape.optional) if (Object.hasOwn(value, key)) score += 1;
    if (score > bestScore) {
      best = shape;
      bestScore = score;
    }
  }
  // A key that only other options have was meant to choose one of them: to call it unknown would explain nothing.
  const isMisled = best === undefined || (mismatch !== undefined && !hasKey(best, mismatch));
  return isMisled ? { key: mismatch } : { option: best!.option };
}

const hasKey = ({ literals, required, optional }: Shape, key: string) =>
  literals.has(key) || required.includes(key) || optional.includes(key);

const hasNoKeys = ({ literals, required, optional }: Shape) => literals.size + required.length + optional.length === 0;

function missingHead(shapes: readonly Shape[], input: unknown): z.core.$ZodRawIssue {
  const heads = shapes.flatMap(
    ({ literals, required, optional }) => [...literals.keys(), ...required, ...optional][0] ?? [],
  );
  const limit = `one of ${[...new Set(heads)].join(', ')}`;
  return { code: 'custom', input, message: 'no key that says what it is', params: { code: 'missing', limit } };
}

function badLiteral(shapes: readonly Shape[], input: object, key: string): z.core.$ZodRawIssue {
  const values = [...new Set(shapes.flatMap(({ literals }) => [...(literals.get(key) ?? [])]))];
  return { code: 'invalid_value', values: values as string[], input: (input as never)[key], path: [key] };
}

function shapeOf(option: z.core.$ZodType): Shape | undefined {
  const def = unwrapped(option)._zod.def as z.core.$ZodObjectDef;
  if (def.type !== 'object') return undefined;
  const literals = new Map<string, readonly unknown[]>();
  const required: string[] = [];
  const optional: string[] = [];
  for (const [key, schema] of Object.entries(def.shape)) {
    if (schema._zod.def.type === 'literal')
      literals.set(key, (schema._zod.def as z.core.$ZodLiteralDef<string>).values);
    else if (schema._zod.optin === undefined) required.push(key);
    else optional.push(key);
  }
  return { option, literals, required, optional };
}

/** Options of a union within the union are options of the outer one. */
function flat(options: readonly z.core.$ZodType[]): readonly z.core.$ZodType[] {
  return options.flatMap((option) => {
    const def = unwrapped(option)._zod.def as z.core.$ZodUnionDef;
    return def.type === 'union' ? flat(def.options) : [option];
  });
}

function unwrapped(option: z.core.$ZodType): z.core.$ZodType {
  const def = option._zod.def as z.core.$ZodPipeDef | z.core.$ZodLazyDef;
  if (def.type === 'pipe') return unwrapped(def.in);
  if (def.type === 'lazy') return unwrapped(def.getter());
  return option;
}

function typeOf(option: z.core.$ZodType): string {
  const { type } = unwrapped(option)._zod.def;
  if (type === 'enum' || type === 'literal') return 'string';
  return type === 'array' || type === 'tuple' ? 'list' : type;
}
