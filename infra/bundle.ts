import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { type BuildOptions, buildSync, type Metafile } from 'esbuild';
import { type FunctionName, functionNames } from './functions.ts';
import { MadeBefore } from './made-before.ts';

/** Where a function's code comes from; stack tests give their own. */
export type CodeSource = (name: FunctionName) => lambda.Code;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Outside cdk.out, because source maps name sources relative to themselves and must not depend on where one synthesises. */
const outputFolder = join(root, 'dist', 'functions');

/**
 * What these import dynamically becomes a file of its own, read when it is needed: for `api` the compiler of mails and
 * what makes text of HTML, for `send` what only one channel needs.
 */
const withLazyParts: readonly FunctionName[] = ['api', 'send'];

/** What a function would load of these packages, and never use (ADR 53). */
const inPlaceOf = {
  'node:http': './infra/in-place-of/node-http.ts',
  http: './infra/in-place-of/node-http.ts',
  '@aws-sdk/credential-provider-node': './infra/in-place-of/credential-provider-node.ts',
  undici: './infra/in-place-of/undici.ts',
};

let isBuilt = false;

/** The bundle of functions/<name>/handler.ts; all are built together, once per process, when the first is asked for. */
export function bundledCode(name: FunctionName): lambda.Code {
  if (!isBuilt) buildFunctions();
  isBuilt = true;
  // Source maps stay here: names are kept, so a stack trace reads well without, and the package stays small.
  return lambda.Code.fromAsset(join(outputFolder, name), { exclude: ['**/*.map', '**/*.partial'] });
}

/** For templates that nobody deploys. */
export const noCode: CodeSource = () => lambda.Code.fromInline('export const handler = async () => {};');

/** Bundles all functions into dist/functions/<name>/index.mjs and answers esbuild's metafiles, for size budgets. */
export function buildFunctions(): Metafile[] {
  const missing = functionNames.filter((name) => !existsSync(entryOf(name)));
  if (missing.length > 0) {
    const files = missing.map((name) => `functions/${name}/handler.ts`).join(', ');
    throw new Error(`${files}: missing, but must export "handler"`);
  }
  // Together, because they share most of their sources, unless a bundle has parts: those would be shared too.
  const together = functionNames.filter((name) => !withLazyParts.includes(name));
  return [build(together, false), ...withLazyParts.map((name) => build([name], true))];
}

function build(names: readonly FunctionName[], splitting: boolean): Metafile {
  const entries = Object.fromEntries(names.map((name) => [name, entryOf(name)]));
  return bundle(entries, outputFolder, { splitting });
}

/**
 * Bundles each entry into `<folder>/<name>/index.mjs`, with the options of all functions. The AWS SDK is part of the
 * bundle: the runtime's own copy changes under a function's feet and loads slower.
 */
export function bundle(
  entries: Readonly<Record<string, string>>,
  folder: string,
  { splitting = false } = {},
): Metafile {
  const names = Object.keys(entries);
  const options = optionsFor(entries, folder, splitting);
  const made = new MadeBefore(join(folder, `${names[0]}.json`), root, JSON.stringify(options));
  const known = made.find();
  if (known !== undefined) return known;
  const result = buildSync(options);
  for (const file of result.outputFiles) writeIfChanged(file.path, file.contents);
  const written = new Set(result.outputFiles.map((file) => file.path));
  for (const name of names) removeOthers(join(folder, name), written);
  made.keep(result.metafile);
  return result.metafile;
}

function optionsFor(entries: Readonly<Record<string, string>>, outdir: string, splitting: boolean) {
  const names = Object.keys(entries);
  return {
    absWorkingDir: root,
    entryPoints: names.map((name) => ({ in: entries[name]!, out: `${name}/index` })),
    outdir,
    outExtension: { '.js': '.mjs' },
    splitting,
    chunkNames: `${names[0]}/[name]-[hash]`,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // ES modules first: tree shaking does not work on the CommonJS builds of the SDK.
    mainFields: ['module', 'main'],
    alias: inPlaceOf,
    // Asked for by a configuration loader deep in mjml when it meets a TypeScript file, which never happens: 6.5 MB.
    external: ['typescript'],
    minifySyntax: true,
    minifyWhitespace: true,
    minifyIdentifiers: false,
    sourcemap: 'external',
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'warning',
    // CommonJS packages inside the bundle call require() for Node's own modules; ES modules may import createRequire.
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
  } satisfies BuildOptions;
}

function entryOf(name: FunctionName): string {
  return join(root, 'functions', name, 'handler.ts');
}

/** Two processes that synthesise at once never see half a file. */
function writeIfChanged(path: string, contents: Uint8Array): void {
  if (existsSync(path) && readFileSync(path).equals(contents)) return;
  mkdirSync(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}.partial`;
  writeFileSync(partial, contents);
  renameSync(partial, path);
}

/** Parts of earlier builds, whose names carry a hash, would go into the package and change it. */
function removeOthers(folder: string, written: ReadonlySet<string>): void {
  for (const file of readdirSync(folder)) {
    const path = join(folder, file);
    if (!written.has(path) && !file.endsWith('.partial')) rmSync(path);
  }
}
