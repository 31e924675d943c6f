import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { stringify } from 'yaml';
import { type DocumentKind, folderOf } from '../folder/documents.ts';
import { isInFolder, isPartFile } from '../folder/read-folder.ts';
import type { LocalDocument } from './check-documents.ts';

export interface FileToWrite {
  /** From the folder of documents. */
  readonly file: string;
  readonly text: string;
}

const isId = (text: string): boolean => /^[a-z0-9][a-z0-9-]{0,63}$/.test(text);

/**
 * The files that hold a document, given in its source form: those that hold it now, when there are any, in the same
 * format. Undefined: it is written as TypeScript, which only a person can change.
 */
export function filesOf(
  kind: DocumentKind,
  id: string,
  source: unknown,
  local?: LocalDocument,
): FileToWrite[] | undefined {
  // The id names a file, and it comes from a server.
  if (!isId(id)) throw new Error(`${JSON.stringify(id.slice(0, 100))} is not an id`);
  const file = local?.written.file ?? defaultFile(kind, id);
  if (extname(file) === '.ts') return undefined;
  if (!isInFolder(kind) || !new RegExp(`(^|[\\\\/])${kind}\\.\\w+$`).test(file))
    return [{ file, text: format(file, source) }];
  return templateFiles(file, source as TemplateSource, local?.written.parts ?? {});
}

function defaultFile(kind: DocumentKind, id: string): string {
  if (kind === 'policy') return 'policy.yaml';
  return isInFolder(kind) ? join(folderOf[kind], id, `${kind}.yaml`) : join(folderOf[kind], `${id}.yaml`);
}

const format = (file: string, value: unknown): string =>
  extname(file) === '.json' ? `${JSON.stringify(value, null, 2)}\n` : stringify(value, { lineWidth: 0 });

interface TemplateSource {
  readonly variants: readonly {
    /** Of templates. */
    readonly channel?: string;
    readonly locale?: string;
    readonly content: Readonly<Record<string, string>>;
  }[];
}

const extensions: Readonly<Record<string, string>> = { mjml: 'mjml', html: 'html', text: 'txt' };

/** Parts of several lines, and those that already stand in a file, go beside template.yaml or block.yaml. */
function templateFiles(file: string, source: TemplateSource, parts: Readonly<Record<string, string>>): FileToWrite[] {
  const beside: FileToWrite[] = [];
  const taken = new Set<string>();
  const variants = source.variants.map((variant, index) => {
    const content = Object.entries(variant.content).map(([part, text]) => {
      const there = parts[`/variants/${index}/content/${part}`];
      // A text that looks like the name of a file would be read as one.
      if (there === undefined && !text.includes('\n') && !isPartFile(text)) return [part, text];
      const name = freeName(there?.slice(dirname(file).length + 1) ?? partName(variant, part), taken);
      beside.push({ file: join(dirname(file), name), text });
      return [part, name];
    });
    return { ...variant, content: Object.fromEntries(content) };
  });
  return [{ file, text: format(file, { ...source, variants }) }, ...beside];
}

/** `email.en.mjml`; a subject of several lines cannot be, so other parts are rare: `email.de.preheader.liquid`. */
function partName({ channel = 'block', locale }: TemplateSource['variants'][number], part: string): string {
  const extension = extensions[part];
  const words = [channel, ...(locale === undefined ? [] : [locale]), ...(extension === undefined ? [part] : [])];
  return `${words.join('.').replace(/[^\w.-]/g, '-')}.${extension ?? 'liquid'}`;
}

function freeName(name: string, taken: Set<string>): string {
  const extension = extname(name);
  const stem = name.slice(0, -extension.length);
  let free = name;
  for (let number = 2; taken.has(free.toLowerCase()); number += 1) free = `${stem}.${number}${extension}`;
  taken.add(free.toLowerCase());
  return free;
}

export function writeFiles(folder: string, files: readonly FileToWrite[]): void {
  for (const { file, text } of files) {
    const path = join(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
