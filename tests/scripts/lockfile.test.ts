import { describe, expect, it } from 'vitest';
import { chooseLicence, type LockedPackage, readLockfile } from '../../scripts/lockfile.ts';

const integrity = `sha512-${'A'.repeat(86)}==`;
const fine: LockedPackage = { version: '1.0.0', license: 'MIT', integrity };
const problemsOf = (change: LockedPackage) =>
  readLockfile({ packages: { '': {}, 'node_modules/a/node_modules/@b/c': { ...fine, ...change } } }).problems;

describe('a licence', () => {
  it.each([
    ['MIT', 'MIT'],
    ['(MIT OR GPL-3.0-or-later)', 'MIT'],
    ['GPL-3.0-or-later OR MIT', 'MIT'],
    ['Apache-2.0 OR MIT', 'MIT'],
    ['MIT AND ISC', 'MIT AND ISC'],
    ['(MIT AND GPL-2.0-only) OR Apache-2.0', 'Apache-2.0'],
    ['MIT AND (GPL-2.0-only OR ISC)', 'MIT AND ISC'],
    ['MIT (http://mootools.net/license.txt)', 'MIT'],
    ['GPL-3.0-only', undefined],
    ['MIT AND GPL-3.0-only', undefined],
    ['Apache-2.0 WITH LLVM-exception', undefined],
    ['AGPL-3.0-only OR LGPL-3.0-only', undefined],
    ['SEE LICENSE IN LICENSE.md', undefined],
    ['UNLICENSED', undefined],
    ['MIT OR', undefined],
    ['(MIT', undefined],
    ['', undefined],
  ])('%s: %s', (license, chosen) => {
    expect(chooseLicence(license)).toBe(chosen);
  });
});

describe('a lockfile', () => {
  it.each<[string, LockedPackage, RegExp]>([
    [
      'a licence that asks for more',
      { license: 'GPL-3.0-only' },
      /@b\/c@1.0.0: licence "GPL-3.0-only".*part of functions/,
    ],
    ['a licence that only tools may have', { license: 'MPL-2.0' }, /part of functions/],
    ['a tool whose licence asks for more', { license: 'AGPL-3.0-only', dev: true }, /for a tool/],
    ['another registry', { resolved: 'https://npm.example.com/c.tgz' }, /comes from https:\/\/npm.example.com/],
    ['a host that begins alike', { resolved: 'https://registry.npmjs.org.example.com/c.tgz' }, /not from the registry/],
    ['a repository', { resolved: 'git+ssh://git@github.com/b/c.git#1' }, /not from the registry/],
    ['a weak hash', { integrity: 'sha1-AAAA' }, /no sha512 integrity/],
    ['another folder', { link: true, resolved: 'https://registry.npmjs.org/x' }, /a link/],
  ])('with %s is refused', (_, change, problem) => {
    expect(problemsOf(change)).toEqual([expect.stringMatching(problem)]);
  });

  it('may have tools under MPL, and what lies within another package without a hash of its own', () => {
    expect(problemsOf({ license: 'MPL-2.0', dev: true })).toEqual([]);
    const { integrity: _, ...bundled } = fine;
    expect(readLockfile({ packages: { 'node_modules/c': { ...bundled, inBundle: true } } }).problems).toEqual([]);
    expect(readLockfile({ packages: { 'node_modules/c': bundled } }).problems).toHaveLength(1);
  });
});
