import { ITEM_ID_LIMIT, isItemId } from '../../domain/messaging/collection-item.ts';
import { parseClientInstant } from '../../kernel/time.ts';
import { readItem } from '../collections/save-items.ts';
import type { RowFault } from './raw-rows.ts';
import { isObject, typeOf, unknownFields } from './row-fields.ts';
import type { Tell } from './told.ts';

const itemFields = ['collection', 'id', 'values', 'expiresAt'];

/** An item of a collection, in the place of what is there. */
export const tellItem: Tell = (object, _line, { at, collections }) => {
  const faults: RowFault[] = unknownFields(object, itemFields);
  const { collection, id, values = {}, expiresAt: until = null } = object;
  // Spreadsheets write ids as numbers.
  const name = typeof id === 'number' ? String(id) : id;
  if (!isItemId(name)) {
    const actual = id === undefined ? 'nothing' : typeof id === 'string' ? `${id.length} characters` : typeOf(id);
    faults.push({ code: 'item.id', detail: 'no id of an item', pointer: '/id', limit: ITEM_ID_LIMIT, actual });
  }
  const fields = typeof collection === 'string' ? collections?.get(collection) : undefined;
  if (typeof collection !== 'string' || (collections !== undefined && fields === undefined)) {
    const detail = 'no collection is called so';
    faults.push({ code: 'collection.unknown', detail, pointer: '/collection', limit: 'a collection that exists' });
  }
  if (!isObject(values)) {
    faults.push({
      code: 'row.field',
      detail: 'not an object',
      pointer: '/values',
      limit: 'object',
      actual: typeOf(values),
    });
  }
  const expiresAt = typeof until === 'string' ? parseClientInstant(until) : undefined;
  if (until !== null && expiresAt === undefined) {
    faults.push({
      code: 'row.time',
      detail: 'not a time',
      pointer: '/expiresAt',
      limit: 'ISO 8601',
      actual: typeOf(until),
    });
  }
  if (faults.length > 0 || !isItemId(name) || !isObject(values)) return faults;
  const given = { id: name, values, ...(expiresAt !== undefined && { expiresAt }) };
  // Without an environment nobody knows the fields.
  if (fields === undefined) return { item: { collection: String(collection), ...given, savedAt: at } };
  const read = readItem(fields, given, at);
  return 'item' in read ? read : read.problems.map(({ fix: _, ...problem }) => problem);
};
