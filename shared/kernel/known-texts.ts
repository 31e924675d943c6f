/** Documents have far fewer; texts of others begin anew. */
const MAX_KNOWN = 10_000;

/**
 * Texts that are put together of the same few parts with every decision: each is made once and is then the same text, so that
 * whoever looks something up by it need not read it again.
 */
export function knownTexts(textOf: (one: string, other: string) => string): (one: string, other: string) => string {
  const known = new Map<string, Map<string, string>>();
  let size = 0;
  return (one, other) => {
    const before = known.get(one)?.get(other);
    if (before !== undefined) return before;
    if (size >= MAX_KNOWN) {
      known.clear();
      size = 0;
    }
    size += 1;
    const text = textOf(one, other);
    known.set(one, (known.get(one) ?? new Map()).set(other, text));
    return text;
  };
}
