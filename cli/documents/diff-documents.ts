import { canonicalJson } from '../../shared/kernel/canonical-json.ts';
import { jsonPointer } from '../../shared/kernel/json-pointer.ts';

/** One thing that differs. `pointer` is of the document where the thing is: of `after`, and for what was removed of `before`. */
export interface Change {
  readonly pointer: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly before?: unknown;
  readonly after?: unknown;
}

/**
 * What differs between two documents by meaning: the order of keys is nothing, and an element that was put into a list
 * is one addition, not a change of all that follow. Elements with an id, and a template's variants, are compared with
 * the one of the same name; others with what stands in their place.
 */
export function diffDocuments(before: unknown, after: unknown): Change[] {
  return diff(before, after, []);
}

type Path = readonly PropertyKey[];

function diff(before: unknown, after: unknown, path: Path): Change[] {
  if (before === after || canonicalJson(before ?? null) === canonicalJson(after ?? null)) return [];
  if (Array.isArray(before) && Array.isArray(after)) return diffLists(before, after, path);
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => {
      const at = [...path, key];
      if (!Object.hasOwn(after, key)) return [removed(at, before[key])];
      if (!Object.hasOwn(before, key)) return [added(at, after[key])];
      return diff(before[key], after[key], at);
    });
  }
  return [{ pointer: jsonPointer(path), change: 'changed', before, after }];
}

const added = (path: Path, after: unknown): Change => ({ pointer: jsonPointer(path), change: 'added', after });
const removed = (path: Path, before: unknown): Change => ({ pointer: jsonPointer(path), change: 'removed', before });

function diffLists(before: readonly unknown[], after: readonly unknown[], path: Path): Change[] {
  const changes: Change[] = [];
  for (const [gone, come] of gaps(before, after)) {
    const left = [...gone];
    const unmatched: number[] = [];
    for (const index of come) {
      const name = nameOf(after[index]);
      const at = name === undefined ? -1 : left.findIndex((one) => nameOf(before[one]) === name);
      if (at < 0) unmatched.push(index);
      else changes.push(...diff(before[left.splice(at, 1)[0]!], after[index], [...path, index]));
    }
    for (const index of unmatched) {
      const partner = left.findIndex((one) => nameOf(before[one]) === undefined || nameOf(after[index]) === undefined);
      if (partner < 0) changes.push(added([...path, index], after[index]));
      else changes.push(...diff(before[left.splice(partner, 1)[0]!], after[index], [...path, index]));
    }
    changes.push(...left.map((index) => removed([...path, index], before[index])));
  }
  return changes;
}

function nameOf(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  if (typeof value['id'] === 'string') return value['id'];
  if (typeof value['channel'] !== 'string' || !('content' in value)) return undefined;
  return canonicalJson([value['channel'], value['locale'] ?? null, value['if'] ?? null]);
}

/** Stretches of a list, as indexes, between what is common to both. */
function gaps(before: readonly unknown[], after: readonly unknown[]): [gone: number[], come: number[]][] {
  const common = longestCommon(before.map(canonicalJson), after.map(canonicalJson));
  const found: [number[], number[]][] = [];
  let [b, a] = [0, 0];
  for (const [nextB, nextA] of [...common, [before.length, after.length] as const]) {
    const gap: [number[], number[]] = [range(b, nextB), range(a, nextA)];
    if (gap[0].length + gap[1].length > 0) found.push(gap);
    [b, a] = [nextB + 1, nextA + 1];
  }
  return found;
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

/** A longest common subsequence, as pairs of indexes. Its table is before × after: documents have at most some thousand lines. */
export function longestCommon(before: readonly string[], after: readonly string[]): [number, number][] {
  const length = before.map(() => new Uint32Array(after.length + 1));
  length.push(new Uint32Array(after.length + 1));
  for (let b = before.length - 1; b >= 0; b -= 1) {
    for (let a = after.length - 1; a >= 0; a -= 1) {
      length[b]![a] =
        before[b] === after[a] ? length[b + 1]![a + 1]! + 1 : Math.max(length[b + 1]![a]!, length[b]![a + 1]!);
    }
  }
  const pairs: [number, number][] = [];
  for (let b = 0, a = 0; b < before.length && a < after.length; ) {
    if (before[b] === after[a]) pairs.push([b++, a++]);
    else if (length[b + 1]![a]! >= length[b]![a + 1]!) b += 1;
    else a += 1;
  }
  return pairs;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
