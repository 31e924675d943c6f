import type { Item } from '../../domain/messaging/collection-item.ts';
import type { Page, PageRequest } from '../page.ts';

/** Names an item. */
export interface ItemKey {
  readonly collection: string;
  readonly id: string;
}

/** No id of a collection has a space in it. */
export const itemName = ({ collection, id }: ItemKey): string => `${collection} ${id}`;

export type StoredItem = Item & Pick<ItemKey, 'collection'>;

/** Those that exist, in no order, as they are at this moment; expired ones too, until the table has deleted them. */
export type ReadItems = (wanted: readonly ItemKey[]) => Promise<readonly StoredItem[]>;

export interface ItemStore {
  /** At most 100 at once, none of them twice. */
  readonly read: ReadItems;
  /** In the order of ids, as bytes. */
  list(collection: string, page: PageRequest): Promise<Page<StoredItem>>;
  /** In the place of what is there. */
  put(item: StoredItem): Promise<void>;
  /** @param savedBy leaves alone what was saved later. False: nothing was there to remove. */
  remove(item: ItemKey, savedBy?: number): Promise<boolean>;
}

export const isExpired = ({ expiresAt }: Pick<Item, 'expiresAt'>, now: number): boolean =>
  expiresAt !== undefined && expiresAt <= now;
