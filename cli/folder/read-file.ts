import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { type Place, UnreadableFile } from './documents.ts';

/** In the order in which they are looked for. */
export const documentExtensions = ['.yaml', '.yml', '.json', '.ts'] as const;

export interface ReadFile {
  readonly value: unknown;
  readonly locate: (pointer: string) => Place | undefined;
}

/** A document that is written as YAML, JSON or TypeScript. */
export async function readDocumentFile(folder: string, file: string): Promise<ReadFile> {
  const path = join(folder, file);
  if (extname(file) === '.ts') return { value: await readTypeScript(path, file), locate: () => undefined };
  const text = readFileSync(path, 'utf8');
  if (extname(file) === '.json') refuseIfNotJson(text, file);
  return readYaml(text, file);
}

/** JSON is YAML, and the YAML reader knows lines; but what is called .json must also be JSON for others. */
function refuseIfNotJson(text: string, file: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    throw new UnreadableFile(file, `not JSON: ${(error as Error).message}`);
  }
}

export function readYaml(text: string, file: string): ReadFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [fault] = document.errors;
  if (fault !== undefined) {
    const { line, col } = lines.linePos(fault.pos[0]);
    throw new UnreadableFile(file, `not YAML: ${fault.message}`, { place: { line, column: col } });
  }
  let value: unknown;
  try {
    // A file of a few lines of aliases can stand for gigabytes: the reader counts them.
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new UnreadableFile(file, `not a document: ${(error as Error).message}`);
  }
  return { value, locate: (pointer) => placeOf(document, lines, pointer) };
}

function placeOf(document: Document, lines: LineCounter, pointer: string): Place | undefined {
  const path = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (!isNode(node) || !node.range) continue;
    const { line, col } = lines.linePos(node.range[0]);
    return { line, column: col };
  }
  return undefined;
}

let hooked = false;

/** What `exports` of package.json says: importing it works in a folder anywhere, without installing anything there. */
const ours: Readonly<Record<string, string>> = {
  godwit: '../define-journey.ts',
  'godwit/simulation': '../../shared/simulation/index.ts',
};

function hookGodwit(): void {
  if (hooked) return;
  hooked = true;
  registerHooks({
    resolve(specifier, context, next) {
      const file = Object.hasOwn(ours, specifier) ? ours[specifier] : undefined;
      if (file === undefined) return next(specifier, context);
      return { url: pathToFileURL(join(import.meta.dirname, file)).href, shortCircuit: true };
    },
  });
}

async function readTypeScript(path: string, file: string): Promise<unknown> {
  hookGodwit();
  let loaded: Record<string, unknown>;
  try {
    loaded = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new UnreadableFile(file, `cannot be loaded: ${detail}`, {
      fix: 'only types may be TypeScript in it (no enum, no namespace), and it may not lie in node_modules',
    });
  }
  if (loaded['default'] === undefined) {
    throw new UnreadableFile(file, 'has no default export', { fix: 'write `export default defineJourney({ … })`' });
  }
  // As it would travel: undefined goes, and what is no JSON is said by the schema.
  return plain(loaded['default']);
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(entries.map(([key, one]) => [key, plain(one)]));
}
