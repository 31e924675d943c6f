/** `{% render 'footer' %}`, `{% layout 'brand' %}`, `{% block body %}…{% endblock %}` in a text, outside raw and comments. */
export interface BlockTag {
  readonly name: 'render' | 'layout' | 'block' | 'endblock';
  /** After the name. */
  readonly markup: string;
  readonly from: number;
  readonly to: number;
}

const tags =
  /\{%-?\s*(raw|comment)\s*-?%\}[\s\S]*?\{%-?\s*end\1\s*-?%\}|\{%-?\s*(render|layout|block|endblock)\b((?:"[^"]*"|'[^']*'|[^%]|%(?!\}))*?)-?%\}/g;

/** A dash takes the white space beside it away, as with every tag of Liquid. */
export function blockTags(text: string): BlockTag[] {
  return [...text.matchAll(tags)].flatMap(({ 0: whole, 2: name, 3: markup = '', index }) => {
    if (name === undefined) return [];
    const after = text.slice(index + whole.length);
    const from = whole.startsWith('{%-') ? text.slice(0, index).trimEnd().length : index;
    const to = index + whole.length + (whole.endsWith('-%}') ? after.length - after.trimStart().length : 0);
    return [{ name: name as BlockTag['name'], markup: markup.trim(), from, to }];
  });
}

export interface BlockUse {
  readonly id: string;
  /** As written: a literal, or the path of a value. */
  readonly given: ReadonlyMap<string, string>;
}

/** `'button', label: "Buy", href: event.url`; undefined for anything else. */
export function blockUseIn(markup: string): BlockUse | undefined {
  const [, , id, rest] = /^(["'])([a-z0-9][a-z0-9-]*)\1\s*(.*)$/s.exec(markup) ?? [];
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
  return text.replace(/\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g, (tag) => {
    const start = /^\{(?:\{-?|%-?\s*\w*)/.exec(tag)![0];
    const inside = tag.slice(start.length);
    const token = /"[^"]*"|'[^']*'|\.\s*[\w-]+|[A-Za-z_][\w-]*(\s*:)?/g;
    return (
      start + inside.replace(token, (word, isKey?: string) => (isKey === undefined ? (values.get(word) ?? word) : word))
    );
  });
}
