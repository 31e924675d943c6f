import { InvalidInput } from '../kernel/errors.ts';
import type { Page, PageRequest } from './page.ts';

/** A page of what was read whole, because it lies in no order; the cursor is the last one's time and name. */
export function newestFirst<T extends { readonly at: number }>(
  items: readonly T[],
  page: PageRequest,
  nameOf: (item: T) => string,
): Page<T> {
  const sorted = [...items].sort((a, b) => b.at - a.at || (nameOf(a) < nameOf(b) ? -1 : 1));
  const after = page.cursor === undefined ? undefined : readCursor(page.cursor);
  const start =
    after === undefined
      ? 0
      : sorted.findIndex((item) => item.at < after.at || (item.at === after.at && nameOf(item) > after.name));
  const data = start < 0 ? [] : sorted.slice(start, start + page.limit);
  const last = data.at(-1);
  if (last === undefined || start + data.length >= sorted.length) return { data };
  return { data, nextCursor: Buffer.from(JSON.stringify([last.at, nameOf(last)])).toString('base64url') };
}

function readCursor(cursor: string): { readonly at: number; readonly name: string } {
  try {
    const [at, name, ...rest] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    if (typeof at === 'number' && typeof name === 'string' && rest.length === 0) return { at, name };
  } catch {
    // Falls through: not ours.
  }
  throw new InvalidInput('list.cursor', 'cursor is none that this list gave', [
    { pointer: '/query/cursor', code: 'list.cursor', detail: 'not a cursor of this list', fix: 'start without cursor' },
  ]);
}
