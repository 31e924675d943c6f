import { describe, expect, it } from 'vitest';
import { compareDocuments } from '../../../shared/app/audit/compare.ts';

const changes = (before: unknown, after: unknown) => compareDocuments(before, after).changes;

describe('what differs between two documents', () => {
  it.each<[string, unknown, unknown, object[]]>([
    ['nothing', { a: 1, b: [1, 2] }, { b: [1, 2], a: 1 }, []],
    ['a value', { a: 1, b: 2 }, { a: 1, b: 3 }, [{ pointer: '/b', before: '2', after: '3' }]],
    ['something new', {}, { a: { b: 1 } }, [{ pointer: '/a', after: '{"b":1}' }]],
    ['something gone', { a: 1 }, {}, [{ pointer: '/a', before: '1' }]],
    ['inside a list', { a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }, [{ pointer: '/a/1/b', before: '2', after: '3' }]],
    ['another type', { a: [1] }, { a: { 0: 1 } }, [{ pointer: '/a', before: '[1]', after: '{"0":1}' }]],
    ['a name with a slash', { 'a/b~': 1 }, { 'a/b~': 2 }, [{ pointer: '/a~1b~0', before: '1', after: '2' }]],
  ])('%s', (_, before, after, found) => {
    expect(changes(before, after)).toEqual(found);
  });

  it('a document that was not there is told as a whole, cut short', () => {
    const [only, ...more] = changes(undefined, { text: 'x'.repeat(1_000) });
    expect(more).toEqual([]);
    expect(only).toMatchObject({ pointer: '', after: expect.stringMatching(/^.{100}… \(1011 characters\)$/) });
  });

  it('says how many more there are', () => {
    const many = (value: number) => Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`k${n}`, value]));
    expect(compareDocuments(many(1), many(2))).toMatchObject({ changes: { length: 12 }, more: 18 });
  });

  it.each<[string, unknown, unknown]>([
    ['an e-mail address', { to: 'x' }, { to: ['Ann <ann.smith@example.com>'] }],
    ['a phone number', { to: 'x' }, { to: '+49 151 000-000 99' }],
    ['an address as a name', {}, { 'ann.smith@example.com': true }],
    ['a header of an endpoint', { headers: { authorization: 'none' } }, { headers: { authorization: 'ann.smith' } }],
    ['all headers of an endpoint', { id: 'crm' }, { id: 'crm', headers: { authorization: 'ann.smith' } }],
    ['an endpoint that is new', undefined, { id: 'crm', headers: { authorization: 'ann.smith' } }],
  ])('never says %s', (_, before, after) => {
    const text = JSON.stringify(changes(before, after));
    expect(text).toContain('…');
    expect(text).not.toMatch(/ann\.smith|151|000/);
  });
});
