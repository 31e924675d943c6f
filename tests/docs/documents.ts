import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/** Made by tools, and absent from a fresh clone. */
export const generated = /(^|\/)(node_modules|cdk\.out[^/]*|dist|coverage|\.git|\.godwit)(\/|$)/;

/** Every Markdown file of the repository, from its root. */
export function markdownFiles(): string[] {
  return walk('').sort();
}

function walk(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (generated.test(path)) return [];
    if (entry.isDirectory()) return walk(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

export const readDocument = (path: string): string => readFileSync(join(root, path), 'utf8');
