import { Block, type Blocks } from '../../shared/domain/messaging/block.ts';
import { expandVariant } from '../../shared/domain/messaging/render/expand-variant.ts';
import { Template } from '../../shared/domain/messaging/template.ts';
import type { WrittenDocument } from '../folder/documents.ts';

/** What a folder holds, by kind, as `simulate` and `verify` take it. Nothing is checked here. */
export function groupDocuments(written: readonly WrittenDocument[]) {
  const of = (kind: WrittenDocument['kind']): unknown[] =>
    written.filter((one) => one.kind === kind).map(({ value }) => value);
  const [policy] = of('policy');
  const blocks = new Map(
    of('block').flatMap((value) => {
      const block = Block.safeParse(value).data;
      return block === undefined ? [] : [[block.id, block] as const];
    }),
  );
  return {
    journeys: of('journey'),
    templates: of('template').map((template) => withBlocks(template, blocks)),
    topics: of('topic'),
    endpoints: of('endpoint'),
    computedTraits: of('computed-trait'),
    segments: of('segment'),
    ...(policy !== undefined && { policy }),
  };
}

/** As a template is read after it was saved; one that its schema refuses is refused by whoever reads it. */
function withBlocks(value: unknown, blocks: Blocks): unknown {
  const template = Template.safeParse(value).data;
  const variants = template?.variants.map((variant) => {
    const { compiled } = expandVariant(variant, blocks);
    return compiled === undefined ? variant : { ...variant, compiled };
  });
  return variants?.some(({ compiled }) => compiled !== undefined) ? { ...template, variants } : value;
}
