import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/**
 * Whether bundles of the last time are still what esbuild would write: from the same files of this project, the same
 * packages and the same options. Bundling all functions is 8 s of CPU, and looking is 0.1 s.
 */
export class MadeBefore {
  readonly #file: string;
  readonly #root: string;
  readonly #options: string;

  constructor(file: string, root: string, options: string) {
    this.#file = file;
    this.#root = root;
    this.#options = options;
  }

  find(): Metafile | undefined {
    if (!existsSync(this.#file)) return undefined;
    const { stamp, metafile } = JSON.parse(readFileSync(this.#file, 'utf8')) as { stamp: string; metafile: Metafile };
    const isThere = Object.entries(metafile.outputs).every(([path, { bytes }]) => {
      return statSync(join(this.#root, path), { throwIfNoEntry: false })?.size === bytes;
    });
    return isThere && stamp === this.#stampOf(metafile) ? metafile : undefined;
  }

  keep(metafile: Metafile): void {
    const partial = `${this.#file}.${process.pid}.partial`;
    writeFileSync(partial, JSON.stringify({ stamp: this.#stampOf(metafile), metafile }));
    renameSync(partial, this.#file);
  }

  /** Packages change together with what npm says of them, esbuild among them. */
  #stampOf({ inputs }: Metafile): string {
    const own = Object.keys(inputs).filter((path) => !path.startsWith('node_modules/'));
    const hash = createHash('sha256').update(this.#options);
    for (const path of ['node_modules/.package-lock.json', 'package.json', 'tsconfig.json', ...own]) {
      const file = join(this.#root, path);
      hash.update(`\0${path}\0`).update(existsSync(file) ? readFileSync(file) : 'gone');
    }
    return hash.digest('hex');
  }
}
