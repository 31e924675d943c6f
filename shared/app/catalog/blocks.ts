import type { Block, Blocks } from '../../domain/messaging/block.ts';
import { blocksNamedIn } from '../../domain/messaging/render/block-tags.ts';
import { expandBlocks, isBlockFault } from '../../domain/messaging/render/expand-blocks.ts';
import { isFailure, parseLiquid } from '../../domain/messaging/render/liquid.ts';
import type { Problem } from '../../kernel/errors.ts';
import type { CatalogStore } from './ports.ts';

/** The blocks that a document names, and those that they name. What is not there is left out: whoever checks says so. */
export async function readBlocks(
  catalog: Pick<CatalogStore, 'readHead' | 'readVersion'>,
  document: unknown,
  given: Blocks = new Map(),
): Promise<Blocks> {
  const found = new Map(given);
  const asked = new Set<string>();
  const ask = async (of: unknown): Promise<void> => {
    for (const id of blocksIn(of)) {
      if (asked.has(id)) continue;
      asked.add(id);
      const block = found.get(id) ?? (await readBlock(catalog, id));
      if (block === undefined) continue;
      found.set(id, block);
      await ask(block);
    }
  };
  await ask(document);
  return found;
}

async function readBlock(
  catalog: Pick<CatalogStore, 'readHead' | 'readVersion'>,
  id: string,
): Promise<Block | undefined> {
  const head = await catalog.readHead('block', id);
  const version = head?.live === undefined ? undefined : await catalog.readVersion('block', id, head.live);
  return version?.document as Block | undefined;
}

/** Wherever they stand in it. */
export function blocksIn(document: unknown): Set<string> {
  const ids = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node === 'string') for (const id of blocksNamedIn(node)) ids.add(id);
    else if (typeof node === 'object' && node !== null) Object.values(node).forEach(visit);
  };
  visit(document);
  return ids;
}

/** By itself: what it names is there, and it is Liquid. Whether it fits, templates say. `blocks`: the others. */
export function checkBlock(block: Block, others: Blocks): Problem[] {
  const blocks = new Map([...others, [block.id, block]]);
  const given = Object.keys(block.parameters ?? {}).map((name) => `, ${name}: vars.${name}`);
  return block.variants.flatMap(({ locale, content }, index) =>
    Object.entries(content).flatMap(([part, source]): Problem[] => {
      const pointer = `/variants/${index}/content/${part}`;
      const tag = /\{%-?\s*block\b/.test(source) ? 'layout' : 'render';
      const place = { part: part as keyof typeof content, locale };
      const expanded = expandBlocks(`{% ${tag} '${block.id}'${given.join('')} %}`, blocks, place);
      if (isBlockFault(expanded)) return [{ pointer, ...expanded }];
      const nodes = parseLiquid(expanded.text);
      if (Array.isArray(nodes) || !isFailure(nodes)) return [];
      const { code, detail, line, column } = nodes;
      return [{ pointer, code, detail: `line ${line}, column ${column}: ${detail}` }];
    }),
  );
}
