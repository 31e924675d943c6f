import type { BlockPart, Blocks } from '../block.ts';
import { channelSpecs } from '../channels/registry.ts';
import type { TemplateVariant } from '../template.ts';
import { type BlockFault, expandBlocks, isBlockFault } from './expand-blocks.ts';

/** The html that stands beside mjml is made of it, and says nothing of its own. */
export function expandVariant({ channel, locale, content }: TemplateVariant, blocks: Blocks) {
  const used = new Set<string>();
  const faults: ({ readonly part: string } & BlockFault)[] = [];
  const sources = Object.entries(content).filter(([part]) => part !== 'html' || content['mjml'] === undefined);
  const expanded = sources.map(([part, source]) => {
    const result = expandBlocks(source, blocks, { part: blockPartOf(channel, part), locale });
    if (isBlockFault(result)) {
      faults.push({ part, ...result });
      return [part, ''] as const;
    }
    for (const id of result.used) used.add(id);
    return [part, result.text] as const;
  });
  const changed = expanded.filter(([part, text]) => text !== content[part]);
  return {
    content: Object.fromEntries(expanded),
    /** Parts that blocks were put into; undefined when it has none. */
    compiled: changed.length === 0 ? undefined : Object.fromEntries(changed),
    faults,
    used,
  };
}

function blockPartOf(channel: TemplateVariant['channel'], part: string): BlockPart {
  if (part === 'mjml') return 'mjml';
  const { parts } = channelSpecs[channel];
  return Object.hasOwn(parts, part) && parts[part]!.escaping === 'html' ? 'html' : 'text';
}
