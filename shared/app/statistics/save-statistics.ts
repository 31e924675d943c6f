import { comparedWith, type Statistics } from '../../domain/statistics/statistics.ts';
import { documentEtag } from '../catalog/document-etag.ts';
import { saveLiveDocument } from '../catalog/live-documents.ts';
import { type Actor, type CatalogStore, STATISTICS_ID } from '../catalog/ports.ts';

export type StatisticsDocuments = Pick<CatalogStore, 'readHead' | 'readVersion' | 'saveLive'>;

/** Undefined before the first night. */
export async function readStatistics(catalog: Omit<StatisticsDocuments, 'saveLive'>): Promise<Statistics | undefined> {
  const head = await catalog.readHead('statistics', STATISTICS_ID);
  const found =
    head?.live === undefined ? undefined : await catalog.readVersion('statistics', STATISTICS_ID, head.live);
  return found?.document as Statistics | undefined;
}

/**
 * Live at once, unless a later job was quicker. Those of the same instant again change nothing, so whoever does not know
 * whether they were saved saves them again.
 */
export async function saveStatistics(catalog: StatisticsDocuments, statistics: Statistics, actor: Actor) {
  const before = await readStatistics(catalog);
  if (before !== undefined && before.at >= statistics.at) return;
  const expected = before === undefined ? ({ absent: true } as const) : { etag: documentEtag(before) };
  const document = { id: STATISTICS_ID, name: 'statistics', document: comparedWith(before, statistics) };
  await saveLiveDocument(catalog, 'statistics', document, expected, actor);
}
