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
    let byOther = known.get(one);
    let text = byOther?.get(other);
    if (text !== undefined) return text;
    text = textOf(one, other);
    if (size >= MAX_KNOWN) {
      known.clear();
      [byOther, size] = [undefined, 0];
    }
    if (byOther === undefined) {
      byOther = new Map();
      known.set(one, byOther);
    }
    byOther.set(other, text);
    size += 1;
    return text;
  };
}
