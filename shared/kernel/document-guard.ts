import { hasForbiddenCharacters, isPrototypeKey } from './clean-text.ts';
import type { Problem } from './errors.ts';
import { jsonPointer } from './json-pointer.ts';

export interface DocumentLimits {
  readonly depth: number;
  /** Of the document as JSON in UTF-8. */
  readonly bytes: number;
}

export const DOCUMENT_LIMITS: DocumentLimits = { depth: 20, bytes: 200 * 1024 };

/**
 * What must hold before a schema looks at a document: it is JSON, not too deep, not too large, without keys that
 * reach prototypes and without characters that do not survive. It walks with a stack of its own and stops at the
 * limits, so that neither depth nor size of hostile input can cost more than the limits do.
 */
export function guardDocument(input: unknown, codePrefix: string, limits: DocumentLimits = DOCUMENT_LIMITS): Problem[] {
  const problems: Problem[] = [];
  const stack: { value: unknown; path: readonly PropertyKey[] }[] = [{ value: input, path: [] }];
  let bytes = 0;
  const found = (path: readonly PropertyKey[], code: string, detail: string, more: Partial<Problem> = {}) =>
    problems.push({ pointer: jsonPointer(path), code: `${codePrefix}.${code}`, detail, ...more });
  const textProblem = (path: readonly PropertyKey[]) =>
    found(path, 'forbidden-characters', 'control characters, lone surrogates and U+FFFE, U+FFFF are not allowed', {
      fix: 'remove the characters',
    });

  while (stack.length > 0 && problems.length < 100) {
    const { value, path } = stack.pop()!;
    if (bytes > limits.bytes) {
      return [tooLarge(codePrefix, limits.bytes)];
    }
    if (typeof value === 'string') {
      bytes += Buffer.byteLength(value) + 2;
      if (bytes <= limits.bytes && hasForbiddenCharacters(value)) textProblem(path);
    } else if (typeof value === 'number' || typeof value === 'boolean' || value === null) {
      bytes += typeof value === 'number' ? String(value).length : 4;
      if (typeof value === 'number' && !Number.isFinite(value)) found(path, 'type', 'not a finite number');
    } else if (Array.isArray(value) || isPlainObject(value)) {
      bytes += 2;
      if (path.length >= limits.depth) {
        found(path, 'too-deep', `nested more than ${limits.depth} levels`, { limit: limits.depth, actual: 'deeper' });
        continue;
      }
      const entries = Array.isArray(value) ? value.entries() : Object.entries(value);
      for (const [key, child] of entries) {
        bytes += typeof key === 'string' ? Buffer.byteLength(key) + 4 : 1;
        if (bytes > limits.bytes) return [tooLarge(codePrefix, limits.bytes)];
        if (typeof key === 'string' && isPrototypeKey(key)) {
          found([...path, key], 'forbidden-key', 'this name is not allowed as a key', { fix: 'choose another name' });
        } else if (typeof key === 'string' && hasForbiddenCharacters(key)) {
          textProblem(path);
        } else {
          stack.push({ value: child, path: [...path, key] });
        }
      }
    } else {
      found(path, 'type', 'not a JSON value', { limit: 'JSON', actual: typeof value });
    }
  }
  // The walk counts without escapes; only what is nearly too large is worth writing out.
  if (problems.length === 0 && bytes * 6 > limits.bytes) {
    const exact = Buffer.byteLength(JSON.stringify(input));
    if (exact > limits.bytes) return [tooLarge(codePrefix, limits.bytes, exact)];
  }
  return problems;
}

function tooLarge(codePrefix: string, limit: number, actual: number | string = `more than ${limit}`): Problem {
  return {
    pointer: '',
    code: `${codePrefix}.too-large`,
    detail: `larger than ${limit} bytes of JSON`,
    limit,
    actual,
  };
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
