import type { LinkTagging } from '../link-tagging.ts';

/** What a message's links are made of it: for a body in HTML, and for everything else. */
export interface LinkTags {
  html(body: string): string;
  text(body: string): string;
}

export const noLinkTags: LinkTags = { html: (body) => body, text: (body) => body };

export interface LinkOrigin {
  readonly channel: string;
  readonly template?: string | undefined;
  readonly journey?: string | undefined;
  readonly step?: string | undefined;
}

/**
 * Adds utm parameters to links.
 *
 * 1. Query and fragment stay byte for byte: nothing is parsed and written anew.
 * 2. A link that has any of them already is its author's.
 * 3. `except` and what begins with it is left alone: links that unsubscribe must work whatever counts visitors.
 */
export function linkTags(tagging: LinkTagging, origin: LinkOrigin, except: readonly string[]): LinkTags {
  const parameters = parametersOf(tagging, origin);
  const tag = (url: string, separator: string): string => {
    const plain = url.replaceAll('&amp;', '&');
    if (except.some((one) => one !== '' && plain.startsWith(one))) return url;
    if (/[?&]utm_[a-z]+=/i.test(plain) || !isIn(tagging.domains, plain)) return url;
    const [, address, query, fragment] = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(url) ?? [];
    if (address === undefined) return url;
    const begin = query === undefined ? '?' : query === '?' || /&(amp;)?$/.test(query) ? '' : separator;
    return `${address}${query ?? ''}${begin}${parameters.join(separator)}${fragment ?? ''}`;
  };
  return {
    html: (body) =>
      body.replace(hrefs, (_, before: string, double: string | undefined, single: string | undefined) =>
        double === undefined ? `${before}'${tag(single!, '&amp;')}'` : `${before}"${tag(double, '&amp;')}"`,
      ),
    text: (body) =>
      body.replace(urls, (found) => {
        // What ends a sentence is not the address's; a bracket may be, when it was opened there.
        const url = withoutEnd(found, found.includes('(') ? '.,;:!?]}\'"' : '.,;:!?)]}\'"');
        return tag(url, '&') + found.slice(url.length);
      }),
  };
}

/** Of links, areas of an image, and the buttons that Outlook draws from VML; not of style sheets. */
const hrefs = /(<(?:a|area|v:\w+)\s(?:[^<>]*?\s)?href\s*=\s*)(?:"([^"]*)"|'([^']*)')/gi;
/** Not by a pattern: one for the end of a text is tried at every place of it, which takes the square of its length. */
function withoutEnd(text: string, marks: string): string {
  let end = text.length;
  while (end > 0 && marks.includes(text[end - 1]!)) end--;
  return text.slice(0, end);
}

const urls = /https?:\/\/[^\s<>"]+/gi;

function parametersOf({ source, medium, campaign }: LinkTagging, origin: LinkOrigin): string[] {
  const { channel, template, journey, step } = origin;
  const values = [
    ['utm_source', source],
    ['utm_medium', medium ?? channel],
    ['utm_campaign', campaign ?? journey ?? template],
    // Which message of it.
    ['utm_content', step ?? (campaign === undefined ? undefined : template)],
  ] as const;
  return values.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]));
}

function isIn(domains: readonly string[], url: string): boolean {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return false;
  const host = new URL(url).hostname.replace(/\.$/, '');
  return domains.some((domain) => host === domain || host.endsWith(`.${domain}`));
}
