import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** Replaces what one benchmark wrote into a document, between its two marks, and leaves what others wrote. */
export function writeSection(name: string, text: string, document = 'BENCHMARKS.md'): void {
  const file = join(root, document);
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const before = readFileSync(file, 'utf8');
  const [from, to] = [before.indexOf(begin), before.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${document} has no marks ${begin} … ${end}`);
  writeFileSync(file, `${before.slice(0, from + begin.length)}\n${text.trim()}\n${before.slice(to)}`);
}
