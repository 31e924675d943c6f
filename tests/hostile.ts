import { hostileJson, hostileTexts } from './fixtures/hostile.ts';
import fc, { anyCharacter } from './property.ts';

/** More of everything: GODWIT_FUZZ=100 tries a hundred times as many cases, GODWIT_SEED others. */
export const times = (runs: number): number => Math.ceil(runs * Number(process.env['GODWIT_FUZZ'] ?? 1));

export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...hostileTexts),
  fc.string({ unit: anyCharacter, maxLength: 30 }),
  fc.string({ maxLength: 10 }),
);

export const anyJsonText: fc.Arbitrary<string> = fc.oneof(fc.constantFrom(...hostileJson), anyText);

/**
 * Any JSON value as a parser makes it, with keys of one's own among the hostile ones, so that mutants of a document come
 * further than its first check. `__proto__` is an own property, as JSON.parse makes it.
 */
export const jsonWith = (words: readonly string[], text = anyText): fc.Arbitrary<unknown> =>
  fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e308, Number.MAX_SAFE_INTEGER + 1),
      text,
      fc.array(tie('value'), { maxLength: 4 }),
      fc
        .array(fc.tuple(fc.oneof(fc.constantFrom(...words, '__proto__'), text), tie('value')), { maxLength: 5 })
        .map((entries) => {
          const object = {};
          for (const [key, value] of entries) {
            Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
          }
          return object;
        }),
    ),
  })).value;

/** The document with one place replaced. */
export const mutantOf = (document: unknown, values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.tuple(fc.array(fc.nat(20), { maxLength: 7 }), values).map(([path, value]) => {
    const copy = structuredClone(document);
    let node = copy as Record<string, unknown>;
    for (const [depth, step] of path.entries()) {
      const keys = Object.keys(node);
      const key = keys[step % Math.max(1, keys.length)];
      if (key === undefined) break;
      const child = node[key];
      if (child === null || typeof child !== 'object' || depth === path.length - 1) {
        node[key] = value;
        break;
      }
      node = child as Record<string, unknown>;
    }
    return copy;
  });

/** All names of fields in some documents. */
export const wordsOf = (...documents: readonly unknown[]): string[] => {
  const words = new Set<string>();
  JSON.stringify(documents, (key, value) => {
    if (key !== '' && !/^\d+$/.test(key)) words.add(key);
    return value;
  });
  return [...words];
};
