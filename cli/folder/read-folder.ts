import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { type DocumentKind, documentKinds, folderOf, UnreadableFile, type WrittenDocument } from './documents.ts';
import { documentExtensions, readDocumentFile } from './read-file.ts';

/**
 * A folder of documents:
 *
 *     policy.yaml
 *     topics/offers.yaml   endpoints/crm.yaml   computed-traits/shop.yaml   segments/vip.yaml   journeys/welcome.yaml | .json | .ts
 *     collections/products.yaml
 *     templates/welcome.yaml, or templates/welcome/{template.yaml, email.en.mjml, …}; blocks likewise
 *
 * What begins with a dot or an underscore, tests and other files are left alone.
 */
export async function readFolder(folder: string): Promise<WrittenDocument[]> {
  const files = documentKinds.flatMap((kind) => filesOf(folder, kind).map((file) => ({ kind, file })));
  return Promise.all(files.map(({ kind, file }) => readDocument(folder, kind, file)));
}

export async function readDocument(folder: string, kind: DocumentKind, file: string): Promise<WrittenDocument> {
  const { value, locate } = await readDocumentFile(folder, file);
  if (!isInFolder(kind) || basename(file, extname(file)) !== kind) return { kind, file, value, parts: {}, locate };
  return { kind, file, locate, ...withParts(folder, file, value) };
}

/** Files of a kind, from the folder; two files for one thing are refused, because one of them would be ignored. */
function filesOf(folder: string, kind: DocumentKind): string[] {
  if (kind === 'policy') return oneOfThem(folder, 'policy');
  const room = join(folder, folderOf[kind]);
  if (!existsSync(room)) return [];
  const names = readdirSync(room).sort();
  return names.flatMap((name) => {
    if (name.startsWith('.') || name.startsWith('_')) return [];
    const path = join(folderOf[kind], name);
    if (statSync(join(folder, path)).isDirectory()) {
      if (!isInFolder(kind)) return [];
      const found = oneOfThem(folder, join(path, kind));
      if (found.length > 0) return found;
      throw new UnreadableFile(path, `a ${kind} folder without ${kind}.yaml`, {
        fix: 'add one, or remove the folder',
      });
    }
    return isDocument(name) ? [path] : [];
  });
}

function oneOfThem(folder: string, stem: string): string[] {
  const found = documentExtensions
    .map((extension) => stem + extension)
    .filter((file) => existsSync(join(folder, file)));
  if (found.length < 2) return found;
  throw new UnreadableFile(found[1]!, `${found[0]} is there too`, { fix: 'keep one of them' });
}

const isDocument = (name: string): boolean =>
  (documentExtensions as readonly string[]).includes(extname(name)) && !/\.(test|d)\.ts$/.test(name);

/** Kinds whose documents may be a folder of their own, with their content in files beside them. */
export const isInFolder = (kind: DocumentKind): boolean => kind === 'template' || kind === 'block';

/** A part of a template's content whose whole text is such a name stands in a file beside it. */
export const isPartFile = (text: string): boolean => /^[\w.-]+\.(mjml|html|txt|liquid)$/.test(text);

/** Looks at nothing that a schema will refuse anyway. */
function withParts(folder: string, file: string, value: unknown): Pick<WrittenDocument, 'value' | 'parts'> {
  const parts: Record<string, string> = {};
  const readPart = (pointer: string, text: unknown): unknown => {
    if (typeof text !== 'string' || !isPartFile(text)) return text;
    const part = join(dirname(file), text);
    if (!existsSync(join(folder, part))) {
      throw new UnreadableFile(file, `${pointer} names ${text}, which is not beside it`, { fix: `add ${part}` });
    }
    parts[pointer] = part;
    return readFileSync(join(folder, part), 'utf8');
  };
  if (!isObject(value) || !Array.isArray(value['variants'])) return { value, parts };
  const variants = value['variants'].map((variant: unknown, index) => {
    if (!isObject(variant) || !isObject(variant['content'])) return variant;
    const content = Object.entries(variant['content']).map(([part, text]) => [
      part,
      readPart(`/variants/${index}/content/${part}`, text),
    ]);
    return { ...variant, content: Object.fromEntries(content) };
  });
  return { value: { ...value, variants }, parts };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
