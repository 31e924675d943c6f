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
  const entries = Object.keys(outputs).filter((path) => basename(path) === 'index.mjs');
  return Object.fromEntries(
    entries.map((entry) => {
      const files = filesBeside(outputs, entry);
      return [
        basename(dirname(entry)),
        { start: bytesOf(outputs, filesFrom(outputs, [entry])), package: bytesOf(outputs, files) },
      ];
    }),
  );
}

/**
 * What a function reads while it starts: bytes, sources and packages.
 *
 * @param parts sources that it imports dynamically and waits for.
 */
export function readAtStart(
  metafiles: readonly Metafile[],
  name: string,
  parts: readonly string[] = [],
): { readonly bytes: number; readonly inputs: readonly string[] } {
  const outputs = outputsOf(metafiles);
  const entry = Object.keys(outputs).find((path) => path.endsWith(`/${name}/index.mjs`));
  if (entry === undefined) throw new Error(`no bundle is called ${name}`);
  const ofParts = parts.map((source) => {
    const part = filesBeside(outputs, entry).find((path) => outputs[path]!.entryPoint === source);
    if (part === undefined) throw new Error(`${name} has no part of its own for ${source}`);
    return part;
  });
  const files = filesFrom(outputs, [entry, ...ofParts]);
  return { bytes: bytesOf(outputs, files), inputs: files.flatMap((path) => Object.keys(outputs[path]!.inputs)) };
}

const outputsOf = (metafiles: readonly Metafile[]): Outputs =>
  Object.assign({}, ...metafiles.map(({ outputs }) => outputs)) as Outputs;

const filesBeside = (outputs: Outputs, entry: string): string[] =>
  Object.keys(outputs).filter((path) => dirname(path) === dirname(entry) && !path.endsWith('.map'));

const bytesOf = (outputs: Outputs, paths: readonly string[]): number =>
  paths.reduce((sum, path) => sum + outputs[path]!.bytes, 0);

function filesFrom(outputs: Outputs, entries: readonly string[]): string[] {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    const output = outputs[path];
    // What is not among the outputs is a module of Node.
    if (output === undefined || seen.has(path)) return;
    seen.add(path);
    for (const { kind, path: to } of output.imports) if (kind === 'import-statement') visit(to);
  };
  for (const entry of entries) visit(entry);
  return [...seen];
}
