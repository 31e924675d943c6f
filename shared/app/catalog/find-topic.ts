import type { CatalogSnapshot } from '../../domain/catalog.ts';
import type { Topic } from '../../domain/messaging/topic.ts';
import type { CatalogCache } from '../catalog-cache.ts';
import type { CatalogStore } from './ports.ts';

export interface TopicPorts {
  readonly catalog: Pick<CatalogStore, 'readSnapshot'>;
  /** Seconds old: what is asked with every message must not read the whole catalog each time. */
  readonly snapshots: CatalogCache<CatalogSnapshot>;
}

/** The first topic that matches, by id. What a seconds old copy does not have is looked for in the store. */
export async function findTopic(ports: TopicPorts, matches: (topic: Topic) => boolean): Promise<Topic | undefined> {
  const cached = (await ports.snapshots.current()).topics.find(matches);
  return cached ?? (await ports.catalog.readSnapshot()).topics.find(matches);
}
