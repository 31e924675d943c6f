import type { Json } from '../../kernel/canonical-json.ts';
import { formatInstant } from '../../kernel/time.ts';
import { escapeHtml } from '../pages/page.ts';
import type { ExportLine } from './tell-item.ts';

/** In the order in which a reader asks. A kind that is not named comes last, under its own name. */
const sections: readonly (readonly [kind: string, title: string])[] = [
  ['profile', 'What is known of you'],
  ['identity', 'Names that lead to you'],
  ['consent-statement', 'What you agreed to, and what you withdrew'],
  ['suppression', 'Addresses that are not written to'],
  ['inbox-message', 'Messages in your inbox'],
  ['message', 'Messages to you'],
  ['unknown-message', 'Messages of which it is not known whether they were sent'],
  ['journal-entry', 'What was recorded of you, and what was decided'],
];

export interface PageAbout {
  readonly at: number;
  /** From 1; a page that is not the last says so. */
  readonly part: number;
  readonly isLast: boolean;
}

/** A page that a customer can read without a program but a browser: the same as the file of lines. */
export function readablePage(lines: readonly ExportLine[], about: PageAbout): string {
  const byKind = Map.groupBy(lines, ({ kind }) => kind);
  const known = new Set(sections.map(([kind]) => kind));
  const others = [...byKind.keys()].filter((kind) => !known.has(kind)).map((kind) => [kind, kind] as const);
  const shown = [...sections, ...others].flatMap(([kind, title]) => {
    const of = byKind.get(kind);
    return of === undefined ? [] : [section(title, of)];
  });
  const more = about.isLast ? '' : ' The next part goes on.';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Your data</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
table { border-collapse: collapse; margin: 0 0 1rem } ul { margin: 0; padding-left: 1.2rem }
th, td { border: 1px solid #bbb; padding: .2rem .5rem; text-align: left; vertical-align: top; overflow-wrap: anywhere }
</style></head>
<body><h1>Your data</h1>
<p>All that was stored of you on ${formatInstant(about.at)}: part ${about.part}.${more} Times are in UTC.</p>
${shown.join('\n')}
</body></html>
`;
}

const section = (title: string, lines: readonly ExportLine[]): string =>
  `<h2>${escapeHtml(title)}</h2>\n${lines.map(({ kind: _, ...line }) => show(line)).join('\n')}`;

function show(value: Json): string {
  if (value === null) return 'nothing';
  if (typeof value !== 'object') return `<bdi>${escapeHtml(String(value))}</bdi>`;
  if (Array.isArray(value)) return `<ul>${value.map((one) => `<li>${show(one)}</li>`).join('')}</ul>`;
  const rows = Object.entries(value).filter(([, of]) => !isEmpty(of));
  return `<table>${rows.map(([name, of]) => `<tr><th>${escapeHtml(name)}</th><td>${show(of)}</td></tr>`).join('')}</table>`;
}

const isEmpty = (value: Json): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;
