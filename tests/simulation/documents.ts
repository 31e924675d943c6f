import { join } from 'node:path';
import { groupDocuments } from '../../cli/documents/group-documents.ts';
import { readFolder } from '../../cli/folder/read-folder.ts';
import { demoJourneys } from '../../local/demo/load-examples.ts';
import type { Documents } from '../../shared/simulation/index.ts';

const library = groupDocuments(await readFolder(join(import.meta.dirname, '../../examples/shop')));
const named = (one: unknown) => (one as { readonly id: string }).id;
const others = library.journeys.filter((journey) => !demoJourneys.includes(named(journey)));
/** The example shop without what only the other journeys of its library need. */
export const shop = {
  ...library,
  journeys: library.journeys.filter((journey) => !others.includes(journey)),
  templates: library.templates.filter((template) => !JSON.stringify(others).includes(`"${named(template)}"`)),
  topics: library.topics.filter((topic) => named(topic) !== 'reviews'),
};

const news = { id: 'news', kind: 'marketing', consent: { email: 'opt-out' } };
const content = { subject: 'Hello', text: 'Hello {{ unsubscribe_url }} {{ postal_address }}' };
export const template = (id: string, more: object = {}) => ({
  schemaVersion: 1,
  id,
  variables: {},
  variants: [{ channel: 'email', content }],
  ...more,
});

/** A journey that needs to say only what its test is about, with all it refers to. */
export function documents(
  journey: { readonly steps: { readonly [id: string]: object }; readonly [key: string]: unknown },
  more: Partial<Documents> = {},
): Documents {
  return {
    journeys: [
      {
        schemaVersion: 1,
        id: 'welcome',
        name: 'Welcome',
        topic: 'news',
        entry: [{ on: 'event', event: 'Signed Up' }],
        reentry: { again: 'after-exit', whileInside: 'ignore' },
        start: Object.keys(journey.steps)[0],
        ...journey,
      },
    ],
    templates: [template('hello'), template('again')],
    topics: [news],
    ...more,
  };
}

export const message = (next = 'end', more: object = {}) => ({
  type: 'message',
  template: 'hello',
  channels: ['email'],
  next,
  ...more,
});
export const wait = (duration: string, next = 'end') => ({ type: 'wait', for: duration, next });
