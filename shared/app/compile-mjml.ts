import { replaceSpans, spansIn } from '../kernel/spans.ts';

/** Compiled is only MJML's markup; the Liquid in it stays. Files are not read, and no web font is added. */
export async function compileMjml(
  source: string,
): Promise<{ readonly html: string; readonly errors: readonly string[] }> {
  // Large, and only the API publishes: loaded when it is needed.
  const { default: mjml } = await import('mjml');
  try {
    const { html, errors } = await mjml(source, { ignoreIncludes: true, keepComments: false, fonts: {} });
    const includes = /<mj-include\b/i.test(source) ? ['mj-include reads files; put the content here'] : [];
    // What an attribute comes to is only known when it is rendered.
    const known = errors.filter(({ message }) => !isOfLiquid(message));
    const invalid = known.map(({ line, message }) => `line ${line}: ${message}`);
    return { html, errors: [...includes, ...invalid, ...lostLiquid(source, html)] };
  } catch (error) {
    return { html: '', errors: [error instanceof Error ? error.message : 'not MJML'] };
  }
}

function isOfLiquid(message: string): boolean {
  const at = message.indexOf('has invalid value: ');
  return at >= 0 && /\{[{%]/.test(message.slice(at));
}

/** MJML drops text between its elements without a word, `{% for %}` around sections above all. */
function lostLiquid(source: string, html: string): string[] {
  const blank = (comment: string) => comment.replace(/[^\n]/g, ' ');
  const withoutComments = replaceSpans(source, spansIn(source, ['<!--', '-->']), blank);
  return spansIn(withoutComments, ['{{', '}}'], ['{%', '%}']).flatMap(({ from, to }) => {
    const tag = withoutComments.slice(from, to);
    if (html.includes(tag)) return [];
    const line = withoutComments.slice(0, from).split('\n').length;
    return [`line ${line}: ${tag.slice(0, 60)} stands where MJML drops it; put it into <mj-raw>`];
  });
}
