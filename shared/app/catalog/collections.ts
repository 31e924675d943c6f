import type { CatalogSnapshot } from '../../domain/catalog.ts';
import type { Collection, Collections } from '../../domain/messaging/collection.ts';
import { checkExamples } from '../../domain/messaging/collection-item.ts';
import type { Template } from '../../domain/messaging/template.ts';
import { Conflict, NotFound, type Problem, requireNoProblems } from '../../kernel/errors.ts';
import { jsonPointer } from '../../kernel/json-pointer.ts';
import type { ItemStore } from '../collections/items.ts';
import { checkTemplate } from '../compile-template.ts';
import { type ClearParams, clearJobId } from '../scans/kinds/clear.ts';
import type { StartScan } from '../scans/start-scan.ts';
import { readBlocks } from './blocks.ts';
import { requireEtag } from './journey-lifecycle.ts';
import { saveLiveDocument } from './live-documents.ts';
import type { Actor, CatalogStore, Expectation } from './ports.ts';

type Reader = Pick<CatalogStore, 'readHead' | 'readVersion'>;

/** Those that a template looks things up in. What is not there is left out: whoever checks says so. */
export async function readCollections(
  catalog: Reader,
  { lookups = {} }: Pick<Template, 'lookups'>,
  given: Collections = new Map(),
): Promise<Collections> {
  const found = new Map(given);
  for (const { collection: id } of Object.values(lookups)) {
    const there = found.get(id) ?? (await readCollection(catalog, id));
    if (there !== undefined) found.set(id, there);
  }
  return found;
}

async function readCollection(catalog: Reader, id: string): Promise<Collection | undefined> {
  const head = await catalog.readHead('collection', id);
  const version = head?.live === undefined ? undefined : await catalog.readVersion('collection', id, head.live);
  return version?.document as Collection | undefined;
}

export interface CollectionPorts {
  readonly catalog: CatalogStore;
  readonly items: Pick<ItemStore, 'list'>;
  readonly startScan: StartScan;
}

/**
 * Saves which fields items have.
 *
 * 1. What templates read stays: one that would not be sound any more is named, and nothing is saved.
 * 2. What items hold stays true: as long as there are any, fields are added and loosened, nothing else.
 */
export async function saveCollection(
  ports: CollectionPorts,
  collection: Collection,
  expected: Expectation,
  actor: Actor,
) {
  const { id, name } = collection;
  requireNoProblems(checkExamples(collection));
  const { catalog, items } = ports;
  const before = await readCollection(catalog, id);
  const untrue = before === undefined ? [] : whatItemsLack(before, collection);
  const mustBeEmpty = before === undefined || untrue.length > 0;
  if (mustBeEmpty && (await items.list(id, { limit: 1 })).data.length > 0) {
    const detail =
      before === undefined
        ? `items of an earlier collection ${id} are still being deleted: see its job, and try again`
        : `items of ${id} were saved with other fields; nothing was saved`;
    throw new Conflict(
      before === undefined ? 'collection.clearing' : 'collection.breaks-items',
      detail,
      'state',
      untrue,
    );
  }
  if (before !== undefined) await requireSoundTemplates(catalog, collection);
  return saveLiveDocument(catalog, 'collection', { id, name, document: collection }, expected, actor);
}

function whatItemsLack({ fields: before }: Collection, { fields: after }: Collection): Problem[] {
  const fix = 'delete its items first, or use another collection';
  const removed = Object.keys(before).filter((name) => !Object.hasOwn(after, name));
  const changed = Object.entries(after).flatMap(([name, { type, required, currency, enum: allowed }]): Problem[] => {
    const pointer = jsonPointer(['fields', name]);
    const old = Object.hasOwn(before, name) ? before[name] : undefined;
    const refuse = (code: string, detail: string, more = {}): Problem[] => [{ pointer, code, detail, fix, ...more }];
    if (required === true && old?.required !== true) {
      return refuse('collection.field-required', 'items may lack it', { fix: 'leave it optional' });
    }
    if (old === undefined) return [];
    if (old.type !== type) {
      return refuse('collection.field-type', 'items have it in another type', { limit: old.type, actual: type });
    }
    if (currency !== undefined && old.currency !== currency) {
      return refuse('collection.field-currency', 'items may have it in another currency');
    }
    const isNarrower = allowed !== undefined && (old.enum?.some((one) => !allowed.includes(one)) ?? true);
    return isNarrower ? refuse('collection.field-enum', 'items may have a value that would not be allowed') : [];
  });
  return [
    ...removed.map((name) => ({
      ...{ pointer: jsonPointer(['fields', name]), code: 'collection.field-removed', detail: 'items may have it', fix },
    })),
    ...changed,
  ];
}

const templatesWith = async (catalog: Pick<CatalogStore, 'readSnapshot'>, id: string) =>
  (await catalog.readSnapshot()).templates.filter(({ document }) => looksIn(document, id));

const looksIn = ({ lookups = {} }: Pick<Template, 'lookups'>, id: string): boolean =>
  Object.values(lookups).some(({ collection }) => collection === id);

async function requireSoundTemplates(catalog: CatalogStore, collection: Collection): Promise<void> {
  const problems: Problem[] = [];
  const given = new Map([[collection.id, collection]]);
  for (const { id, document } of await templatesWith(catalog, collection.id)) {
    const blocks = await readBlocks(catalog, document);
    const collections = await readCollections(catalog, document, given);
    const found = await checkTemplate(document, { blocks, collections });
    const ofLookups = found.filter(({ code }) => !isKnownBefore(code));
    problems.push(
      ...ofLookups.map((one) => ({ ...one, pointer: '', detail: `template ${id}${one.pointer}: ${one.detail}` })),
    );
  }
  if (problems.length === 0) return;
  const detail = 'templates that look things up in it would not be sound any more; nothing was saved';
  throw new Conflict('collection.breaks-templates', detail, 'state', problems.slice(0, 100));
}

/** What has come over a template since by its blocks is not this collection's fault. */
const isKnownBefore = (code: string): boolean => code.startsWith('block.');

/**
 * Refused while a live template looks things up in it, or a version that a journey pins. A job deletes its items; asked again, it is started if it was not.
 *
 * @returns the job's id.
 */
export async function removeCollection(
  { catalog, startScan }: Omit<CollectionPorts, 'items'>,
  id: string,
  expected: Expectation | undefined,
  actor: Actor,
): Promise<string> {
  const head = await catalog.readHead('collection', id);
  if (head === undefined) throw new NotFound('collection.not-found', `there is no collection ${id}`);
  if (head.state !== 'removed') {
    requireEtag(head, expected);
    const { templates, journeys } = await catalog.readSnapshot();
    requireUnused(id, [
      ...templates.filter(({ document }) => looksIn(document, id)).map(ofTemplate),
      ...(await pinnedWith(catalog, journeys, id)),
    ]);
    await catalog.removeLive('collection', head, actor);
  }
  const savedBy = head.state === 'removed' ? head.changedAt : actor.at;
  const params: ClearParams = { collection: id, savedBy };
  const job = { id: clearJobId(id, head.latest), kind: 'clear', params, by: actor.by, segments: 1 };
  return (await startScan(job)).id;
}

interface User {
  readonly detail: string;
  readonly fix: string;
}

const ofTemplate = ({ id }: { readonly id: string }): User => ({
  detail: `template ${id}`,
  fix: 'save it without this look-up',
});

/** Steps of journeys that still send, and pin a version of a template that looks things up in it, whatever is live. */
async function pinnedWith(
  catalog: Pick<CatalogStore, 'readVersion'>,
  journeys: CatalogSnapshot['journeys'],
  id: string,
): Promise<User[]> {
  const users: User[] = [];
  const found = new Map<string, boolean>();
  for (const { id: journey, state, document } of journeys) {
    if (state === 'stopped' || state === 'archived') continue;
    for (const [step, one] of Object.entries(document.steps)) {
      const [template, version] = one.type === 'message' ? one.template.split('@') : [];
      if (template === undefined || version === undefined) continue;
      const name = `${template}@${version}`;
      if (!found.has(name)) {
        const pinned = await catalog.readVersion('template', template, Number(version));
        found.set(name, pinned !== undefined && looksIn(pinned.document as Template, id));
      }
      const fix = 'publish it with another version of the template, or stop the journey';
      if (found.get(name)) users.push({ detail: `journey ${journey}, step ${step}: template ${name}`, fix });
    }
  }
  return users;
}

function requireUnused(id: string, users: readonly User[]): void {
  if (users.length === 0) return;
  const problems = users.slice(0, 100).map((one) => ({ pointer: '', code: 'collection.used-by', ...one }));
  const detail = `${users.length} templates and steps of journeys use collection ${id}`;
  throw new Conflict('collection.used', detail, 'state', problems);
}
