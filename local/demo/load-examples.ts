import { readFolder } from '../../cli/folder/read-folder.ts';
import type { ApiClient } from './api-client.ts';

const paths = {
  topic: '/v1/topics',
  endpoint: '/v1/endpoints',
  'computed-trait': '/v1/computed-traits',
  segment: '/v1/segments',
  block: '/v1/blocks',
  collection: '/v1/collections',
  template: '/v1/templates',
  journey: '/v1/journeys',
};

/** Of the library of the example shop: what the made-up customers' events set off, with figures that the README shows. */
export const demoJourneys: readonly string[] = ['cart-abandonment', 'welcome', 'win-back'];

/** Puts a folder of documents through the management API, as a team would, and publishes the journeys of the demo. */
export async function loadExamples(api: ApiClient, folder: string, log: (line: string) => void): Promise<string[]> {
  const documents = await readFolder(folder);
  const published: string[] = [];
  for (const { kind, value } of documents) {
    const { id } = value as { id: string };
    if (kind === 'journey' && !demoJourneys.includes(id)) continue;
    const path = kind === 'policy' ? '/v1/policy' : `${paths[kind]}/${id}`;
    const etag = await api.put(path, value);
    if (kind !== 'journey') continue;
    await api.post(`${path}/publish`, { draftEtag: etag.replaceAll('"', '') });
    published.push(id);
  }
  const templates = documents.filter(({ kind }) => kind === 'template').length;
  log(`${templates} templates, ${published.length} journeys published: ${published.join(', ')}`);
  return published;
}
