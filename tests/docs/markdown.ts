/** What the tests of the documents read from Markdown: links, headings as GitHub names them, code. */

const fence = /^( {0,3}|\s*)(`{3,}|~{3,})(.*)$/;

export interface CodeBlock {
  readonly language: string;
  readonly text: string;
}

/** Fenced blocks, and the text with these taken out (their lines stay, empty). */
export function splitCode(markdown: string): { readonly text: string; readonly blocks: readonly CodeBlock[] } {
  const text: string[] = [];
  const blocks: CodeBlock[] = [];
  let open: { readonly marker: string; readonly language: string; readonly lines: string[] } | undefined;
  for (const line of markdown.split('\n')) {
    const [, , marker, info = ''] = fence.exec(line) ?? [];
    if (open === undefined && marker !== undefined) open = { marker, language: info.trim(), lines: [] };
    else if (open !== undefined && marker?.startsWith(open.marker) && info.trim() === '') {
      blocks.push({ language: open.language, text: open.lines.join('\n') });
      open = undefined;
    } else if (open !== undefined) open.lines.push(line);
    else {
      text.push(line);
      continue;
    }
    text.push('');
  }
  if (open !== undefined) throw new Error(`a block of ${open.language || 'code'} is not closed`);
  return { text: text.join('\n'), blocks };
}

/** Texts between backticks, outside of blocks. */
export function codeSpans(markdown: string): string[] {
  return [...splitCode(markdown).text.matchAll(/(`+)([^`]|[^`][\s\S]*?[^`])\1(?!`)/g)].map((match) => match[2]!.trim());
}

/** Targets of links and images as they are written: inline, by reference, and in HTML. */
export function linksOf(markdown: string): string[] {
  const text = splitCode(markdown).text.replace(/(`+)([^`]|[^`][\s\S]*?[^`])\1(?!`)/g, '');
  const patterns = [
    /\]\(\s*<([^<>\n]*)>(?:\s+"[^"]*")?\s*\)/g,
    /\]\(\s*([^()\s<][^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?:\s+"[^"]*")?\s*\)/g,
    /^ {0,3}\[[^\]^][^\]]*\]:\s+<?([^\s<>]+)>?/gm,
    /<(?:a|img|source)\b[^>]*?\b(?:href|src|srcset)="([^"]*)"/g,
  ];
  return patterns.flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1]!));
}

/** Names that a link may have behind `#`: of headings, as GitHub makes them, and of anchors in HTML. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const { text } = splitCode(markdown);
  const anchors = new Set<string>();
  const seen = new Map<string, number>();
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    const underlined = /^ {0,3}(=+|-+)\s*$/.test(lines[index + 1] ?? '') && /^ {0,3}[^\s#>|*-]/.test(line);
    const heading = /^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$/.exec(line)?.[1] ?? (underlined ? line.trim() : undefined);
    if (heading === undefined) continue;
    const name = slug(heading);
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    anchors.add(before === 0 ? name : `${name}-${before}`);
  }
  for (const [, name] of text.matchAll(/<\w+\b[^>]*?\b(?:id|name)="([^"]+)"/g)) anchors.add(name!);
  return anchors;
}

function slug(heading: string): string {
  return heading
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/<[^>]+>/g, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
}
