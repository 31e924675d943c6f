import type { Json } from './canonical-json.ts';

/** What lies at the end of a path of own keys; undefined where it leads nowhere. */
export function dig(value: Json | undefined, path: readonly string[]): Json | undefined {
  let node = value;
  for (const name of path) {
    if (node === null || typeof node !== 'object' || !Object.hasOwn(node, name)) return undefined;
    node = (node as { readonly [name: string]: Json })[name];
  }
  return node;
}
