import { parseRef } from '../audiences/ref.ts';
import { variablesOf } from '../messaging/render/variables.ts';

/**
 * The names of traits that a document reads: in refs, wherever they stand, and in Liquid. A text that only looks like a
 * ref counts as well, so that nothing that is used is ever taken for unused.
 */
export function usedTraits(document: unknown): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node === 'string') {
      const parts = parseRef(node);
      if (parts?.root === 'profile') names.add(parts.path[0]!);
      else if (/\{[{%]/.test(node)) readLiquid(node, names);
    } else if (typeof node === 'object' && node !== null) {
      for (const [name, one] of Object.entries(node)) {
        // Variables of a template are refs that stand as keys.
        visit(name);
        visit(one);
      }
    }
  };
  visit(document);
  return names;
}

function readLiquid(text: string, names: Set<string>): void {
  for (const { root, path } of variablesOf({ text })) {
    if (root === 'profile' && path[0] !== undefined) names.add(path[0]);
  }
}
