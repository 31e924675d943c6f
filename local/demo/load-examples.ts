import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { ApiClient } from './api-client.ts';

/**
 * Puts a folder of documents through the management API, as a team would: policy, topics, templates, journeys; then
 * publishes the journeys. A template is a folder: `template.yaml`, and beside it the files that its contents name.
 */
export async function loadExamples(api: ApiClient, folder: string, log: (line: string) => void): Promise<string[]> {
  const policy = join(folder, 'policy.yaml');
  if (existsSync(policy)) await api.put('/v1/policy', read(policy));
  for (const file of list(folder, 'topics')) {
    const topic = read(file) as { id: string };
    await api.put(`/v1/topics/${topic.id}`, topic);
  }
  const templates = list(folder, 'templates');
  for (const templateFolder of templates) {
    const template = readTemplate(templateFolder);
    await api.put(`/v1/templates/${template.id}`, template);
  }
  const published: string[] = [];
  for (const file of list(folder, 'journeys')) {
    const journey = read(file) as { id: string };
    const etag = await api.put(`/v1/journeys/${journey.id}`, journey);
    await api.post(`/v1/journeys/${journey.id}/publish`, { draftEtag: etag.replaceAll('"', '') });
    published.push(journey.id);
  }
  log(`${templates.length} templates, ${published.length} journeys published: ${published.join(', ')}`);
  return published;
}

const list = (folder: string, kind: string): string[] =>
  existsSync(join(folder, kind))
    ? readdirSync(join(folder, kind))
        .sort()
        .map((name) => join(folder, kind, name))
    : [];

const read = (file: string): unknown => parse(readFileSync(file, 'utf8'));

interface TemplateFile {
  id: string;
  variants: { content: Record<string, string> }[];
}

/** A content part that names a file beside `template.yaml` (email.en.mjml) is read from it. */
function readTemplate(folder: string): TemplateFile {
  const template = read(join(folder, 'template.yaml')) as TemplateFile;
  for (const variant of template.variants)
    for (const [part, value] of Object.entries(variant.content))
      if (/^[\w.-]+\.(mjml|html|txt|liquid)$/.test(value))
        variant.content[part] = readFileSync(join(folder, value), 'utf8');
  return template;
}
