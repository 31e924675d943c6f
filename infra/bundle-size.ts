import { basename, dirname } from 'node:path';
import type { Metafile } from 'esbuild';

export interface BundleSize {
  /** Bytes of what is read at every cold start: the entry and what it imports at once, not what it may import later. */
  readonly start: number;
  /** Bytes of all files. */
  readonly package: number;
}

type Outputs = Metafile['outputs'];

/** By function, from the metafiles of `buildFunctions`. */
export function bundleSizes(metafiles: readonly Metafile[]): Record<string, BundleSize> {
  const outputs = outputsOf(metafiles);
  const bytesOf = (paths: readonly string[]) => paths.reduce((sum, path) => sum + outputs[path]!.bytes, 0);
  const entries = Object.keys(outputs).filter((path) => basename(path) === 'index.mjs');
  return Object.fromEntries(
    entries.map((entry) => {
      const folder = dirname(entry);
      const files = Object.keys(outputs).filter((path) => dirname(path) === folder && !path.endsWith('.map'));
      return [basename(folder), { start: bytesOf(filesAtStart(outputs, entry)), package: bytesOf(files) }];
    }),
  );
}

/** Sources and packages that are in what a function reads at every cold start. */
export function inputsAtStart(metafiles: readonly Metafile[], name: string): string[] {
  const outputs = outputsOf(metafiles);
  const entry = Object.keys(outputs).find((path) => path.endsWith(`/${name}/index.mjs`));
  if (entry === undefined) throw new Error(`no bundle is called ${name}`);
  return filesAtStart(outputs, entry).flatMap((path) => Object.keys(outputs[path]!.inputs));
}

const outputsOf = (metafiles: readonly Metafile[]): Outputs =>
  Object.assign({}, ...metafiles.map(({ outputs }) => outputs)) as Outputs;

function filesAtStart(outputs: Outputs, entry: string): string[] {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    const output = outputs[path];
    // What is not among the outputs is a module of Node.
    if (output === undefined || seen.has(path)) return;
    seen.add(path);
    for (const { kind, path: to } of output.imports) if (kind === 'import-statement') visit(to);
  };
  visit(entry);
  return [...seen];
}
