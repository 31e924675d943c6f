import { digest } from '../../../kernel/ids.ts';
import { scanKind } from '../scan-kind.ts';

export type ClearParams = {
  readonly collection: string;
  /** What was saved later belongs to another collection of this name; epoch milliseconds. */
  readonly savedBy: number;
};

const PAGE_ITEMS = 100;
const CONCURRENT_DELETES = 25;

/** Of one version of a collection, the last before it was removed. */
export const clearJobId = (collection: string, version: number): string =>
  `clear-${digest('collection', collection, String(version))}`;

/** Deletes the items of a collection that was removed. */
export const clearKind = scanKind<ClearParams>({
  kind: 'clear',
  async open({ params: { collection, savedBy } }, from, { items }) {
    let cursor = from;
    return {
      async next() {
        const page = await items.list(collection, { limit: PAGE_ITEMS, ...(cursor !== undefined && { cursor }) });
        let deleted = 0;
        for (let at = 0; at < page.data.length; at += CONCURRENT_DELETES) {
          const some = page.data.slice(at, at + CONCURRENT_DELETES);
          const done = await Promise.all(some.map((item) => items.remove(item, savedBy)));
          deleted += done.filter(Boolean).length;
        }
        cursor = page.nextCursor;
        return { counts: { scanned: page.data.length, deleted }, ...(cursor !== undefined && { cursor }) };
      },
    };
  },
  result: ({ counts }) => ({ deleted: counts['deleted'] ?? 0 }),
});
