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
    const known = errors.filter(({ message }) => !/has invalid value: .*(\{\{|\{%)/s.test(message));
    const invalid = known.map(({ line, message }) => `line ${line}: ${message}`);
    return { html, errors: [...includes, ...invalid, ...lostLiquid(source, html)] };
  } catch (error) {
    return { html: '', errors: [error instanceof Error ? error.message : 'not MJML'] };
  }
}

/** MJML drops text between its elements without a word, `{% for %}` around sections above all. */
function lostLiquid(source: string, html: string): string[] {
  const withoutComments = source.replace(/<!--.*?-->/gs, (comment) => comment.replace(/[^\n]/g, ' '));
  return [...withoutComments.matchAll(/\{\{.*?\}\}|\{%.*?%\}/gs)].flatMap(({ 0: tag, index }) => {
    if (html.includes(tag)) return [];
    const line = withoutComments.slice(0, index).split('\n').length;
    return [`line ${line}: ${tag.slice(0, 60)} stands where MJML drops it; put it into <mj-raw>`];
  });
}
