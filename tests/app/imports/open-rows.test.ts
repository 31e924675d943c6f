import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Mapping } from '../../../shared/app/imports/mapping.ts';
import { openRows } from '../../../shared/app/imports/open-rows.ts';
import { MAX_ROW_BYTES } from '../../../shared/app/imports/raw-rows.ts';
import { InvalidInput } from '../../../shared/kernel/errors.ts';
import { fileOf, packed, rowsOf, told } from './rows.ts';

const csv = (text: string, mapping: Mapping = {}) => rowsOf(fileOf(text), 'events', mapping).then(told);

describe('reading rows', () => {
  it.each([
    [
      'CSV with its own columns',
      'userId,properties.total:number\na,1.5\n',
      [[2, { userId: 'a', properties: { total: 1.5 } }]],
    ],
    ['semicolons, a byte order mark, CRLF', '\ufeffuserId;name\r\na;b\r\n', [[2, { userId: 'a', name: 'b' }]]],
    ['tabs', 'userId\tname\na\tb', [[2, { userId: 'a', name: 'b' }]]],
    [
      'quotes and line breaks in them',
      'userId,name\n"a ""x""","b\nc"\nd,e\n',
      [
        [2, { userId: 'a "x"', name: 'b\nc' }],
        [4, { userId: 'd', name: 'e' }],
      ],
    ],
    ['an empty cell is nothing', 'userId,name\na,\n', [[2, { userId: 'a' }]]],
    ['empty lines are no rows', 'userId,name\n\na,b\n\n', [[3, { userId: 'a', name: 'b' }]]],
    [
      'too few cells',
      'userId,name\na\nb,c\n',
      [
        [2, ['row.cells']],
        [3, { userId: 'b', name: 'c' }],
      ],
    ],
    [
      'a quote that is never closed costs its line',
      'userId,name\n"a,b\nc,d\n',
      [
        [2, ['row.csv']],
        [3, { userId: 'c', name: 'd' }],
      ],
    ],
    [
      'text behind a quote costs its line',
      'userId,name\n"a"x,b\nc,d\n',
      [
        [2, ['row.csv']],
        [3, { userId: 'c', name: 'd' }],
      ],
    ],
    ['no number', 'userId,properties.n:number\na,b\n', [[2, ['row.value properties.n:number']]]],
    [
      'NDJSON',
      '{"userId":"a"}\n[1]\nnothing\n{"userId":"b"}',
      [
        [1, { userId: 'a' }],
        [2, ['row.json']],
        [3, ['row.json']],
        [4, { userId: 'b' }],
      ],
    ],
  ])('%s', async (_title, text, rows) => {
    expect(await csv(text)).toEqual(rows);
  });

  it('a row that is too long costs no other one, and no memory', async () => {
    const long = `{"userId":"${'x'.repeat(3 * MAX_ROW_BYTES)}"}`;
    expect(await csv(`{"userId":"a"}\n${long}\n{"userId":"b"}\n`)).toEqual([
      [1, { userId: 'a' }],
      [2, ['row.too-large']],
      [3, { userId: 'b' }],
    ]);
  });

  it('bytes that are no UTF-8 are refused, and read where the mapping says what they are', async () => {
    const file = fileOf(Buffer.from('userId,name\na,M\xfcller\n', 'latin1'));
    expect(told(await rowsOf(file))).toEqual([[2, ['row.encoding']]]);
    expect(told(await rowsOf(file, 'events', { encoding: 'latin1' }))).toEqual([[2, { userId: 'a', name: 'Müller' }]]);
  });

  it('gzip is unpacked, and a broken one says so', async () => {
    const text = `userId,name\n${Array.from({ length: 500 }, (_, i) => `u${i},n${i}`).join('\n')}`;
    expect(await rowsOf(packed(text))).toEqual(await rowsOf(fileOf(text)));
    const whole: Buffer[] = [];
    for await (const chunk of packed(text)(0)) whole.push(chunk);
    const broken = fileOf(Buffer.concat(whole).subarray(0, -20));
    await expect(rowsOf(broken)).rejects.toMatchObject({ code: 'import.gzip' });
  });

  const line = fc.oneof(
    fc.array(fc.stringMatching(/^[a-z",; é]{0,6}$/), { minLength: 1, maxLength: 3 }).map((cells) => cells.join(',')),
    fc.constantFrom('"a\nb",c', 'x,"', '', '"é"",y",z', 'p,q'),
  );
  it.each([
    ['as it lies', fileOf],
    ['packed', packed],
  ] as const)('law: %s, where a row ended the rest reads the same, whatever the chunks', async (_title, file) => {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 12 }), fc.integer({ min: 1, max: 20 }), async (lines, size) => {
        const text = ['userId,name', ...lines].join('\n');
        const all = await rowsOf(fileOf(text, 1_000));
        expect(await rowsOf(fileOf(text, size))).toEqual(all);
        for (const [index, { next }] of all.entries()) {
          expect(await rowsOf(file(text), 'events', {}, next)).toEqual(all.slice(index + 1));
        }
      }),
      { numRuns: file === packed ? 30 : 150 },
    );
  });
});

describe('a mapping', () => {
  it('names columns, writes times, numbers and lists anew, and adds constants', async () => {
    const mapping: Mapping = {
      columns: {
        Kunde: { to: 'userId' },
        Datum: { to: 'timestamp', format: 'dd.MM.yyyy HH:mm', zone: 'Europe/Berlin' },
        Betrag: { to: 'properties.total', type: 'number', decimal: ',' },
        Artikel: { to: 'properties.items', type: 'list', separator: '/' },
        Status: { to: 'properties.state', values: { bezahlt: 'paid' } },
      },
      constants: { event: 'Order Completed', 'properties.source': 'erp' },
    };
    const text =
      'Kunde;Datum;Betrag;Artikel;Status;Notiz\n7;24.03.2026 09:30;1.234,50;a / b;bezahlt;x\n8;2026-03-24;1;a;offen;\n';
    expect(told(await rowsOf(fileOf(text), 'events', mapping))).toEqual([
      [
        2,
        {
          userId: '7',
          timestamp: '2026-03-24T08:30:00.000Z',
          event: 'Order Completed',
          properties: { total: 1234.5, items: ['a', 'b'], state: 'paid', source: 'erp' },
        },
      ],
      [3, ['row.value Datum']],
    ]);
  });

  it.each([
    ['time', '1764140400', { format: 'epoch-s' }, '2025-11-26T07:00:00.000Z'],
    ['time', '11/2/2025 1:05 pm', { format: 'M/d/yyyy h:mm a' }, '2025-11-02T13:05:00.000Z'],
    ['time', '2025-11-02 13:05', { zone: 'America/New_York' }, '2025-11-02T18:05:00.000Z'],
    ['time', '2025-11-02T13:05:00Z', { zone: 'America/New_York' }, '2025-11-02T13:05:00.000Z'],
    ['date', '02.11.2025', { format: 'dd.MM.yyyy' }, '2025-11-02'],
    ['time', '31.02.2025', { format: 'dd.MM.yyyy' }, undefined],
    ['number', '1,234.5', {}, 1234.5],
    ['number', '1.234', { decimal: ',' }, 1234],
    ['number', '12.34', { decimal: ',' }, undefined],
    ['number', '0,5', { decimal: ',' }, 0.5],
    ['boolean', 'Yes', {}, true],
    ['json', '{"a":[1]}', {}, { a: [1] }],
    ['json', '{', {}, undefined],
  ] as const)('reads as %s: %s', async (type, written, more, value) => {
    const mapping = { columns: { v: { to: 'properties.v', type, ...more } }, delimiter: '|' } as Mapping;
    const [[, read]] = told(await rowsOf(fileOf(`v\n"${written.replaceAll('"', '""')}"`), 'events', mapping)) as [
      [number, unknown],
    ];
    expect(read).toEqual(value === undefined ? ['row.value v'] : { properties: { v: value } });
  });

  it('of NDJSON, a column is a path', async () => {
    const mapping: Mapping = { columns: { 'User.UserId': { to: 'userId' }, Address: { to: 'traits.email' } } };
    const text = '{"User":{"UserId":"a"},"Address":"a@example.com","More":1}';
    expect(told(await rowsOf(fileOf(text), 'profiles', mapping))).toEqual([
      [1, { userId: 'a', traits: { email: 'a@example.com' } }],
    ]);
  });

  it.each([
    ['', {}, 'import.empty'],
    ['user,name\na,b', {}, 'import.column'],
    ['userId,userId\na,b', {}, 'import.column-twice'],
    ['userId,properties.n:float\na,b', {}, 'import.column-type'],
    ['"userId\na,b', {}, 'import.header'],
    ['a,b\n1,2', { columns: { c: { to: 'userId' } } }, 'import.column-missing'],
    ['a,b\n1,2', { columns: { a: { to: 'traits.__proto__.x' } } }, 'import.column'],
    ['a,b\n1,2', { constants: { nonsense: 1 } }, 'import.column'],
  ] as const)('%j with %j is refused: %s', async (text, mapping, code) => {
    const error = await openRows('events', mapping, fileOf(text)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidInput);
    expect(error).toMatchObject({ code });
  });
});
