import type { Json, JsonObject } from '../assembly/read-assembly.ts';

/** Plain reference paths only: `$`, `$.a.b`, `$.a[0]`, and `$$.` for the context object. */
const plainPath = /^\$\$?(\.[A-Za-z_][\w-]*|\[\d+\])*$/;

export function checkPath(path: string, where: string): void {
  if (!plainPath.test(path))
    throw new Error(`${where}: the path ${path} is more than the local cloud's plain JSONPath`);
}

export function readPath(path: string, input: Json, context: JsonObject): Json {
  let value: Json | undefined = path.startsWith('$$') ? context : input;
  for (const part of path.match(/[A-Za-z_][\w-]*|\d+/g) ?? []) {
    value = (value as Record<string, Json> | null | undefined)?.[part];
  }
  if (value === undefined) throw new Error(`The path ${path} finds nothing in the input`);
  return value;
}

export function writePath(path: string | null | undefined, input: Json, result: Json): Json {
  if (path === null) return input;
  if (path === undefined || path === '$') return result;
  const root = structuredClone(input) as JsonObject;
  const parts = path.match(/[A-Za-z_][\w-]*|\d+/g) ?? [];
  let place = root;
  for (const part of parts.slice(0, -1)) {
    place[part] ??= {};
    place = place[part] as JsonObject;
  }
  place[parts.at(-1)!] = result;
  return root;
}

/** A payload template: a key that ends in `.$` takes its value from a path. */
export function fillTemplate(template: Json, input: Json, context: JsonObject): Json {
  if (Array.isArray(template)) return template.map((item) => fillTemplate(item, input, context));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) =>
      key.endsWith('.$')
        ? [key.slice(0, -2), readPath(String(value), input, context)]
        : [key, fillTemplate(value, input, context)],
    ),
  );
}
