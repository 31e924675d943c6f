import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { brokenBy, parts, sectionOf } from '../../bench/cost/all-parts.ts';
import { brokenBudgets } from '../../bench/cost/budgets.ts';
import { less, type MeasuredRow } from '../../bench/cost/measured.ts';
import { mustDiffer } from '../../bench/cost/table.ts';
import { prices } from '../../bench/prices.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const { rows } = JSON.parse(read('bench/cost/measured.json')) as { rows: MeasuredRow[] };
const benchmarks = read('BENCHMARKS.md');

describe('what has been counted', () => {
  it('is there once for each thing', () => {
    expect(rows.length).toBeGreaterThan(50);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  });

  const shown = parts.filter((part) => part.isDerived || rows.some((row) => row.part === part.name));
  it.each(shown.map((part) => [part.name, part] as const))('is what BENCHMARKS.md shows: %s', (name, part) => {
    const own = rows.filter((row) => row.part === name);
    const [, section] = new RegExp(`<!-- cost-${name} -->\\n([^]*)\\n<!-- /cost-${name} -->`).exec(benchmarks)!;
    expect(section).toBe(sectionOf(part, own));
    expect(brokenBy(part, own)).toEqual([]);
  });

  it('costs what its parts cost at the prices of today', () => {
    const off = rows.filter((row) => {
      const invocations = Object.values(row.invocations).reduce((sum, count) => sum + count, 0);
      const dollars =
        row.writeUnits * prices.writeUnit +
        row.readUnits * prices.readUnit +
        row.standardRequests * prices.standardQueueRequest +
        row.fifoRequests * prices.fifoQueueRequest +
        row.transitions * prices.stateTransition +
        invocations * prices.lambdaRequest +
        row.apiUnits * prices.httpApiRequest;
      // Each count was rounded to four digits.
      return Math.abs(dollars * 1e6 - row.dollarsPerMillion) > 0.02;
    });
    expect(off.map(({ id }) => id)).toEqual([]);
  });
});

describe('the benchmark itself', () => {
  it('fails when a control comes out alike', () => {
    expect(() => mustDiffer('one against one', 1, 1)).toThrow(/control failed: one against one/);
    expect(() => mustDiffer('two against one', 1, 2)).not.toThrow();
  });

  it('fails when a budget is missed that nobody has explained', () => {
    const verdict = { what: 'something', most: 1, unit: '$' };
    expect(brokenBudgets([{ ...verdict, found: 2 }])).toHaveLength(1);
    expect(brokenBudgets([{ ...verdict, found: 1 }])).toEqual([]);
  });

  it('takes idle days off, number by number', () => {
    expect(less({ a: 5, b: { c: 7 } }, { a: 1, b: { c: 2 } }, 2)).toEqual({ a: 3, b: { c: 3 } });
    expect(less({ a: 5, b: { only: 4 } }, { a: 1, b: {} } as never, 3)).toEqual({ a: 2, b: { only: 4 } });
  });
});
