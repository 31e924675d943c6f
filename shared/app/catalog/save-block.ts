import type { CatalogSnapshot } from '../../domain/catalog.ts';
import type { Block } from '../../domain/messaging/block.ts';
import type { Template } from '../../domain/messaging/template.ts';
import { Conflict, InvalidInput, type Problem, requireNoProblems } from '../../kernel/errors.ts';
import { checkTemplate, compileTemplate } from '../compile-template.ts';
import { blocksIn, checkBlock, readBlocks } from './blocks.ts';
import { readCollections } from './collections.ts';
import { documentEtag } from './document-etag.ts';
import { requireEtag } from './journey-lifecycle.ts';
import { readLiveDocument, saveLiveDocument } from './live-documents.ts';
import type { Actor, CatalogStore, Expectation } from './ports.ts';

export interface BlockUser {
  readonly template: string;
  /** That is live now. */
  readonly version: number;
  /** It has this content of the block. */
  readonly current: boolean;
  /** Why it could not be published anew. */
  readonly refused?: string;
}

/**
 * Saves a block. Templates have what it was when they were saved; `republish` saves those that use it anew, once all of
 * them are known to be sound with it. Without a change of a template, nobody's messages change, and the epoch stays.
 */
export async function saveBlock(
  catalog: CatalogStore,
  block: Block,
  expected: Expectation,
  actor: Actor,
  republish: boolean,
) {
  const blocks = await readBlocks(catalog, block, new Map([[block.id, block]]));
  requireNoProblems(checkBlock(block, blocks));
  const users = templatesWith(await catalog.readSnapshot(), block.id);
  const anew = republish ? await compiledAnew(catalog, users, block) : [];
  const { head, created } = await saveLiveDocument(
    catalog,
    'block',
    { id: block.id, name: block.id, document: block },
    expected,
    actor,
  );
  const etag = documentEtag(block);
  const usedBy: BlockUser[] = [];
  for (const { id, version, document } of users) {
    const next = anew.find((template) => template.id === id);
    if (next === undefined) usedBy.push({ template: id, version, current: document.blocks?.[block.id] === etag });
    else usedBy.push(await publishAnew(catalog, next, version, document, actor));
  }
  return { head, created, usedBy };
}

type User = CatalogSnapshot['templates'][number];

const templatesWith = ({ templates }: CatalogSnapshot, id: string): User[] =>
  templates.filter(({ document }) => document.blocks !== undefined && Object.hasOwn(document.blocks, id));

async function compiledAnew(catalog: CatalogStore, users: readonly User[], block: Block): Promise<Template[]> {
  const compiled: Template[] = [];
  const problems: Problem[] = [];
  for (const { id, document } of users) {
    const blocks = await readBlocks(catalog, document, new Map([[block.id, block]]));
    const found = await checkTemplate(document, { blocks, collections: await readCollections(catalog, document) });
    problems.push(
      ...found.map((one) => ({ ...one, pointer: '', detail: `template ${id}${one.pointer}: ${one.detail}` })),
    );
    compiled.push(await compileTemplate(document, blocks));
  }
  if (problems.length === 0) return compiled;
  const detail = 'templates that use the block would not be sound with it; nothing was saved';
  throw new InvalidInput('block.breaks-templates', detail, problems.slice(0, 100), 'invalid');
}

async function publishAnew(
  catalog: CatalogStore,
  document: Template,
  version: number,
  before: Template,
  actor: Actor,
): Promise<BlockUser> {
  const { id } = document;
  try {
    const expected = { etag: documentEtag(before) };
    if (documentEtag(document) === expected.etag) return { template: id, version, current: true };
    const { head } = await saveLiveDocument(catalog, 'template', { id, name: id, document }, expected, actor);
    return { template: id, version: head.latest, current: true };
  } catch (error) {
    if (!(error instanceof Conflict)) throw error;
    // Who saved it meanwhile has the block as it was, or as it is now: another republish settles it.
    return { template: id, version, current: false, refused: error.code };
  }
}

/** Refused while a live template or another block uses it. */
export async function removeBlock(
  catalog: CatalogStore,
  id: string,
  expected: Expectation | undefined,
  actor: Actor,
): Promise<void> {
  const { head } = await readLiveDocument(catalog, 'block', id);
  requireEtag(head, expected);
  const templates = templatesWith(await catalog.readSnapshot(), id).map((one) => `template ${one.id}`);
  const usedBy = [...templates, ...(await blocksWith(catalog, id)).map((one) => `block ${one}`)];
  if (usedBy.length > 0) {
    const fix = 'save it without this block';
    const problems = usedBy.slice(0, 100).map((detail) => ({ pointer: '', code: 'block.used-by', detail, fix }));
    throw new Conflict('block.used', `${usedBy.length} documents use block ${id}`, 'state', problems);
  }
  await catalog.removeLive('block', head, actor);
}

async function blocksWith(catalog: CatalogStore, id: string): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await catalog.listHeads('block', { limit: 100, ...(cursor !== undefined && { cursor }) });
    for (const head of page.data) {
      if (head.live === undefined || head.id === id) continue;
      const version = await catalog.readVersion('block', head.id, head.live);
      if (version !== undefined && blocksIn(version.document).has(id)) found.push(head.id);
    }
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return found;
}
