import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from './documents.ts';

/** Of a file that is written, or of its type: imports read CSV, and name it as `'csv'` or in a pattern. */
const writesCsv = /text\/csv|(?:createWriteStream|writeFileSync|files\.write|filename)[^\n]*\.(?:csv|tsv)\b/;

const sources = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));

it('nothing writes CSV, so that no trait becomes a formula (docs/rights.md; OWASP, "CSV Injection")', () => {
  const all = ['shared', 'functions', 'cli'].flatMap(sources);
  expect(all.length).toBeGreaterThan(300);
  expect(all.filter((file) => writesCsv.test(readFileSync(file, 'utf8')))).toEqual([]);
  expect(writesCsv.test("await ports.files.write('people.csv', body, type)")).toBe(true);
});
