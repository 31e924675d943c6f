import { expect, it } from 'vitest';
import type { LintCatalog } from '../../../../shared/domain/journeys/lint/finding.ts';
import { smsTexts } from '../../../../shared/domain/journeys/lint/sms-texts.ts';
import { Template } from '../../../../shared/domain/messaging/template.ts';
import { journeyWith, small } from '../a-journey.ts';

const found = (text: string, channels = ['sms']) => {
  const variants = [{ channel: 'sms', content: { text } }];
  const template = Template.parse({ schemaVersion: 1, id: 'hello', variables: {}, variants });
  const journey = journeyWith({ steps: { hello: { ...small.steps.hello, channels } } });
  const catalog = { templates: { get: () => template, ids: () => ['hello'] } } as unknown as LintCatalog;
  return smsTexts(journey, catalog).map(({ severity, pointer, code }) => `${severity} ${pointer} ${code}`);
};

const unicode = 'warning /steps/hello/template journey.sms-unicode';
const parts = 'warning /steps/hello/template journey.sms-parts';

it.each<[string, string[]]>([
  ['Plain, 10 €', []],
  ['Hi 👋', [unicode]],
  ['It’s {{ profile.name }}', [unicode]],
  ['{{ profile.name | default: "👋" }}', []],
  ['雪 👋', []],
  ['x'.repeat(460), [parts]],
  ['x'.repeat(459), []],
  [`${'{{ profile.name }}'.repeat(100)}`, []],
])('what makes a text message dear: %s', (text, expected) => {
  expect(found(text)).toEqual(expected);
});

it('is looked for only where the step sends one', () => {
  expect(found('Hi 👋', ['email'])).toEqual([]);
});
