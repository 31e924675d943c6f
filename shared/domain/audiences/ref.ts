import { hasForbiddenCharacters, isPrototypeKey } from '../../kernel/clean-text.ts';

/**
 * `profile.<trait>`, `entry.<property>`, `event.<property>`, `steps.<id>.<field>`: the same words as in Liquid. A
 * name that is not made of letters, digits, `_`, `$` and `-` stands in brackets, as in Liquid: `event["Plan Name"]`.
 * Digits are also the index into a list: `event.products.0.sku`.
 */
export const REF_ROOTS = ['profile', 'entry', 'event', 'steps'] as const;
export type RefRoot = (typeof REF_ROOTS)[number];

export interface RefParts {
  readonly root: RefRoot;
  readonly path: readonly string[];
}

const segment = /(?:\.([\p{L}\p{N}_$-]+)|\[("(?:[^"\\]|\\.)*")\])/uy;
const head = /^(profile|entry|event|steps)(?=[.[])/;

/** How far the ref at `from` reaches; undefined when there is none. The text form of predicates reads refs with it. */
export function scanRef(text: string, from = 0): { readonly parts: RefParts; readonly end: number } | undefined {
  const root = head.exec(text.slice(from, from + 8))?.[1] as RefRoot | undefined;
  if (root === undefined) return undefined;
  const path: string[] = [];
  let end = from + root.length;
  for (;;) {
    segment.lastIndex = end;
    const match = segment.exec(text);
    if (match === null) break;
    const name = match[1] ?? readQuoted(match[2]!);
    if (name === undefined || name === '' || isPrototypeKey(name) || hasForbiddenCharacters(name)) return undefined;
    path.push(name);
    end = segment.lastIndex;
  }
  return path.length < (root === 'steps' ? 2 : 1) ? undefined : { parts: { root, path }, end };
}

export function parseRef(ref: string): RefParts | undefined {
  const known = parsed.get(ref);
  if (known !== undefined) return known;
  const scanned = scanRef(ref);
  if (scanned?.end !== ref.length) return undefined;
  if (parsed.size >= MAX_PARSED) parsed.clear();
  parsed.set(ref, scanned.parts);
  return scanned.parts;
}

/** Documents hold a few, and every decision reads them. */
const MAX_PARSED = 1_000;
const parsed = new Map<string, RefParts>();

function readQuoted(text: string): string | undefined {
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
}
