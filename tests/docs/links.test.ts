import { existsSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generated, markdownFiles, readDocument, root } from './documents.ts';
import { anchorsOf, linksOf } from './markdown.ts';

const files = markdownFiles();

/** Why nobody gets where this link points; undefined when they do, or when it leads out of the repository. */
function fault(from: string, link: string, markdown: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:/i.test(link) || link.startsWith('//')) return undefined;
  const [path = '', anchor] = decodeURI(link).split('#');
  const target =
    path === '' ? from : posix.normalize(path.startsWith('/') ? path.slice(1) : `${posix.dirname(from)}/${path}`);
  if (target.startsWith('..')) return 'leads out of the repository';
  if (generated.test(target)) return 'is not in a fresh clone';
  if (!existsSync(join(root, target))) return 'no such file';
  if (anchor === undefined) return undefined;
  if (!target.endsWith('.md') || statSync(join(root, target)).isDirectory())
    return 'an anchor in a file without headings';
  const there = target === from ? markdown : readDocument(target);
  return anchorsOf(there).has(anchor) ? undefined : 'no such heading';
}

const faults = (from: string, markdown: string) =>
  linksOf(markdown).flatMap((link) => {
    const why = fault(from, link, markdown);
    return why === undefined ? [] : [`${link}: ${why}`];
  });

describe('links of the documents', () => {
  it.each(files)('%s', (file) => {
    expect(faults(file, readDocument(file))).toEqual([]);
  });

  it('are there at all, in the documents that people begin with', () => {
    expect(files).toEqual(expect.arrayContaining(['CHANGELOG.md', 'docs/architecture.md', 'local/README.md']));
    expect(files.flatMap((file) => linksOf(readDocument(file))).length).toBeGreaterThan(40);
  });
});

describe('a link that leads nowhere is found', () => {
  it.each([
    ['[a](no-such-file.md)', 'no-such-file.md: no such file'],
    ['[a](glossary.md#no-such-word)', 'glossary.md#no-such-word: no such heading'],
    ['[a](#nowhere)\n\n# Somewhere', '#nowhere: no such heading'],
    ['![a](<no such picture.png>)', 'no such picture.png: no such file'],
    ['[a][b]\n\n[b]: gone.md "title"', 'gone.md: no such file'],
    ['<img src="gone.svg">', 'gone.svg: no such file'],
    ['[a](../../outside.md)', '../../outside.md: leads out of the repository'],
    ['[a](../dist/functions)', '../dist/functions: is not in a fresh clone'],
    ['[a](../shared/resources.ts#L10)', '../shared/resources.ts#L10: an anchor in a file without headings'],
    ['[a](GLOSSARY.md)', 'GLOSSARY.md: no such file'],
  ])('%s', (markdown, expected) => {
    expect(faults('docs/architecture.md', markdown)).toEqual([expected]);
  });

  it.each([
    '[a](glossary.md)',
    '[a](/docs/glossary.md "the words")',
    '[a](https://example.com/x#y), [b](mailto:a@example.com)',
    '[a](#how-it-is-built--why)\n\n## How it is `built` & why',
    '[a](#twice-1)\n\n# Twice\n\n# Twice',
    '[a](#here)\n\n<a id="here"></a>',
    '`[a](gone.md)`\n\n```md\n[a](gone.md)\n# no heading\n```',
  ])('and this one leads somewhere: %s', (markdown) => {
    expect(faults('docs/architecture.md', markdown)).toEqual([]);
  });
});
