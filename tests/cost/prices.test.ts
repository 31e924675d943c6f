import { describe, expect, it } from 'vitest';
import { CHECKED, dollarsFor, type Price, priceTable } from '../../shared/cost/prices.ts';

const all: [string, Price][] = Object.entries(priceTable);

describe('the price table', () => {
  it.each(all)('%s names the page of AWS and where the figure was read', (_name, { page, against, per }) => {
    expect(page).toMatch(/^https:\/\/aws\.amazon\.com\/[a-z0-9-]+\/pricing\/([a-z-]+\/)?$/);
    expect(against).not.toBe('');
    expect(per).not.toBe('');
  });

  it('says when it was checked', () => {
    expect(CHECKED).toMatch(/^20\d\d-\d\d-\d\d$/);
  });

  it.each(all)('%s gets cheaper by volume, never dearer', (_name, { dollars, beyond = [] }) => {
    const counts = beyond.map(([count]) => count);
    const steps = [dollars, ...beyond.map(([, each]) => each)];
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(steps).toEqual([...steps].sort((a, b) => b - a));
  });
});

describe('dollarsFor', () => {
  it.each([
    ['nothing', 0, 0],
    ['within the first tier', 300e6, 300],
    ['beyond it: the first at the first price, the rest at the next', 400e6, 390],
  ])('%s', (_what, count, dollars) => {
    expect(dollarsFor(priceTable.httpApiRequest, count)).toBeCloseTo(dollars, 6);
  });

  it('counts through every tier', () => {
    expect(dollarsFor(priceTable.lambdaGigabyteSecond, 20e9)).toBeCloseTo(
      7.5e9 * 13.3334e-6 + 11.25e9 * 12.0001e-6 + 1.25e9 * 10.6667e-6,
      3,
    );
  });
});
