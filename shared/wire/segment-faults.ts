import { hasForbiddenCharacters, isPrototypeKey } from '../kernel/clean-text.ts';
import type { Fault } from './arrival.ts';

export const maxDepth = 20;

/** The range of DynamoDB's numbers: a larger one could be accepted and never be stored (DynamoDB, Naming rules and data types). */
const maxMagnitude = 1e125;
const minMagnitude = 1e-130;

/** Looks no deeper than the limit, so that no nesting can exhaust the stack. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const part of Object.values(value)) if (isDeeperThan(part, levels - 1)) return true;
  return false;
}

/** The first thing in a parsed JSON value that a queue, a table or an object of ours could not hold. */
export function findFault(value: unknown, pointer: string, levels = maxDepth): Fault | undefined {
  if (typeof value === 'string') return textFault(value, pointer);
  if (typeof value === 'number') return numberFault(value, pointer);
  if (typeof value !== 'object' || value === null) return undefined;
  if (levels === 0) return tooDeep(pointer);
  for (const [key, part] of Object.entries(value)) {
    const fault = keyFault(key, pointer) ?? findFault(part, `${pointer}/${pointerPart(key)}`, levels - 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

export const tooDeep = (pointer: string): Fault => ({
  code: 'event.too-deep',
  detail: `nested deeper than ${maxDepth} levels`,
  pointer,
  limit: maxDepth,
  actual: `more than ${maxDepth}`,
});

export function textFault(text: string, pointer: string): Fault | undefined {
  if (!hasForbiddenCharacters(text)) return undefined;
  const detail = 'a control character, half a surrogate pair, U+FFFE or U+FFFF';
  return { code: 'event.characters', detail, pointer, limit: 'Unicode text', actual: `${text.length} characters` };
}

function numberFault(number: number, pointer: string): Fault | undefined {
  const magnitude = Math.abs(number);
  if (magnitude === 0 || (magnitude >= minMagnitude && magnitude <= maxMagnitude)) return undefined;
  return {
    code: 'event.number-range',
    detail: 'a number that cannot be stored',
    pointer,
    limit: `${minMagnitude} to ${maxMagnitude}, without sign`,
    actual: magnitude > maxMagnitude ? 'larger' : 'smaller',
  };
}

function keyFault(key: string, pointer: string): Fault | undefined {
  if (isPrototypeKey(key)) {
    return { code: 'event.key', detail: `"${key}" cannot be the name of a field`, pointer, actual: key };
  }
  return hasForbiddenCharacters(key) ? textFault(key, pointer) : undefined;
}

/** RFC 6901; a long or unclean name is not repeated whole. */
function pointerPart(key: string): string {
  return key.slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1');
}
