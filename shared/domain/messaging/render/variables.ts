import { analyzeSync, type Variable } from 'liquidjs';
import { parseRef, REF_ROOTS, type RefRoot } from '../../audiences/ref.ts';
import { renderedContent } from '../rendered-content.ts';
import type { Template, TemplateVariant } from '../template.ts';
import { parseLiquid } from './liquid.ts';

/** One place where a template reads a value that it did not make itself. */
export interface VariableUse {
  /** Name of the content part: `html`, `subject` … */
  readonly part: string;
  /** `profile`, `entry`, `event`, `steps`, `vars`, or a word like `unsubscribe_url`. */
  readonly root: string;
  /** Up to the first segment that is itself a variable (`profile[vars.key]` ends before it). */
  readonly path: readonly string[];
  /** True when a segment is itself a variable: what is read cannot be told before. */
  readonly dynamic: boolean;
  readonly line: number;
  readonly column: number;
}

/** What the parts of a variant read; parts that do not parse read nothing (the check reports them). */
export function variablesOf(content: { readonly [part: string]: string }): VariableUse[] {
  return Object.entries(content).flatMap(([part, source]) => {
    const nodes = parseLiquid(source);
    if (!Array.isArray(nodes)) return [];
    const { globals } = analyzeSync(nodes, { partials: false });
    return Object.values(globals).flatMap((uses) => uses.map((use) => toUse(part, use)));
  });
}

/** What a Liquid text of a journey (`{ liquid }`) reads. */
export const variablesOfText = (liquid: string): VariableUse[] => variablesOf({ liquid });

/** As a Ref, spelt as users spell it; undefined for a root alone, a dynamic one, and words that are no Ref. */
export function refOf(use: Pick<VariableUse, 'root' | 'path'>): string | undefined {
  const ref =
    use.root + use.path.map((name) => (plainName.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`)).join('');
  return parseRef(ref) === undefined ? undefined : ref;
}

/**
 * The refs of a template, or of some of its variants: everything a message must carry or a profile must have. A use
 * that cannot be told exactly (`event` alone, `event[vars.key]`) is given as its root.
 */
export function refsOfTemplate(template: Template, variants: readonly TemplateVariant[] = template.variants): string[] {
  const refs = new Set<string>();
  for (const variant of variants) {
    for (const use of variablesOf(renderedContent(variant))) {
      if (isRefRoot(use.root)) refs.add((use.dynamic ? undefined : refOf(use)) ?? use.root);
    }
    collectRefs(variant.if, refs);
  }
  return [...refs].sort();
}

export const isRefRoot = (name: string): name is RefRoot => (REF_ROOTS as readonly string[]).includes(name);

const plainName = /^[\p{L}\p{N}_$-]+$/u;

function toUse(part: string, { segments, location }: Variable): VariableUse {
  const path: string[] = [];
  let dynamic = false;
  for (const segment of segments.slice(1)) {
    if (typeof segment === 'object') {
      dynamic = true;
      break;
    }
    path.push(String(segment));
  }
  const [root] = segments;
  return {
    part,
    root: typeof root === 'object' ? '' : String(root),
    path,
    dynamic,
    line: location.row,
    column: location.col,
  };
}

/** Refs stand in predicates under `ref` and, in sums, under `of`. */
function collectRefs(node: unknown, refs: Set<string>): void {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if ((key === 'ref' || key === 'of') && typeof value === 'string') refs.add(value);
    else collectRefs(value, refs);
  }
}
