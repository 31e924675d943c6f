import * as z from 'zod';
import type { Page, PageRequest } from '../app/page.ts';
import type { IssueParams } from '../kernel/schema.ts';

/** `?limit=1..200&cursor=` */
const Limit = z
  .string()
  .refine((text) => /^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= 200, {
    params: { code: 'limit', limit: '1 to 200' } satisfies IssueParams,
  })
  .meta({ description: '1 to 200; 50 when absent' });
const Cursor = z.string().min(1).max(2_000).meta({ description: '`nextCursor` of the page before' });

export const pageQuery = { limit: Limit.exactOptional(), cursor: Cursor.exactOptional() };

export const readPage = (query: { readonly limit?: string; readonly cursor?: string }): PageRequest => ({
  limit: Number(query.limit ?? 50),
  ...(query.cursor !== undefined && { cursor: query.cursor }),
});

/** Where a page is what a scan kept of one of its own, of whatever size. */
export const keptQuery = { cursor: Cursor.exactOptional() };

export const readKeptPage = (query: { readonly cursor?: string }): PageRequest => ({ ...readPage(query), limit: 1 });

export const listOf = (item: z.ZodType) =>
  z.object({ data: z.array(item), nextCursor: z.string().nullable().meta({ description: 'null on the last page' }) });

export const listAnswer = <T>(page: Page<T>, show: (item: T) => unknown = (item) => item) => ({
  data: page.data.map(show),
  nextCursor: page.nextCursor ?? null,
});
