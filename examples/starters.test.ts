/** Templates to start from: sound, whole in each language, and made for dark mode and for both directions of writing. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkDocuments } from '../cli/documents/check-documents.ts';
import { readFolder } from '../cli/folder/read-folder.ts';
import { preview } from '../shared/app/preview.ts';
import type { Block } from '../shared/domain/messaging/block.ts';
import type { Policy } from '../shared/domain/messaging/policy.ts';
import type { Template } from '../shared/domain/messaging/template.ts';

const { documents, findings } = await checkDocuments(await readFolder(join(import.meta.dirname, 'starters')));
const of = <T>(wanted: string) => documents.filter(({ kind }) => kind === wanted).map(({ document }) => document as T);
const blocks = new Map(of<Block>('block').map((block) => [block.id, block]));
const sender = {
  id: 'shop',
  from: 'Wader & Reed <hello@shop.example>',
  postalAddress: 'Wader & Reed, 1 Shore Road, Wells',
};

async function shown(id: string, locale: string, topicKind: 'marketing' | 'transactional') {
  const template = of<Template>('template').find((one) => one.id === id)!;
  const [policy] = of<Policy>('policy');
  const now = Date.UTC(2026, 10, 22);
  return preview({ template, blocks, channel: 'email', locale, topicKind, policy: policy!, sender, now });
}

it('has nothing that lint would say', () => {
  expect(findings).toEqual([]);
});

it.each([
  ['receipt', 'en', 'transactional', 'ltr', 'left'],
  ['receipt', 'de-DE', 'transactional', 'ltr', 'left'],
  ['newsletter', 'en', 'marketing', 'ltr', 'left'],
  ['newsletter', 'ar-EG', 'marketing', 'rtl', 'right'],
] as const)('%s in %s: %s, %s', async (id, locale, kind, dir, start) => {
  const { rendered, sizes, findings: said } = await shown(id, locale, kind);
  expect(said).toEqual([]);
  const { html = '', text = '', subject } = rendered!;
  expect(html).toContain('<meta name="color-scheme" content="light dark">');
  expect(html).toContain('@media (prefers-color-scheme: dark)');
  expect(html).toMatch(new RegExp(`<html[^>]* lang="${locale}" dir="${dir}"`));
  expect(html).toContain(`text-align:${start}`);
  expect(html).not.toContain(`direction:${dir === 'rtl' ? 'ltr' : 'rtl'}`);
  for (const body of [html.replaceAll('&amp;', '&'), text]) {
    expect(body).toContain(sender.postalAddress);
    expect(body.includes('https://preview.invalid/u/example')).toBe(kind === 'marketing');
    expect(body).toContain(`utm_campaign=${id}`);
    expect(body).not.toMatch(/\{\{|\{%|undefined|NaN/);
  }
  expect(subject).not.toMatch(/\{\{|\{%/);
  expect(sizes!.html, 'Gmail cuts off what is larger').toBeLessThan(102_000);
});

it('writes amounts, dates and numbers of things as each language does', async () => {
  const english = (await shown('receipt', 'en', 'transactional')).rendered!;
  expect(english.subject).toBe('Your order W-1042: €135.20');
  expect(english.text).toMatch(/of November 22, 2026\.[\s\S]+3 × Wool socks: €15\.20\nTotal: €135\.20/);
  const german = (await shown('receipt', 'de', 'transactional')).rendered!;
  expect(german.subject).toBe('Ihre Bestellung W-1042: 135,20 €');
  expect(german.text).toMatch(/vom 22\. November 2026/);
});
