import { SECOND_MS } from '../../kernel/time.ts';
import type { Clock } from '../ports.ts';
import { type ItemKey, itemName, type ReadItems, type StoredItem } from './items.ts';

export const itemCacheLimits = { seconds: 30, items: 1_000 } as const;

/**
 * Items as one container knows them. A broadcast that shows one product to a million people would ask one partition for it a
 * million times, and a partition gives 3,000 units a second (DynamoDB, "Burst and adaptive capacity").
 *
 * 1. What was read is taken for true for 30 seconds, the time in which a kill switch works too.
 * 2. What was not there is asked for again each time: an item may come a moment before the event that names it.
 * 3. Who asks while others are waiting for the same item waits with them.
 * 4. A read that fails is forgotten, and everybody who waited for it learns of it.
 * 5. It holds a thousand items of 8 KB; the longest there makes room.
 */
export function cachedItems(read: ReadItems, now: Clock): ReadItems {
  const known = new Map<string, { readonly until: number; readonly item: Promise<StoredItem | undefined> }>();

  function ask(wanted: readonly ItemKey[]): void {
    const found = read(wanted).then((items) => new Map(items.map((item) => [itemName(item), item])));
    const until = now() + itemCacheLimits.seconds * SECOND_MS;
    for (const name of wanted.map(itemName)) {
      const entry = { until, item: found.then((items) => items.get(name)) };
      const forget = () => {
        if (known.get(name) === entry) known.delete(name);
      };
      known.delete(name);
      known.set(name, entry);
      void entry.item.then((item) => item === undefined && forget(), forget);
    }
  }

  return async (wanted) => {
    const at = now();
    const missing = wanted.filter((one) => !((known.get(itemName(one))?.until ?? 0) > at));
    if (missing.length > 0) ask(missing);
    const asked = wanted.map((one) => known.get(itemName(one))!.item);
    for (const name of known.keys()) {
      if (known.size <= itemCacheLimits.items) break;
      known.delete(name);
    }
    const items = await Promise.all(asked);
    return items.filter((item) => item !== undefined);
  };
}
