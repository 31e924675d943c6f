/** Pages of `/u/{token}`: no script, no image, nothing loaded from anywhere. */
export type UnsubscribePage =
  | { readonly state: 'ask' | 'done'; readonly topicName: string }
  | { readonly state: 'invalid' };

export type PageLocale = 'en' | 'de';

/** Headers to send with them. A link is a key to somebody's wishes: no cache, no search engine, no referrer. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex',
} as const;

const words = {
  en: {
    ask: 'Unsubscribe?',
    askText: (topic: string) => `You will get no more messages about “${topic}” at this address.`,
    button: 'Unsubscribe',
    done: 'You are unsubscribed',
    doneText: (topic: string) => `We will send no more messages about “${topic}” to this address.`,
    invalid: 'This link does not work',
    invalidText: 'It may have been cut off. Please open it again from the message, as a whole.',
  },
  de: {
    ask: 'Abmelden?',
    askText: (topic: string) => `Sie erhalten dann an diese Adresse keine Nachrichten mehr zu „${topic}“.`,
    button: 'Abmelden',
    done: 'Sie sind abgemeldet',
    doneText: (topic: string) => `Wir senden an diese Adresse keine Nachrichten mehr zu „${topic}“.`,
    invalid: 'Dieser Link funktioniert nicht',
    invalidText: 'Vielleicht wurde er abgeschnitten. Bitte öffnen Sie ihn noch einmal vollständig aus der Nachricht.',
  },
} as const;

export function unsubscribePage(page: UnsubscribePage, locale: PageLocale): string {
  const text = words[locale];
  const [title, body] =
    page.state === 'invalid'
      ? [text.invalid, text.invalidText]
      : [text[page.state], text[`${page.state}Text`](page.topicName)];
  // The form has no action: it goes to the page's own address, token included.
  const form =
    page.state === 'ask' ? `<form method="post"><button name="confirm" value="1">${text.button}</button></form>` : '';
  return `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>
:root { color-scheme: light dark }
body { font: 1.125rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto 0; padding: 0 1.5rem }
button { font: inherit; padding: .75rem 1.5rem; border: 2px solid; border-radius: .375rem; background: #14532d; color: #fff; cursor: pointer }
button:focus-visible { outline: 3px solid; outline-offset: 3px }
</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<p${page.state === 'done' ? ' role="status"' : ''}>${escapeHtml(body)}</p>
${form}
</main>
</body>
</html>
`;
}

/** The language of ours that the browser likes best (RFC 9110 12.5.4); English when there is none. */
export function pageLocale(acceptLanguage: string | undefined): PageLocale {
  const wanted = (acceptLanguage ?? '')
    .slice(0, 500)
    .split(',')
    .map((entry) => {
      const [tag = '', ...parameters] = entry.trim().toLowerCase().split(';');
      const q = parameters.map((one) => /^\s*q=([\d.]+)\s*$/.exec(one)?.[1]).find((one) => one !== undefined);
      return { language: tag.split('-')[0]!, quality: q === undefined ? 1 : Number(q) };
    })
    .filter(({ language, quality }) => quality > 0 && Object.hasOwn(words, language))
    .sort((a, b) => b.quality - a.quality);
  return (wanted[0]?.language as PageLocale | undefined) ?? 'en';
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
