import { isPlaceholderId } from '../kernel/placeholder-ids.ts';
import type { Fault } from './arrival.ts';
import { textFault } from './segment-faults.ts';

const maxIdCharacters = 256;
const maxMessageIdCharacters = 100;

/** An id of a customer or group as a string; undefined when there is none. Numbers are what loosely typed clients send for ids. */
export function readId(value: unknown, pointer: string): string | undefined | Fault {
  const id = readText(value, pointer, maxIdCharacters, 'id');
  if (typeof id === 'string' && isPlaceholderId(id)) {
    const detail = 'a placeholder that many customers would share';
    return {
      code: 'id.placeholder',
      detail,
      pointer,
      limit: 'an id of one customer',
      actual: `${id.length} characters`,
    };
  }
  return id;
}

export const readMessageId = (value: unknown, pointer: string): string | undefined | Fault =>
  readText(value, pointer, maxMessageIdCharacters, 'message-id');

function readText(value: unknown, pointer: string, limit: number, code: string): string | undefined | Fault {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' && !(typeof value === 'number' && Number.isFinite(value))) {
    const actual = Array.isArray(value) ? 'array' : typeof value;
    return { code: `${code}.type`, detail: 'neither text nor a number', pointer, limit: 'string or number', actual };
  }
  const text = String(value);
  if (text.trim() === '') return undefined;
  if (text.length > limit) {
    const detail = `longer than ${limit} characters`;
    return { code: `${code}.too-long`, detail, pointer, limit, actual: text.length };
  }
  return textFault(text, pointer) ?? text;
}
