export interface Span {
  readonly from: number;
  /** Behind the closing mark. */
  readonly to: number;
}

/**
 * Places from an opening mark to the next closing one, in order, none within another. In the place of a pattern like
 * `<!--.*?-->`, which looks through the rest of the text from each opening mark that nothing closes, and so takes the
 * square of its length.
 */
export function spansIn(text: string, ...pairs: readonly (readonly [open: string, close: string])[]): Span[] {
  const spans: Span[] = [];
  const openings = pairs.map(([open, close]) => ({ open, close, next: text.indexOf(open) }));
  for (;;) {
    const [first] = openings.filter(({ next }) => next >= 0).sort((a, b) => a.next - b.next);
    if (first === undefined) return spans;
    const closing = text.indexOf(first.close, first.next + first.open.length);
    if (closing < 0) {
      first.next = -1;
      continue;
    }
    const to = closing + first.close.length;
    spans.push({ from: first.next, to });
    for (const one of openings) if (one.next >= 0 && one.next < to) one.next = text.indexOf(one.open, to);
  }
}

/** The text with another one in the place of each span. */
export function replaceSpans(text: string, spans: readonly Span[], replacement: (span: string) => string): string {
  let end = 0;
  let result = '';
  for (const { from, to } of spans) {
    result += text.slice(end, from) + replacement(text.slice(from, to));
    end = to;
  }
  return result + text.slice(end);
}
