import { compile } from 'html-to-text';

/** Is loaded by whoever needs it: the parser and its tables of entities are a sixth of what a function of messages would read. */
export function textOfHtml(html: string): string {
  converter ??= createConverter();
  return converter(html).trim();
}

/** Reading the selectors takes longer than most texts; made by whoever renders first. */
let converter: ((html: string) => string) | undefined;

const createConverter = () =>
  compile({
    wordwrap: false,
    limits: { maxInputLength: 400_000, maxDepth: 200 },
    selectors: [
      { selector: 'img', format: 'skip' },
      { selector: '.preheader', format: 'skip' },
      { selector: 'a', options: { hideLinkHrefIfSameAsText: true, ignoreHref: false } },
    ],
  });
