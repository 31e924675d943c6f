import { expect, it } from 'vitest';
import type { LintCatalog } from '../../../../shared/domain/journeys/lint/finding.ts';
import { lookupKeys } from '../../../../shared/domain/journeys/lint/lookup-keys.ts';
import { Template } from '../../../../shared/domain/messaging/template.ts';
import { journeyWith, small } from '../a-journey.ts';

const found = (lookups: object, vars?: object) => {
  const variables = { 'event.sku': { type: 'string', example: 'boots' }, 'event.skus': { type: 'list', example: [] } };
  const variants = [{ channel: 'email', content: { subject: 'Hi', text: 'Hi' } }];
  const template = Template.parse({ schemaVersion: 1, id: 'hello', variables, lookups, variants });
  const journey = journeyWith({ steps: { hello: { ...small.steps.hello, ...(vars && { vars }) } } });
  const catalog = { templates: { get: () => template, ids: () => ['hello'] } } as unknown as LintCatalog;
  return lookupKeys(journey, catalog);
};
const one = (key: unknown, onMissing = 'skip') => ({ product: { collection: 'products', key, onMissing } });
const several = (ref: string) => ({
  also: { collection: 'products', keys: { ref }, limit: 3, onMissing: 'skip' },
});
const given = { product: 'boots' };

it.each<[string, object, object | undefined]>([
  ['the step gives it', one({ ref: 'vars.product' }), given],
  ['the message does without', one({ ref: 'vars.product' }, 'empty'), undefined],
  ['the id is fixed', one('boots'), undefined],
  ['it stands in the event', one({ ref: 'event.sku' }), undefined],
  ['a list, and the step gives it', several('vars.product'), given],
  ['a list of the event', several('event.skus'), undefined],
])('a look-up that can be made: %s', (_what, lookups, vars) => {
  expect(found(lookups, vars)).toEqual([]);
});

it.each<[string, object, object | undefined]>([
  ['of a step without vars', one({ ref: 'vars.product' }), undefined],
  ['of a step with others', one({ ref: 'vars.product' }), { colour: 'red' }],
  ['by a name that every object has', one({ ref: 'vars.constructor' }), given],
  ['of a list', several('vars.product'), undefined],
])('a message that would never go: %s', (_what, lookups, vars) => {
  expect(found(lookups, vars)).toMatchObject([
    { severity: 'error', pointer: '/steps/hello/vars', code: expect.stringMatching(/lookup-key-missing$/) },
  ]);
});

it('says which look-up it is, and what to add', () => {
  const [finding] = found({ ...one({ ref: 'vars.product' }), ...several('event.skus') });
  expect(finding).toMatchObject({
    detail: 'the template looks up product by vars.product, which the step does not give',
    fix: 'add product to vars',
  });
});
