import type { Json } from '../../kernel/canonical-json.ts';
import { jsonType } from '../../kernel/json-type.ts';

/** The shape of a document without what it says of anybody: names of fields, and of their values type and length. */
export function masked(value: Json): Json {
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value === 'string') return `string of ${value.length}`;
  if (value === null || typeof value !== 'object') return jsonType(value);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, masked(one)]));
}
