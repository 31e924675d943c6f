import type { Item } from '../../domain/messaging/collection-item.ts';
import { type LookedUp, lookedUp, type Wanted } from '../../domain/messaging/render/look-ups.ts';
import { type ItemKey, isExpired, itemName, type ReadItems } from './items.ts';

/** All that a message wants, in one read; none at all for one that wants nothing. */
export async function lookUp(wanted: readonly Wanted[], read: ReadItems, now: number): Promise<LookedUp> {
  const items = new Map<string, Item>();
  const keys = new Map<string, ItemKey>();
  for (const { lookup, ids } of wanted) {
    for (const id of ids) {
      const key = { collection: lookup.collection, id };
      keys.set(itemName(key), key);
    }
  }
  const found = keys.size === 0 ? [] : await read([...keys.values()]);
  for (const item of found) if (!isExpired(item, now)) items.set(itemName(item), item);
  return lookedUp(wanted, (collection, id) => items.get(itemName({ collection, id })));
}
