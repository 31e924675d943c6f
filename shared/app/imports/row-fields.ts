import type { Json } from '../../kernel/canonical-json.ts';
import { parseClientInstant } from '../../kernel/time.ts';
import { findFault } from '../../wire/segment-faults.ts';
import type { RowFault } from './raw-rows.ts';
import type { RowObject } from './row-reader.ts';
import type { ImportContext } from './told.ts';

export function readAt(written: Json | undefined, pointer: string, { at }: ImportContext, faults: RowFault[]): number {
  if (written === undefined || written === null) return at;
  const instant = typeof written === 'string' ? parseClientInstant(written) : undefined;
  if (instant !== undefined && instant >= 0) return Math.min(instant, at);
  faults.push({ code: 'row.time', detail: 'not a time', pointer, limit: 'ISO 8601', actual: typeOf(written) });
  return at;
}

export function unknownFields(object: RowObject, known: readonly string[], pointer = ''): RowFault[] {
  const unknown = Object.keys(object).find((name) => !known.includes(name));
  if (unknown === undefined) return [];
  const limit = known.join(', ');
  return [{ code: 'row.field', detail: 'no such field', pointer: `${pointer}/${unknown.slice(0, 64)}`, limit }];
}

/** Of what the wire says of a fault, what is kept. */
export const faultOf = ({ code, detail, pointer, limit, actual }: RowFault): RowFault => ({
  ...{ code, detail, pointer },
  ...(limit !== undefined && { limit }),
  ...(actual !== undefined && { actual }),
});

export const isObject = (value: Json | undefined): value is RowObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const isText = (value: Json, most: number): value is string =>
  typeof value === 'string' && value !== '' && value.length <= most && findFault(value, '') === undefined;
export const typeOf = (value: Json): string => (Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value);
