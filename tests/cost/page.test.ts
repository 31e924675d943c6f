import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mustDiffer } from '../../bench/bill/control.ts';
import { deployed } from '../../bench/bill/deployed.ts';
import { others } from '../../bench/bill/others.ts';
import { billPage, billSection } from '../../bench/bill/page.ts';
import { figures } from '../../shared/cost/figures.ts';

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'cost.md'), 'utf8');
const between = (text: string, name: string): string => {
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
  return text.slice(text.indexOf(begin) + begin.length, text.indexOf(end)).trim();
};

describe('docs/cost.md', () => {
  it.each(Object.entries(billPage(figures)))(
    'says between its marks %s what figures.json gives (npm run bench:bill -- --docs)',
    (name, text) => {
      expect(between(page, name)).toBe(text.trim());
    },
  );

  it('has no marks that nobody writes', () => {
    expect([...page.matchAll(/<!-- (\w+) -->/g)].map(([, name]) => name)).toEqual(Object.keys(billPage(figures)));
  });
});

it('BENCHMARKS.md has the same sums', () => {
  expect(between(readFileSync(join(root, 'BENCHMARKS.md'), 'utf8'), 'bill')).toBe(billSection(figures).trim());
});

it('the controls see figures in which nothing shares a batch, or everything costs the same', () => {
  const alone = figures.rows.find(({ id }) => id === 'inert-event')!;
  const all = (rows: typeof figures.rows) => () => mustDiffer({ ...figures, rows });
  expect(all(figures.rows)).not.toThrow();
  expect(all(figures.rows.map((row) => ({ ...alone, id: row.id })))).toThrow(/need 1 of the requests/);
});

it('figures.json knows the templates as they are (npm run bench:bill -- --templates)', () => {
  expect(figures.deployed).toEqual(deployed());
});

describe('lists of others', () => {
  const dollars = (name: RegExp, profiles: number) =>
    others.find((one) => name.test(one.name))!.dollars({ profiles, emails: profiles * 4, events: profiles * 20 });

  // By hand, from what each list says.
  it.each<[RegExp, number, number | undefined]>([
    [/Customer.io/, 100_000, 900 + 48],
    [/Customer.io/, 1_000_000, undefined],
    [/Dittofeed/, 100_000, 75 + 360 + 40],
    [/Dittofeed/, 1_000_000, 75 + 360 + 800 + 500 + 400],
    [/OneSignal/, 100_000, 19 + 570],
    [/Pinpoint/, 100_000, 114 + 40],
    [/Pinpoint/, 1_000_000, 1_194 + 400],
    [/Braze/, 100_000, undefined],
  ])('%s, %i profiles', (name, profiles, expected) => {
    const sum = dollars(name, profiles);
    if (expected === undefined) expect(sum).toBeUndefined();
    else expect(sum).toBeCloseTo(expected, 6);
  });

  it.each(others.map((one) => [one.name, one] as const))('%s has a page and a day', (_name, { page: list, read }) => {
    expect(list).toMatch(/^https:\/\//);
    expect(read).toMatch(/20\d\d-\d\d-\d\d|undated/);
  });
});
