import { expect, it } from 'vitest';
import { dataMap } from '../../scripts/data-map.ts';
import { storedKinds } from '../../shared/data/stored-kinds.ts';
import { tables } from '../../shared/resources.ts';
import { readDocument } from './documents.ts';

it('docs/data-map.md is what the stores declare: npm run data-map', () => {
  expect(readDocument('docs/data-map.md')).toBe(dataMap());
});

it('has every table, every kind, and somebody who reads it', () => {
  const text = dataMap();
  for (const table of Object.keys(tables)) expect(text.toLowerCase()).toContain(`### ${table}\n`);
  for (const { kind, what } of storedKinds) expect(text).toContain(`| \`${kind}\` | ${what} |`);
  expect(text).not.toMatch(/Read by ;|undefined|\[object/);
});
