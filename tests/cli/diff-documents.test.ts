import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffDocuments } from '../../cli/documents/diff-documents.ts';
import { printChanges } from '../../cli/documents/print-changes.ts';

const plain = { red: String, green: String, yellow: String, bold: String, dim: String };

describe('what differs between two documents', () => {
  it.each<[string, unknown, unknown, string[]]>([
    ['the order of keys is nothing', { a: 1, b: 2 }, { b: 2, a: 1 }, []],
    [
      'a value',
      { steps: { wait: { for: 'P1D' } } },
      { steps: { wait: { for: 'P2D' } } },
      ['~ /steps/wait/for: "P1D" → "P2D"'],
    ],
    ['a key more and one less', { a: 1 }, { b: 2 }, ['- /a: 1', '+ /b: 2']],
    ['another type', { a: [1] }, { a: { b: 1 } }, ['~ /a: [1] → {"b":1}']],
    ['null is a value', { a: null }, {}, ['- /a: null']],
    ['keys with slashes', { 'a/b': 1 }, { 'a/b': 2 }, ['~ /a~1b: 1 → 2']],
    ['something put in front of a list', ['b', 'c'], ['a', 'b', 'c'], ['+ /0: "a"']],
    ['something taken out of a list', ['a', 'b', 'c'], ['a', 'c'], ['- /1: "b"']],
    ['another order of a list', ['a', 'b'], ['b', 'a'], ['- /0: "a"', '+ /1: "a"']],
    [
      'an element that changed in its place',
      [{ if: 'x', next: 'a' }],
      [{ if: 'x', next: 'b' }],
      ['~ /0/next: "a" → "b"'],
    ],
    [
      'elements with an id are themselves wherever they stand',
      {
        arms: [
          { id: 'a', weight: 50 },
          { id: 'b', weight: 50 },
        ],
      },
      {
        arms: [
          { id: 'new', weight: 10 },
          { id: 'a', weight: 40 },
          { id: 'b', weight: 50 },
        ],
      },
      ['~ /arms/1/weight: 50 → 40', '+ /arms/0: {"id":"new","weight":10}'],
    ],
    [
      'and so are variants',
      [{ channel: 'email', content: { subject: 'Hi' } }],
      [
        { channel: 'email', locale: 'de', content: { subject: 'Moin' } },
        { channel: 'email', content: { subject: 'Hello' } },
      ],
      ['~ /1/content/subject: "Hi" → "Hello"', '+ /0: {"channel":"email","locale":"de","content":{"subject":"Moin"}}'],
    ],
    ['a long text by its lines', { html: 'a\nb\nc' }, { html: 'a\nB\nc' }, ['~ /html:', '    - b', '    + B']],
  ])('%s', (_, before, after, lines) => {
    expect(printChanges(diffDocuments(before, after), plain)).toEqual(lines);
  });

  it('says nothing exactly when they are the same document', () => {
    const document = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(null, true, 0, 1, 'a', 'b\nc'),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.constantFrom('id', 'a', 'b'), tie('value')),
      ),
    })).value;
    fc.assert(
      fc.property(document, document, (a, b) => {
        expect(diffDocuments(a, structuredClone(a))).toEqual([]);
        const same = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
        expect(diffDocuments(a, b).length === 0).toBe(same);
      }),
    );
  });
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}
