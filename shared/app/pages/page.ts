import { directionOf, type PageLocale } from './page-locale.ts';

/** Headers of every public page. A link is a key to somebody's wishes: no cache, no search engine, no referrer. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex',
} as const;

/**
 * No script, no image, nothing loaded from anywhere. Colours are the reader's own (`color-scheme`), but for the main button: white on
 * #14532d is 9.1 to 1. What is pressed is at least 24 px high (WCAG 2.2, 2.5.8), and shows when it has the focus (2.4.7).
 */
const style = `
:root { color-scheme: light dark }
* { box-sizing: border-box }
body { font: 1.125rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 10vh auto 3rem; padding: 0 1.5rem; overflow-wrap: anywhere }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .75rem }
fieldset { border: 1px solid; border-radius: .5rem; margin: 0 0 1rem; padding: .5rem 1rem 1rem; min-width: 0 }
legend { font-weight: 600; padding: 0 .375rem }
fieldset p { margin: 0 0 .5rem }
label { display: flex; gap: .625rem; align-items: center; padding: .25rem 0; min-height: 2rem; cursor: pointer }
input { width: 1.5rem; height: 1.5rem; margin: 0; flex: none; accent-color: #14532d }
button { font: inherit; padding: .75rem 1.5rem; border: 2px solid; border-radius: .375rem; cursor: pointer }
button.main { background: #14532d; border-color: CanvasText; color: #fff }
button.other { background: transparent; color: inherit }
.row { display: flex; flex-wrap: wrap; gap: 1rem }
[role=status] { border: 2px solid; border-radius: .5rem; padding: .75rem 1rem; font-weight: 600 }
:focus-visible { outline: 3px solid; outline-offset: 3px }
`.trim();

/** @param body HTML. */
export function htmlPage(locale: PageLocale, title: string, body: string): string {
  return `<!doctype html>
<html lang="${locale}" dir="${directionOf(locale)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>
${style}
</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${body}
</main>
</body>
</html>
`;
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** Text about somebody stands in its own direction, whatever the page's is. */
export const isolated = (text: string): string => `<bdi>${escapeHtml(text)}</bdi>`;

/** A question with one button, or what came of it. The form has no action: it goes to the page's own address, token included. */
export function questionPage(
  locale: PageLocale,
  { title, text, button }: { readonly title: string; readonly text: string; readonly button?: string },
  isDone: boolean,
): string {
  const form =
    button === undefined
      ? ''
      : `\n<form method="post"><button class="main" name="confirm" value="1">${escapeHtml(button)}</button></form>`;
  return htmlPage(locale, title, `<p${isDone ? ' role="status"' : ''}>${escapeHtml(text)}</p>${form}`);
}
