// `npm run record-golden -- --release 0.1.0`: records what this release decides, for every later one to replay (guarantee G5).
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { groupDocuments } from '../../cli/documents/group-documents.ts';
import { readFolder } from '../../cli/folder/read-folder.ts';
import type { CatalogSnapshot } from '../../shared/domain/catalog.ts';
import { type CompiledCatalog as Catalog, compileCatalog } from '../../shared/domain/compiled-catalog.ts';
import type { Customer } from '../../shared/simulation/acts.ts';
import { Counters } from '../../shared/simulation/counters.ts';
import { type Documents, snapshotOf } from '../../shared/simulation/documents.ts';
import { readHistories } from '../../shared/simulation/histories.ts';
import { lifeOf, live } from '../../shared/simulation/live.ts';
import { customerOf, generateLife } from '../../shared/simulation/verify/generate.ts';
import { vocabularyOf } from '../../shared/simulation/verify/vocabulary.ts';
import fc from '../property.ts';
import { behaviourOfEndpoints, randomDocuments, randomJourney } from '../simulation/random-journey.ts';
import { Recorder, toLines } from './recording.ts';
import { segmentCustomers, segmentDocuments, segmentFigures } from './segments.ts';

const { release, again } = parseArgs({
  options: { release: { type: 'string' }, again: { type: 'boolean', default: false } },
}).values;
if (release === undefined || !/^\d+\.\d+\.\d+$/.test(release)) throw new Error('say --release 1.2.3');
const folder = join(import.meta.dirname, release);
if (existsSync(folder) && !again) {
  throw new Error(`${release} is recorded already; what was released stays as it is (before the release: --again)`);
}

const DAY_MS = 86_400_000;
const FROM = Date.parse('2026-10-19T09:00:00Z');
const MAX_BYTES = 500_000;
const behaviour = {
  messages: [{ opens: 0.6, clicks: 0.6, bounces: 0.08, complains: 0.05, unsubscribes: 0.05 }],
  webhooks: behaviourOfEndpoints,
};

function record(
  documents: Documents,
  customers: (catalog: Catalog) => Customer[],
  more: Partial<CatalogSnapshot> = {},
): string {
  // As it is stored and read again.
  const snapshot = JSON.parse(JSON.stringify({ ...snapshotOf(documents), ...more })) as CatalogSnapshot;
  const catalog = compileCatalog(snapshot);
  const recorder = new Recorder();
  const counters = new Counters();
  for (const customer of customers(catalog)) {
    const until = customer.acts.at(-1)!.at + 40 * DAY_MS;
    const witness = { decided: recorder.decided.bind(recorder), handed: () => {}, unsubscribed: () => {} };
    live([lifeOf(customer, { catalog, behaviour, counters, seed: customer.name, until }, witness)]);
  }
  return toLines({ catalog: snapshot, decisions: recorder.decisions });
}

/** Lives made of what the journeys speak of, each of another customer. */
const lives = (seed: string, count: number) => (catalog: Catalog) => {
  const vocabulary = vocabularyOf(catalog, [], FROM);
  return Array.from({ length: count }, (_, index) => {
    const { acts } = customerOf(generateLife(vocabulary, seed, index + 1));
    const name = `${seed}-${index + 1}`;
    return { name, acts: acts.map((act) => ({ ...act, userId: name })) };
  });
};

/** A device that becomes a customer, and a second one: what profiles do when they join. */
const twoDevices = () =>
  readHistories([
    {
      anonymousId: 'phone',
      at: '2026-10-19T09:00:00Z',
      event: 'Product Added',
      properties: { cart_id: 'c1', price: 50 },
    },
    { anonymousId: 'phone', userId: 'ada', at: '2026-10-19T09:30:00Z', traits: { email: 'ada@mail.example' } },
    {
      anonymousId: 'laptop',
      at: '2026-10-19T10:00:00Z',
      event: 'Product Added',
      properties: { cart_id: 'c2', price: 10 },
    },
    { userId: 'ada', at: '2026-10-19T10:05:00Z', event: 'Signed Up', properties: {} },
    { anonymousId: 'laptop', userId: 'ada', at: '2026-10-19T12:00:00Z', traits: { firstName: 'Ada' } },
    {
      anonymousId: 'phone',
      at: '2026-10-20T12:00:00Z',
      event: 'Order Completed',
      properties: { cart_id: 'c1', total: 50 },
    },
  ]);

const examples = join(import.meta.dirname, '../../examples');
const files = new Map<string, string>();
for (const trade of readdirSync(examples, { withFileTypes: true })) {
  if (!trade.isDirectory() || !existsSync(join(examples, trade.name, 'journeys'))) continue;
  const documents = groupDocuments(await readFolder(join(examples, trade.name)));
  const some = lives(trade.name, 2);
  const customers = trade.name === 'shop' ? (catalog: Catalog) => [...some(catalog), ...twoDevices()] : some;
  files.set(trade.name, record(documents, customers));
}
const random = fc.sample(fc.array(randomJourney, { minLength: 3, maxLength: 3 }), { seed: 16, numRuns: 7 });
for (const [index, all] of random.entries()) {
  const name = `random-${index}`;
  files.set(name, record(randomDocuments(all), lives(name, 3)));
}

files.set('segments', record(segmentDocuments, segmentCustomers, segmentFigures));

const bytes = [...files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
if (bytes > MAX_BYTES) throw new Error(`the recordings have ${bytes} bytes; ${MAX_BYTES} are enough for a release`);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [name, text] of files) writeFileSync(join(folder, `${name}.ndjson`), text);
process.stdout.write(`${files.size} recordings of ${release}, ${Math.round(bytes / 1_000)} KB\n`);
