import { expect, it } from 'vitest';
import { ComputedTrait } from '../../../../shared/domain/computed-traits/computed-trait.ts';
import { compileComputedTraits } from '../../../../shared/domain/computed-traits/computed-traits.ts';
import { comparisonTypes } from '../../../../shared/domain/journeys/lint/comparison-types.ts';
import { computedTraits } from '../../../../shared/domain/journeys/lint/computed-traits.ts';
import type { LintCatalog } from '../../../../shared/domain/journeys/lint/finding.ts';
import { type Changes, journeyWith } from '../a-journey.ts';

const traits = [
  { id: 'shop', preset: 'commerce' },
  { id: 'interest', name: 'I', function: 'count', of: { event: 'Viewed' }, within: 'ever', decay: {} },
].map((one) => ComputedTrait.parse({ schemaVersion: 1, ...one }));
const catalog = { computed: compileComputedTraits(traits).byName } as unknown as LintCatalog;
const said = (changes: Changes) => {
  const journey = journeyWith(changes);
  return [...computedTraits(journey, catalog), ...comparisonTypes(journey, catalog)].map(
    ({ severity, pointer, code }) => `${severity} ${pointer} ${code}`,
  );
};
const update = (more: object) => ({ steps: { note: { type: 'update', next: 'end', ...more } } });

it.each<[string, Changes, string[]]>([
  ['numbers with numbers', { where: 'profile.orders >= 3 and profile.interest > 0.5' }, []],
  ['an instant with an instant', { where: 'profile.last-order < "2026-01-01"' }, []],
  ['another trait', update({ set: { plan: 'gold' } }), []],
  ['a number with a text', { where: 'profile.orders = "many"' }, ['warning /where journey.types-mixed']],
  ['a text with a number', { where: 'profile.rfm > 3' }, ['warning /where journey.types-mixed']],
  ['a decaying number that is equal', { where: 'profile.interest = 1' }, ['warning /where journey.computed-decays']],
  ['it is set', update({ set: { orders: 1 } }), ['error /steps/note journey.computed-set']],
  ['it is counted up', update({ increment: { orders: 1 } }), ['error /steps/note journey.computed-set']],
  [
    'people enter on it',
    { entry: [{ on: 'date', trait: 'profile.last-order', every: 'year', at: '09:00' }] },
    ['error /entry/0/trait journey.computed-date'],
  ],
])('%s', (_case, changes, expected) => {
  expect(said(changes)).toEqual(expected);
});
