import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Documents } from './documents.ts';

type Template = { readonly variants?: readonly { readonly content?: { [part: string]: unknown } }[] };

/**
 * A folder of documents as `examples/shop` is laid out: `policy.yaml`, and YAML or JSON files in `journeys`, `topics` and
 * `endpoints`; a template is a folder with `template.yaml` and the files that its contents name. Nothing is checked here.
 */
export function readFolder(folder: string): Documents {
  const policy = join(folder, 'policy.yaml');
  if (!existsSync(folder)) throw new Error(`no folder ${folder}`);
  return {
    journeys: filesIn(folder, 'journeys').map(read),
    templates: entriesOf(folder, 'templates').map(readTemplate),
    topics: filesIn(folder, 'topics').map(read),
    endpoints: filesIn(folder, 'endpoints').map(read),
    ...(existsSync(policy) && { policy: read(policy) }),
  };
}

function entriesOf(folder: string, kind: string): string[] {
  const path = join(folder, kind);
  return existsSync(path)
    ? readdirSync(path)
        .sort()
        .map((name) => join(path, name))
    : [];
}

const filesIn = (folder: string, kind: string): string[] =>
  entriesOf(folder, kind).filter((file) => /\.(ya?ml|json)$/.test(file));

const read = (file: string): unknown => parse(readFileSync(file, 'utf8'));

function readTemplate(folder: string): Template {
  const template = read(join(folder, 'template.yaml')) as Template;
  for (const { content } of template.variants ?? []) {
    for (const [part, value] of Object.entries(content ?? {})) {
      if (typeof value !== 'string' || !/^[\w.-]+\.(mjml|html|txt|liquid)$/.test(value)) continue;
      content![part] = readFileSync(join(folder, value), 'utf8');
    }
  }
  return template;
}
