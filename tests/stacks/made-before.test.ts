import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { MadeBefore } from '../../infra/made-before.ts';

const root = mkdtempSync(join(tmpdir(), 'godwit-made-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const write = (path: string, text: string) => writeFileSync(join(root, path), text);
const madeWith = (options = 'as ever') => new MadeBefore(join(root, 'out.json'), root, options);

beforeEach(() => {
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  write('node_modules/.package-lock.json', '{}');
  write('entry.js', "export { what } from './part.js';");
  write('part.js', "export const what = 'this';");
  const { metafile } = buildSync({
    absWorkingDir: root,
    entryPoints: ['entry.js'],
    outfile: join(root, 'out.js'),
    bundle: true,
    metafile: true,
  });
  madeWith().keep(metafile);
});

it('finds what was made from the same', () => {
  expect(Object.keys(madeWith().find()!.outputs)).toEqual(['out.js']);
});

it.each<[string, () => unknown]>([
  ['a file that was imported is another', () => write('part.js', "export const what = 'that';")],
  ['a file that was imported is gone', () => rmSync(join(root, 'part.js'))],
  ['other packages are installed', () => write('node_modules/.package-lock.json', '{"packages": {}}')],
  ['a bundle is gone', () => rmSync(join(root, 'out.js'))],
  ['a bundle was cut off', () => write('out.js', '')],
  ['nothing was kept', () => rmSync(join(root, 'out.json'))],
])('and nothing when %s', (_what, change) => {
  change();
  expect(madeWith().find()).toBeUndefined();
});

it('and nothing for other options', () => {
  expect(madeWith('without source maps').find()).toBeUndefined();
});
