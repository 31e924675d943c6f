import { parseRef } from '../domain/audiences/ref.ts';
import type { Template } from '../domain/messaging/template.ts';
import type { Json } from '../kernel/canonical-json.ts';

/**
 * `{ profile: {…}, event: {…} }` from the examples: `event.products.0.sku` becomes a list with one entry.
 *
 * @param of `required`: a customer of whom no more is known than the template insists on.
 */
export function exampleScope(template: Template, of: 'all' | 'required' = 'all'): { readonly [root: string]: Json } {
  const scope: { [name: string]: Json } = {};
  // Outer refs first, so that an inner one refines the example of what it lies in.
  for (const ref of Object.keys(template.variables).sort((a, b) => a.length - b.length)) {
    const { required, example } = template.variables[ref]!;
    if (of === 'required' && required !== true) continue;
    const parts = parseRef(ref);
    if (parts !== undefined) place(scope, [parts.root, ...parts.path], example as Json);
  }
  return scope;
}

function place(scope: { [name: string]: Json }, path: readonly string[], value: Json): void {
  let node = scope;
  path.forEach((name, index) => {
    if (index === path.length - 1) {
      node[name] = structuredClone(value);
      return;
    }
    const there = node[name];
    if (typeof there !== 'object' || there === null) node[name] = /^\d+$/.test(path[index + 1]!) ? [] : {};
    node = node[name] as { [name: string]: Json };
  });
}
