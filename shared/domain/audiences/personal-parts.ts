import { normaliseEmail, normalisePhone } from '../../kernel/addresses.ts';
import { parseRef } from './ref.ts';

/** What a comparison compares with. */
const operands = new Set(['is', 'isNot', 'in', 'notIn', 'contains', 'startsWith', 'endsWith']);

/**
 * What a document asks of personal data, wherever its predicates stand; undefined: nothing. Whether a trait is known says
 * nobody's value. A text that only looks like a ref counts as well, so that nothing that is asked is overlooked.
 */
export function personalPart(document: unknown, isPersonal: (trait: string) => boolean): string | undefined {
  const nodes: { readonly node: unknown; readonly isOperand: boolean }[] = [{ node: document, isOperand: false }];
  for (let next = nodes.pop(); next !== undefined; next = nodes.pop()) {
    const { node, isOperand } = next;
    if (typeof node === 'string') {
      const ref = parseRef(node);
      if (ref !== undefined && ref.root !== 'steps' && isPersonal(ref.path.join('.'))) return node;
      if (isOperand && (normaliseEmail(node) ?? normalisePhone(node)) !== undefined) return 'an address';
    } else if (Array.isArray(node)) {
      for (const one of node) nodes.push({ node: one, isOperand });
    } else if (typeof node === 'object' && node !== null) {
      const isPresence = typeof (node as { readonly exists?: unknown }).exists === 'boolean';
      for (const [name, one] of Object.entries(node)) {
        if (!isPresence || name !== 'ref') nodes.push({ node: one, isOperand: operands.has(name) });
      }
    }
  }
  return undefined;
}

/** Segments that a document names, as `segment`, wherever they stand. */
export function segmentsNamedIn(document: unknown): ReadonlySet<string> {
  const found = new Set<string>();
  const nodes: unknown[] = [document];
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    if (typeof node !== 'object' || node === null) continue;
    for (const [name, one] of Object.entries(node)) {
      if (name === 'segment' && typeof one === 'string') found.add(one);
      else if (one !== undefined) nodes.push(one);
    }
  }
  return found;
}
