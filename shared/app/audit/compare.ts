import { emailInText } from '../../kernel/addresses.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import { jsonPointer } from '../../kernel/json-pointer.ts';
import type { Change } from './entry.ts';

/** With them an entry stays far below one write unit for most changes, and below three for all. */
const MOST_CHANGES = 12;
const MOST_CHARACTERS = 100;

/** Addresses that people write into documents (recipients of tests, conditions) are nobody's business here. */
const phones = /\+?\d[\d\s().-]{6,40}\d/g;
/** Headers of endpoints may hold credentials. */
const kept = /\/headers\//;

/** Which places of two documents differ. What is on one side only is told whole, as far as it fits. */
export function compareDocuments(before: unknown, after: unknown): { changes: readonly Change[]; more: number } {
  const all: Change[] = [];
  collect('', before, after, all);
  return { changes: all.slice(0, MOST_CHANGES), more: Math.max(0, all.length - MOST_CHANGES) };
}

function collect(pointer: string, before: unknown, after: unknown, found: Change[]): void {
  if (canonicalJson(before ?? null) === canonicalJson(after ?? null)) return;
  if (isTree(before) && isTree(after) && Array.isArray(before) === Array.isArray(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const place = pointer + jsonPointer([key]);
      collect(place, before[key], after[key], found);
    }
    return;
  }
  found.push({
    pointer: masked(pointer).slice(0, MOST_CHARACTERS * 2),
    ...(before !== undefined && { before: shown(pointer, before) }),
    ...(after !== undefined && { after: shown(pointer, after) }),
  });
}

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const masked = (text: string) => text.replace(emailInText, '…').replace(phones, '…');

function shown(pointer: string, value: unknown): string {
  if (kept.test(`${pointer}/`) || JSON.stringify(value).includes('"headers"')) return '…';
  const text = masked(canonicalJson(value));
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}… (${text.length} characters)`;
}
