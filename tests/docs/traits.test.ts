import { expect, it } from 'vitest';
import { Policy } from '../../shared/domain/messaging/policy.ts';
import { traitTypes } from '../../shared/domain/profiles/trait-schema.ts';
import { World } from '../domain/engine/world.ts';
import { readDocument } from './documents.ts';
import { splitCode } from './markdown.ts';

const text = readDocument('docs/traits.md');
const { blocks } = splitCode(text);

it('docs/traits.md: the policy is one, and does with the values beside it what the page says', () => {
  const policy = Policy.parse(JSON.parse(blocks[0]!.text));
  const w = new World({ policy, at: '2026-11-26T09:00:00Z' });
  w.identify('ann', { plan: 'platin', seats: '12', lifetimeValue: '1.234,50 €', phone: '0151 12345678' });
  w.identify('ann', { address: { country: 'United States', state: 'California' }, customerNo: 'AB-1234' });
  const values = Object.entries(w.profile('ann').traits).map(([name, { value }]) => [name, value]);
  expect(Object.fromEntries(values)).toEqual({
    seats: 12,
    lifetimeValue: 1234.5,
    phone: '+4915112345678',
    address: { country: 'US', state: 'US-CA' },
    customerNo: 'AB-1234',
  });
  const shown = JSON.parse(`{${blocks[1]!.text}}`) as { aside: { plan: { at: string } } };
  const { at, ...plan } = shown.aside.plan;
  expect(w.profile('ann').aside).toEqual({ plan: { ...plan, at: Date.parse(at) } });
});

it('docs/traits.md: names every type', () => {
  for (const type of traitTypes) expect(text).toContain(`\`${type}\``);
});
