import { replaceSpans, spansIn } from '../../../kernel/spans.ts';

/** `{% render 'footer' %}`, `{% layout 'brand' %}`, `{% block body %}…{% endblock %}` in a text, outside raw and comments. */
export interface BlockTag {
  readonly name: 'render' | 'layout' | 'block' | 'endblock';
  /** After the name. */
  readonly markup: string;
  readonly from: number;
  readonly to: number;
}

/**
 * A dash takes the white space beside it away, as with every tag of Liquid. From the first that nothing closes on there
 * are none: Liquid refuses the text there.
 */
export function blockTags(text: string): BlockTag[] {
  const opening = /\{%-?\s*(?:(raw|comment)\s*-?%\}|(render|layout|block|endblock)\b)/g;
  const found: BlockTag[] = [];
  for (let match = opening.exec(text); match !== null; match = opening.exec(text)) {
    const { 0: start, 1: verbatim, 2: name, index } = match;
    const inside = opening.lastIndex;
    const end = verbatim === undefined ? endOfTag(text, inside) : endOfVerbatim(text, verbatim, inside);
    if (end === undefined) break;
    opening.lastIndex = end;
    if (name === undefined) continue;
    const dash = text[end - 3] === '-' && end - 3 >= inside;
    const after = text.slice(end);
    const from = start.startsWith('{%-') ? text.slice(0, index).trimEnd().length : index;
    const to = end + (dash ? after.length - after.trimStart().length : 0);
    const markup = text.slice(inside, end - (dash ? 3 : 2)).trim();
    found.push({ name: name as BlockTag['name'], markup, from, to });
  }
  return found;
}

/** Past `%}`, which may stand in quotes. A quote that nothing closes is a character like others. */
function endOfTag(text: string, from: number): number | undefined {
  const marks = /["']|%\}/g;
  marks.lastIndex = from;
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    if (mark[0] === '%}') return marks.lastIndex;
    const close = text.indexOf(mark[0], marks.lastIndex);
    if (close >= 0) marks.lastIndex = close + 1;
  }
  return undefined;
}

function endOfVerbatim(text: string, name: string, from: number): number | undefined {
  const closing = name === 'raw' ? /\{%-?\s*endraw\s*-?%\}/g : /\{%-?\s*endcomment\s*-?%\}/g;
  closing.lastIndex = from;
  return closing.exec(text) === null ? undefined : closing.lastIndex;
}

export interface BlockUse {
  readonly id: string;
  /** As written: a literal, or the path of a value. */
  readonly given: ReadonlyMap<string, string>;
}

/** `'button', label: "Buy", href: event.url`; undefined for anything else. */
export function blockUseIn(markup: string): BlockUse | undefined {
  const [, , id, rest] = /^(["'])([a-z0-9][a-z0-9-]*)\1(.*)$/s.exec(markup) ?? [];
  if (id === undefined) return undefined;
  const given = new Map<string, string>();
  const argument = /\s*,\s*([a-z][a-z0-9_]*)\s*:\s*("[^"]*"|'[^']*'|[^\s,|:"']+)/y;
  let end = 0;
  for (let match = argument.exec(rest!); match !== null; match = argument.exec(rest!)) {
    given.set(match[1]!, singleQuoted(match[2]!));
    end = argument.lastIndex;
  }
  return rest!.slice(end).trim() === '' ? { id, given } : undefined;
}

/** A text must not end the attribute that it is put into, and those are written with double quotes. */
const singleQuoted = (value: string): string =>
  value.startsWith('"') && !value.includes("'") ? `'${value.slice(1, -1)}'` : value;

export const blockNameIn = (markup: string): string | undefined => /^["']?([\w-]+)["']?$/.exec(markup)?.[1];

/** The blocks that a text names itself. */
export const blocksNamedIn = (text: string): string[] =>
  blockTags(text).flatMap(({ name, markup }) => {
    const id = name === 'render' || name === 'layout' ? blockUseIn(markup)?.id : undefined;
    return id === undefined ? [] : [id];
  });

/** Names inside outputs and tags become what was given for them; text around them stays, and so does `event.label`. */
export function withParameters(text: string, values: ReadonlyMap<string, string>): string {
  if (values.size === 0) return text;
  return replaceSpans(text, spansIn(text, ['{{', '}}'], ['{%', '%}']), (tag) => {
    const start = /^\{(?:\{-?|%-?\s*\w*)/.exec(tag)![0];
    const inside = tag.slice(start.length);
    const token = /"[^"]*"|'[^']*'|\.\s*[\w-]+|[A-Za-z_][\w-]*(\s*:)?/g;
    return (
      start + inside.replace(token, (word, isKey?: string) => (isKey === undefined ? (values.get(word) ?? word) : word))
    );
  });
}
