import type { Collection } from '../../domain/messaging/collection.ts';
import { cleanItem, ITEM_ID_LIMIT, type ItemValues, isItemId } from '../../domain/messaging/collection-item.ts';
import { NotFound, type Problem, requireNoProblems } from '../../kernel/errors.ts';
import { readCollections } from '../catalog/collections.ts';
import type { CatalogStore } from '../catalog/ports.ts';
import { type ItemStore, itemName, type StoredItem } from './items.ts';

export interface GivenItem {
  readonly id: string;
  readonly values: ItemValues;
  /** Epoch milliseconds. */
  readonly expiresAt?: number;
}

interface ItemPorts {
  readonly catalog: Pick<CatalogStore, 'readHead' | 'readVersion'>;
  readonly items: Pick<ItemStore, 'put'>;
}

export interface SavedItem {
  readonly index: number;
  readonly id: string;
  readonly status: 'saved' | 'refused';
  readonly errors?: readonly Problem[];
}

const CONCURRENT_PUTS = 25;

export async function requireCollection(catalog: ItemPorts['catalog'], id: string): Promise<Collection> {
  const lookups = { asked: { collection: id, key: '', onMissing: 'empty' } } as const;
  const found: Collection | undefined = (await readCollections(catalog, { lookups })).get(id);
  if (found === undefined) throw new NotFound('collection.not-found', `there is no collection ${id}`);
  return found;
}

const sizeOf = (id: string): string => `${id.length} characters`;

/** As it is stored, or all that is wrong with it; pointers begin at the item. */
export function readItem(
  collection: Collection,
  { id, values, expiresAt }: GivenItem,
  now: number,
): { readonly item: StoredItem } | { readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  if (!isItemId(id)) {
    const detail = 'no id of an item';
    problems.push({ pointer: '/id', code: 'item.id', detail, limit: ITEM_ID_LIMIT, actual: sizeOf(id) });
  }
  if (expiresAt !== undefined && expiresAt <= now) {
    const detail = 'it would be gone at once';
    problems.push({ pointer: '/expiresAt', code: 'item.expired', detail, limit: 'later than now', fix: 'delete it' });
  }
  const read = cleanItem(collection, values);
  if ('problems' in read) problems.push(...read.problems.map((one) => ({ ...one, pointer: `/values${one.pointer}` })));
  if ('problems' in read || problems.length > 0) return { problems };
  const times = { savedAt: now, ...(expiresAt !== undefined && { expiresAt }) };
  return { item: { collection: collection.id, id, values: read.values, ...times } };
}

export async function saveItem(ports: ItemPorts, collection: string, given: GivenItem, now: number) {
  const read = readItem(await requireCollection(ports.catalog, collection), given, now);
  if ('problems' in read) requireNoProblems(read.problems);
  else await ports.items.put(read.item);
}

/** One that is wrong costs no other one (guarantee G13). Of two with one id the later one stays. */
export async function saveItems(
  ports: ItemPorts,
  collection: string,
  given: readonly GivenItem[],
  now: number,
): Promise<readonly SavedItem[]> {
  const fields = await requireCollection(ports.catalog, collection);
  const read = given.map((one) => readItem(fields, one, now));
  await putItems(
    read.flatMap((one) => ('item' in one ? one.item : [])),
    ports.items,
  );
  return read.map((one, index) => {
    const { id } = given[index]!;
    return 'item' in one ? { index, id, status: 'saved' } : { index, id, status: 'refused', errors: one.problems };
  });
}

export async function putItems(items: readonly StoredItem[], store: Pick<ItemStore, 'put'>): Promise<void> {
  const last = [...new Map(items.map((item) => [itemName(item), item])).values()];
  for (let from = 0; from < last.length; from += CONCURRENT_PUTS) {
    await Promise.all(last.slice(from, from + CONCURRENT_PUTS).map((item) => store.put(item)));
  }
}
