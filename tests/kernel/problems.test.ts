import { expect, it } from 'vitest';
import * as z from 'zod';
import { Mapping } from '../../shared/app/imports/mapping.ts';
import { ComputedTrait } from '../../shared/domain/computed-traits/computed-trait.ts';
import { Policy } from '../../shared/domain/messaging/policy.ts';
import type { InvalidInput } from '../../shared/kernel/errors.ts';
import { parseDocument } from '../../shared/kernel/problems.ts';

const policy = { schemaVersion: 1, zone: 'UTC', locale: 'en', quietHours: [], caps: [] };
const trait = { schemaVersion: 1, id: 'sum', name: 'Sum', function: 'count', of: { event: 'A' } };
const kinds = expect.stringMatching(/^email, phone, device, .* external:<type> with the type in lower case/);

it.each<[what: string, schema: z.ZodType, input: unknown, pointer: string, limit: unknown]>([
  ['a value of no type', Mapping, { constants: { a: {} } }, '/constants/a', 'string or number or boolean'],
  ['a text that is too long', Mapping, { constants: { a: 'x'.repeat(1001) } }, '/constants/a', 'at most 1000'],
  ['a kind of identity', Policy, { ...policy, identities: { crm: { merge: 'never' } } }, '/identities/crm', kinds],
  ['a window', ComputedTrait, { ...trait, within: 'P900D' }, '/within', 'hours or days, PT1H to P400D'],
  ['a preset', ComputedTrait, { schemaVersion: 1, id: 'a', preset: 'shop' }, '/preset', 'commerce, engagement'],
  ['nothing', z.strictObject({ a: z.union([z.string(), z.number()]) }), {}, '/a', 'string or number'],
])('names the limit in words: %s', (_, schema, input, pointer, limit) => {
  const [problem, ...others] = problemsOf(schema, input);
  expect(others).toEqual([]);
  expect(problem).toMatchObject({ pointer, limit });
  expect(problem!.detail).not.toMatch(/^Invalid/);
});

function problemsOf(schema: z.ZodType, input: unknown) {
  try {
    parseDocument(schema, input, 'doc');
  } catch (error) {
    return (error as InvalidInput).problems;
  }
  return [];
}
