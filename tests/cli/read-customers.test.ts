import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { chunksOf } from '../../cli/enrolling/progress.ts';
import { readCsv } from '../../cli/enrolling/read-csv.ts';
import { readCustomers } from '../../cli/enrolling/read-customers.ts';

const folder = mkdtempSync(join(tmpdir(), 'godwit-csv-'));
afterAll(() => rmSync(folder, { recursive: true }));
const read = (name: string, text: string, declared = {}) => {
  writeFileSync(join(folder, name), text);
  return readCustomers(join(folder, name), name, declared);
};

describe('CSV', () => {
  it.each<[string, string, string[][]]>([
    [
      'lines that end in LF or CRLF',
      'a,b\r\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    ['no last line break', 'a\n1', [['a'], ['1']]],
    ['quotes, commas and line breaks in quotes', '"a ""b""","c,\nd"\n', [['a "b"', 'c,\nd']]],
    [
      'empty cells, also the last',
      'a,,\n,\n',
      [
        ['a', '', ''],
        ['', ''],
      ],
    ],
    ['a last empty cell at the end of the text', 'a,', [['a', '']]],
    ['a byte order mark', '\ufeffid\n1\n', [['id'], ['1']]],
    ['lines without anything', '\na\n\n', [['a']]],
    ['nothing', '', []],
  ])('%s', (_, text, cells) => {
    expect(readCsv(text).map((record) => record.cells)).toEqual(cells);
  });

  it('gives back what was written, at its line', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', ' ', 'ü') });
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1 }), (rows) => {
        const written = rows.map((row) => `${row.map(quoted).join(',')}\n`);
        const found = readCsv(written.join(''));
        expect(found.map(({ cells }) => cells)).toEqual(rows);
        const linesBefore = (index: number) => written.slice(0, index).join('').split('\n').length;
        expect(found.map(({ line }) => line)).toEqual(rows.map((_, index) => linesBefore(index)));
      }),
    );
  });
});

describe('customers to enrol', () => {
  it('get traits and properties of the types that column or journey say', () => {
    const text =
      'id,idType,key,traits.name,traits.age:number,properties.total,properties.vip:boolean\na,userId,k,Ada,36,9.5,true\nb,,,,,,\n';
    expect(read('a.csv', text, { total: 'number' })).toEqual([
      {
        line: 2,
        request: {
          id: 'a',
          idType: 'userId',
          key: 'k',
          traits: { name: 'Ada', age: 36 },
          properties: { total: 9.5, vip: true },
        },
      },
      { line: 3, request: { id: 'b' } },
    ]);
    expect(read('a.ndjson', '{"id": "a"}\n\n{"id": "b", "properties": {"x": 1}}\n')).toEqual([
      { line: 1, request: { id: 'a' } },
      { line: 3, request: { id: 'b', properties: { x: 1 } } },
    ]);
  });

  it.each([
    ['a.csv', 'name\nAda\n', /is called "name"/],
    ['a.csv', 'idType\nuserId\n', /no column is called id/],
    ['a.csv', 'id,traits.a:date\n', /is called "traits.a:date"/],
    ['a.csv', 'id,traits.a\nada\n', /1 cells, and there are 2 columns/],
    ['a.csv', 'id,traits.secret:number\nada,hunter2\n', /^traits.secret: not a number$/],
    ['a.csv', 'id\n"ada\n', /never closed/],
    ['a.csv', 'id,key\n,k\n', /^no id$/],
    ['a.ndjson', '{"id": 7}\n', /^not a JSON object with an id$/],
    ['a.ndjson', '{"email": "ada@secret.example"\n', /^not a JSON object with an id$/],
    ['a.xlsx', '', /neither/],
  ])('%s %j is refused without repeating what it says', (name, text, detail) => {
    expect(() => read(name, text)).toThrow(detail);
  });

  it('have keys that depend on what is enrolled, where, and on nothing else', () => {
    const customers = Array.from({ length: 5 }, (_, i) => ({ line: i, request: { id: `c${i}` } }));
    const keys = (api: string, journey: string, of = customers) => chunksOf(of, 2, api, journey).map(({ key }) => key);
    expect(keys('a', 'j')).toEqual(
      keys(
        'a',
        'j',
        customers.map((one) => ({ ...one, line: one.line + 7 })),
      ),
    );
    const all = [...keys('a', 'j'), ...keys('b', 'j'), ...keys('a', 'k'), ...keys('a', 'j', customers.toReversed())];
    expect(new Set(all).size).toBe(12);
    expect(new Set(keys('a', 'j', Array(4).fill(customers[0]))).size).toBe(2);
  });
});
