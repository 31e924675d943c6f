import type { Collection, Collections } from '../../domain/messaging/collection.ts';
import type { CatalogStore } from './ports.ts';

/** For whoever reads rows that may name any of them. */
export async function readAllCollections(
  catalog: Pick<CatalogStore, 'listHeads' | 'readVersion'>,
): Promise<Collections> {
  const found = new Map<string, Collection>();
  let cursor: string | undefined;
  do {
    const page = await catalog.listHeads('collection', { limit: 100, ...(cursor !== undefined && { cursor }) });
    for (const { id, live } of page.data) {
      const version = live === undefined ? undefined : await catalog.readVersion('collection', id, live);
      if (version !== undefined) found.set(id, version.document as Collection);
    }
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return found;
}
