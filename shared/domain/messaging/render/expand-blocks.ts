import type { Block, BlockPart, Blocks } from '../block.ts';
import { type BlockTag, blockNameIn, blockTags, blockUseIn, withParameters } from './block-tags.ts';
import { localeParents } from './variant.ts';

/**
 * Blocks are put into a template when it is saved, as text and before MJML is compiled (ADR 0028).
 *
 * 1. A block sees what its template sees, and its parameters, which become what was given for them.
 * 2. Nothing is looked up at hand-over, and a change of a block changes no template by itself.
 * 3. However blocks name each other, it ends: by depth, and by the size of what comes of it.
 */
export interface Place {
  readonly part: BlockPart;
  /** The template variant's: its blocks are in its language. */
  readonly locale: string | undefined;
}

export interface Expanded {
  readonly text: string;
  /** Ids of all blocks that are in it. */
  readonly used: ReadonlySet<string>;
}

export interface BlockFault {
  readonly code:
    | 'block.unknown'
    | 'block.no-variant'
    | 'block.part-missing'
    | 'block.tag'
    | 'block.parameter-unknown'
    | 'block.parameter-missing'
    | 'block.layout'
    | 'block.nested'
    | 'block.too-large';
  readonly detail: string;
  readonly fix?: string;
}

export const isBlockFault = (result: object): result is BlockFault => 'code' in result;

export const blockLimits = { depth: 5, characters: 600_000 } as const;

class Fault extends Error {
  readonly fault: BlockFault;
  constructor(code: BlockFault['code'], detail: string, fix?: string) {
    super(detail);
    this.fault = { code, detail, ...(fix !== undefined && { fix }) };
  }
}

export function expandBlocks(text: string, blocks: Blocks, place: Place): Expanded | BlockFault {
  const used = new Set<string>();
  try {
    return { text: expand(text, { blocks, place, used, left: { characters: blockLimits.characters } }, []), used };
  } catch (error) {
    if (error instanceof Fault) return error.fault;
    throw error;
  }
}

interface Work {
  readonly blocks: Blocks;
  readonly place: Place;
  readonly used: Set<string>;
  /** Shared by all that is put in. */
  readonly left: { characters: number };
}

function expand(text: string, work: Work, way: readonly string[]): string {
  const laidOut = withLayout(text, work, way);
  let from = 0;
  let out = '';
  for (const tag of blockTags(laidOut.text)) {
    if (tag.name !== 'render') throw new Fault('block.layout', `{% ${tag.name} %} cannot stand here`);
    out += laidOut.text.slice(from, tag.from);
    const { source, id } = sourceOf(tag, work, laidOut.way);
    out += expand(source, work, [...laidOut.way, id]);
    from = tag.to;
  }
  return out + laidOut.text.slice(from);
}

function sourceOf(tag: BlockTag, work: Work, way: readonly string[]): { readonly source: string; readonly id: string } {
  const use = blockUseIn(tag.markup);
  if (use === undefined) {
    const fix = `write {% ${tag.name} 'footer' %}, or with values: {% ${tag.name} 'button', label: "Buy", url: event.url %}`;
    throw new Fault('block.tag', `{% ${tag.name} ${tag.markup.slice(0, 60)} %} cannot be read`, fix);
  }
  const { id, given } = use;
  const block = work.blocks.get(id);
  if (block === undefined) throw new Fault('block.unknown', `there is no block ${id}`);
  if (way.includes(id)) throw new Fault('block.nested', `block ${id} is in itself: ${[...way, id].join(' → ')}`);
  if (way.length >= blockLimits.depth) {
    throw new Fault('block.nested', `blocks within blocks: more than ${blockLimits.depth} deep`);
  }
  work.used.add(id);
  const source = withParameters(contentOf(block, work.place), parametersOf(block, given));
  work.left.characters -= source.length;
  if (work.left.characters < 0) {
    throw new Fault('block.too-large', `blocks come to more than ${blockLimits.characters} characters`);
  }
  return { source, id };
}

function contentOf({ id, variants }: Block, { locale, part }: Place): string {
  const wanted = [...(locale === undefined ? [] : localeParents(locale)), undefined];
  const variant = wanted
    .map((one) => variants.find((each) => each.locale?.toLowerCase() === one?.toLowerCase()))
    .find((one) => one !== undefined);
  if (variant === undefined) {
    const lacks = locale === undefined ? 'without a locale' : `for ${locale}, and none without a locale`;
    throw new Fault('block.no-variant', `block ${id} has no variant ${lacks}`);
  }
  const content = variant.content[part];
  if (content !== undefined) return content;
  throw new Fault('block.part-missing', `block ${id} has no ${part}`, `add content.${part} to the block`);
}

function parametersOf({ id, parameters = {} }: Block, given: ReadonlyMap<string, string>): Map<string, string> {
  for (const name of given.keys()) {
    if (Object.hasOwn(parameters, name)) continue;
    const known = Object.keys(parameters).join(', ') || 'none';
    throw new Fault('block.parameter-unknown', `block ${id} has no parameter ${name}; it has: ${known}`);
  }
  return new Map(
    Object.entries(parameters).map(([name, { required }]) => {
      const value = given.get(name);
      if (value === undefined && required === true) {
        throw new Fault('block.parameter-missing', `block ${id} needs ${name}`);
      }
      return [name, value ?? 'nil'];
    }),
  );
}

/** A layout is a block with places in it; a text that begins with its tag fills them. */
function withLayout(text: string, work: Work, way: readonly string[]): { text: string; way: readonly string[] } {
  const [first] = blockTags(text);
  if (first?.name !== 'layout') return { text, way };
  if (text.slice(0, first.from).trim() !== '')
    throw new Fault('block.layout', '{% layout %} is the first thing of a part');
  const { source, id } = sourceOf(first, work, way);
  const filled = new Map<string, string>();
  const rest = text.slice(first.to);
  const outside = eachBlock(rest, (name, inside) => {
    filled.set(name, inside);
    return '';
  });
  if (outside.trim() !== '') {
    throw new Fault('block.layout', 'with a layout, everything stands in {% block name %}…{% endblock %}');
  }
  const places = new Set<string>();
  const laidOut = eachBlock(source, (name, inside) => {
    places.add(name);
    return filled.get(name) ?? inside;
  });
  const unknown = [...filled.keys()].find((name) => !places.has(name));
  if (unknown !== undefined) {
    const known = [...places].join(', ') || 'none';
    throw new Fault('block.layout', `layout ${id} has no place ${unknown}; it has: ${known}`);
  }
  return { text: laidOut, way: [...way, id] };
}

function eachBlock(text: string, replace: (name: string, inside: string) => string): string {
  let out = '';
  let from = 0;
  let open: { readonly name: string; readonly to: number } | undefined;
  for (const tag of blockTags(text)) {
    if (tag.name === 'block') {
      const name = blockNameIn(tag.markup);
      if (open !== undefined || name === undefined) {
        throw new Fault('block.layout', open ? 'a {% block %} stands in another' : 'a {% block %} without a name');
      }
      out += text.slice(from, tag.from);
      open = { name, to: tag.to };
    }
    if (tag.name !== 'endblock') continue;
    if (open === undefined) throw new Fault('block.layout', 'an {% endblock %} without its {% block %}');
    out += replace(open.name, text.slice(open.to, tag.from));
    from = tag.to;
    open = undefined;
  }
  if (open !== undefined) throw new Fault('block.layout', `{% block ${open.name} %} has no {% endblock %}`);
  return out + text.slice(from);
}
