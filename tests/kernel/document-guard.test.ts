import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { hasForbiddenCharacters } from '../../shared/kernel/clean-text.ts';
import { didYouMean } from '../../shared/kernel/did-you-mean.ts';
import { guardDocument } from '../../shared/kernel/document-guard.ts';
import type { InvalidInput } from '../../shared/kernel/errors.ts';
import { jsonPointer } from '../../shared/kernel/json-pointer.ts';
import { parseDocument } from '../../shared/kernel/problems.ts';
import fc from '../property.ts';

const codes = (input: unknown, limits?: { depth: number; bytes: number }) =>
  guardDocument(input, 'doc', limits).map(({ pointer, code }) => `${pointer} ${code}`);

describe('guardDocument', () => {
  it.each<[string, unknown, string[]]>([
    ['plain JSON', { a: [1, 'x', null, true, { b: {} }] }, []],
    ['__proto__', JSON.parse('{"a":{"__proto__":{"x":1}}}'), ['/a/__proto__ doc.forbidden-key']],
    ['constructor', { constructor: 1 }, ['/constructor doc.forbidden-key']],
    ['prototype', [{ prototype: 1 }], ['/0/prototype doc.forbidden-key']],
    ['a lone surrogate', { a: '\udc00' }, ['/a doc.forbidden-characters']],
    ['a surrogate pair', { a: '😀' }, []],
    ['U+FFFE', ['\ufffe'], ['/0 doc.forbidden-characters']],
    ['U+FFFF in a key', { a: { '\uffff': 1 } }, ['/a doc.forbidden-characters']],
    ['a control character', { a: '\u0007' }, ['/a doc.forbidden-characters']],
    ['tabs and line ends', { a: '\t\r\n' }, []],
    ['NaN', { a: Number.NaN }, ['/a doc.type']],
    ['undefined', { a: undefined }, ['/a doc.type']],
    ['a function', { a: () => 0 }, ['/a doc.type']],
    ['a date', { a: new Date(0) }, ['/a doc.type']],
    ['a bigint', { a: 1n }, ['/a doc.type']],
  ])('judges %s', (_name, input, expected) => expect(codes(input)).toEqual(expected));

  it('counts levels of nesting', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });
    expect(codes(nested(20))).toEqual([]);
    expect(codes(nested(21))).toEqual([`${'/a'.repeat(20)} doc.too-deep`]);
  });

  it('stops at endless depth, cycles and size', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 200_000; i += 1) deep = [deep];
    expect(codes(deep)).toHaveLength(1);
    const cycle: Record<string, unknown> = {};
    cycle['a'] = cycle;
    expect(codes(cycle)).toEqual([`${'/a'.repeat(20)} doc.too-deep`]);
    expect(codes({ a: 'x'.repeat(600_000) })).toEqual([' doc.too-large']);
    expect(codes(Array.from({ length: 300_000 }, () => 1))).toEqual([' doc.too-large']);
  });

  it('measures the JSON in bytes, escapes included', () => {
    expect(codes('é'.repeat(49), { depth: 5, bytes: 100 })).toEqual([]);
    expect(codes('é'.repeat(50), { depth: 5, bytes: 100 })).toEqual([' doc.too-large']);
    expect(codes('"'.repeat(49), { depth: 5, bytes: 100 })).toEqual([]);
    expect(codes('"'.repeat(50), { depth: 5, bytes: 100 })).toEqual([' doc.too-large']);
    expect(guardDocument('"'.repeat(50), 'doc', { depth: 5, bytes: 100 })[0]).toMatchObject({
      limit: 100,
      actual: 102,
    });
  });

  it('lets through any JSON value within its limits that is clean', () => {
    const clean = fc
      .jsonValue({ maxDepth: 5 })
      .filter((value) => !/__proto__|constructor|prototype/.test(JSON.stringify(value)));
    fc.assert(
      fc.property(clean, (value) => {
        expect(codes(value).filter((code) => !code.endsWith('forbidden-characters'))).toEqual([]);
      }),
    );
  });
});

describe('hasForbiddenCharacters', () => {
  it('agrees with UTF-8: what does not come back is forbidden', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
        (text) => {
          if (Buffer.from(text).toString() !== text) expect(hasForbiddenCharacters(text)).toBe(true);
          if (/^[\x20-\x7e]*$/.test(text)) expect(hasForbiddenCharacters(text)).toBe(false);
        },
      ),
    );
  });
});

describe('parseDocument', () => {
  const schema = z.strictObject({ a: z.number(), b: z.string().exactOptional() });
  it.each<[unknown, InvalidInput['kind']]>([
    [{ a: 'x' }, 'malformed'],
    [{ a: 1, b: 'x'.repeat(300_000) }, 'too-large'],
  ])('throws the kind that the edge needs', (input, kind) => {
    expect(() => parseDocument(schema, input, 'doc')).toThrow(expect.objectContaining({ kind }));
  });

  it('names problems with pointers, and never repeats a value', () => {
    const secret = 'jane@example.com';
    try {
      parseDocument(schema, { a: secret, 'b/c~': secret, b: [secret] }, 'doc');
      expect.unreachable();
    } catch (error) {
      expect((error as InvalidInput).problems.map(({ pointer, code }) => [pointer, code])).toEqual([
        ['/a', 'doc.type'],
        ['/b', 'doc.type'],
        ['/b~1c~0', 'doc.unknown-key'],
      ]);
      expect(JSON.stringify([(error as InvalidInput).problems, (error as Error).message])).not.toContain(secret);
    }
  });

  it('shows at most a hundred problems and counts all', () => {
    const many = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`k${i}`, 1]));
    expect(() => parseDocument(schema, { a: 1, ...many }, 'doc')).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('150 problems'),
        problems: expect.objectContaining({ length: 100 }),
      }),
    );
  });
});

describe('didYouMean', () => {
  const words = ['message', 'wait', 'wait-for', 'exitWhen', 'end'];
  it.each([
    ['mesage', 'message'],
    ['wiat', 'wait'],
    ['exitwhen', 'exitWhen'],
    ['emd', 'end'],
    ['webhook', undefined],
    ['', undefined],
  ])('%s → %s', (word, expected) => expect(didYouMean(word, words)).toBe(expected));
});

it('escapes pointers', () => expect(jsonPointer(['a/b', 0, '~'])).toBe('/a~1b/0/~0'));
