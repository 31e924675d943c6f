import { scopes } from '../app/access/scopes.ts';
import { operationId } from './open-api.ts';
import type { Route } from './route.ts';

/** The API as one page: no script, nothing loaded from anywhere. The schemas are in /v1/openapi.json. */
export function docsPage(routes: readonly Route[], version: string): string {
  const tags = [...new Set(routes.map(({ tag }) => tag))];
  const sections = tags.map((tag) => {
    const items = routes.filter((route) => route.tag === tag).map(item);
    return `<section><h2 id="${html(tag)}">${html(tag)}</h2>\n${items.join('\n')}</section>`;
  });
  const links = tags.map((tag) => `<a href="#${html(tag)}">${html(tag)}</a>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Godwit API</title>
<style>
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 25%, transparent) }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 54rem; margin: 0 auto; padding: 2rem 1.25rem 6rem }
code, .path { font-family: ui-monospace, monospace; font-size: .9375em }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem }
details { border-top: 1px solid var(--line); padding: .5rem 0 }
summary { cursor: pointer }
summary:focus-visible, a:focus-visible { outline: 3px solid; outline-offset: 2px }
.method { display: inline-block; min-width: 4.5rem; font: 600 .875rem ui-monospace, monospace }
.about { opacity: .8 }
dt { font-weight: 600; margin-top: .5rem } dd { margin: 0 }
</style>
</head>
<body>
<main>
<h1>Godwit API <small>${html(version)}</small></h1>
<p>Send <code>Authorization: Bearer gw_api_…</code>. Bodies are JSON. Unknown fields are refused. Errors are
<code>application/problem+json</code> (RFC 9457): <code>code</code> is stable, <code>errors[].pointer</code> names the field.
Schemas: <a href="/v1/openapi.json">OpenAPI 3.1</a>.</p>
<ul>
<li><strong>PUT</strong>: <code>If-None-Match: *</code> creates (201); <code>If-Match: "etag"</code> replaces (200); neither is 428; another ETag is 412.</li>
<li><strong>Idempotency-Key</strong>: taken by every POST that changes something; the answer is kept for 24 hours. Another body under the same key is 422.</li>
<li><strong>Lists</strong>: <code>?limit=1..200&amp;cursor=</code> → <code>{"data": […], "nextCursor": …}</code>.</li>
<li><strong>Scopes</strong>: ${scopes.map((scope) => `<code>${html(scope)}</code>`).join(' ')} or <code>*</code>.</li>
</ul>
<nav>${links.join('\n')}</nav>
${sections.join('\n')}
</main>
</body>
</html>
`;
}

function item(route: Route): string {
  const facts: [string, string][] = [];
  if (route.description !== undefined) facts.push(['About', html(route.description)]);
  facts.push([
    'Scope',
    route.scope === 'public'
      ? 'none: public'
      : route.scope === 'iam'
        ? 'none: signed with AWS credentials'
        : `<code>${html(route.scope)}</code>`,
  ]);
  const query = Object.keys(route.query?.shape ?? {});
  if (query.length > 0) facts.push(['Query', query.map((name) => `<code>${html(name)}</code>`).join(' ')]);
  if (route.preconditions !== undefined) {
    facts.push([
      'Precondition',
      route.preconditions === 'required' ? 'If-Match or If-None-Match: *' : 'If-Match, if you like',
    ]);
  }
  if (route.idempotency === 'required') facts.push(['Idempotency-Key', 'required']);
  const answers = Object.entries(route.answers).map(([status, { description }]) => `${status}: ${html(description)}`);
  facts.push(['Answers', answers.join('<br>')]);
  const list = facts.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join('');
  return `<details id="${operationId(route)}"><summary><span class="method">${route.method}</span> <span class="path">${html(route.path)}</span><br><span class="about">${html(route.summary)}</span></summary><dl>${list}</dl></details>`;
}

function html(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
