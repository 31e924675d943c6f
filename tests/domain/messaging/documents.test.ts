import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { Policy } from '../../../shared/domain/messaging/policy.ts';
import { Template } from '../../../shared/domain/messaging/template.ts';
import { Topic } from '../../../shared/domain/messaging/topic.ts';
import { WebhookEndpoint } from '../../../shared/domain/messaging/webhook-endpoint.ts';
import type { InvalidInput } from '../../../shared/kernel/errors.ts';
import { parseDocument } from '../../../shared/kernel/problems.ts';

const template = {
  schemaVersion: 1,
  id: 'hello',
  variables: { 'profile.name': { type: 'string', example: 'Ann' } },
  variants: [{ channel: 'email', content: { html: 'x' } }],
};
const topic = { id: 'news', kind: 'marketing', consent: { email: 'opt-in' } };
const endpoint = { id: 'crm', url: 'https://crm.example/hook?x=1' };
const policy = { schemaVersion: 1, zone: 'Europe/Berlin', locale: 'de', quietHours: [], caps: [] };

function problemsOf(schema: z.ZodType, input: unknown): string[] {
  try {
    parseDocument(schema, input, 'doc');
    return [];
  } catch (error) {
    return (error as InvalidInput).problems.map(({ pointer, code }) => `${pointer} ${code}`);
  }
}

describe.each<[string, z.ZodType, object, [what: string, change: object, problem: string | undefined][]]>([
  [
    'template',
    Template,
    template,
    [
      ['a locale', { variants: [{ channel: 'sms', locale: 'zh-Hant-TW', content: { text: 'x' } }] }, undefined],
      [
        'a condition as text',
        { variants: [{ channel: 'sms', if: 'profile.a = 1', content: { text: 'x' } }] },
        undefined,
      ],
      [
        'an example that is a list',
        { variables: { 'event.items': { type: 'list', example: [{ a: 1 }], required: true } } },
        undefined,
      ],
      [
        'a locale that is none',
        { variants: [{ channel: 'sms', locale: 'de_DE', content: { text: 'x' } }] },
        '/variants/0/locale doc.format',
      ],
      [
        'a variable that is no ref',
        { variables: { name: { type: 'string', example: 'x' } } },
        '/variables/name doc.key',
      ],
      [
        'a variable without example',
        { variables: { 'profile.a': { type: 'string' } } },
        '/variables/profile.a/example doc.missing',
      ],
      ['no variants', { variants: [] }, '/variants doc.too-short'],
      ['no content', { variants: [{ channel: 'sms', content: {} }] }, '/variants/0/content doc.content'],
      [
        'a wrong condition',
        { variants: [{ channel: 'sms', if: 'profile.a', content: { text: 'x' } }] },
        '/variants/0/if doc.predicate-syntax',
      ],
    ],
  ],
  [
    'topic',
    Topic,
    topic,
    [
      ['all channels', { name: 'News', consent: { email: 'opt-out', sms: 'opt-in', push: 'opt-out' } }, undefined],
      ['another kind', { kind: 'promotional' }, '/kind doc.value'],
      ['another consent', { consent: { email: 'yes' } }, '/consent/email doc.value'],
      ['chosen by customers', { public: true, textVersion: 'v2' }, undefined],
      ['chosen by customers, and not theirs to choose', { public: true, kind: 'transactional' }, '/public doc.public'],
      ['another channel', { consent: { fax: 'opt-in' } }, '/consent/fax doc.unknown-key'],
    ],
  ],
  [
    'endpoint',
    WebhookEndpoint,
    endpoint,
    [
      ['everything', { secretId: 's', timeout: 'PT5S', description: 'd', headers: { 'X-Team': 'crm' } }, undefined],
      ['http', { url: 'http://crm.example' }, '/url doc.url'],
      ['a password', { url: 'https://a:b@crm.example' }, '/url doc.url'],
      ['a user', { url: 'https://a@crm.example' }, '/url doc.url'],
      ['a fragment', { url: 'https://crm.example/#x' }, '/url doc.url'],
      ['a space', { url: 'https://crm.example/a b' }, '/url doc.url'],
      ['no url', { url: 'crm.example' }, '/url doc.url'],
      ['a header with a line end', { headers: { 'X-A': 'a\r\nX-B: b' } }, '/headers/X-A doc.format'],
      ['a header of ours', { headers: { Host: 'x' } }, '/headers/Host doc.key'],
      ['a signature header', { headers: { 'Webhook-Signature': 'x' } }, '/headers/Webhook-Signature doc.key'],
      ['a header name with a colon', { headers: { 'X:A': 'x' } }, '/headers/X:A doc.key'],
    ],
  ],
  [
    'policy',
    Policy,
    policy,
    [
      [
        'everything',
        {
          quietHours: [{ days: ['sat'], from: '22:00', to: '08:00' }],
          caps: [
            { channel: 'email', topic: 'news', max: 3, per: 'P7D' },
            { max: 1, per: 'day' },
          ],
          minimumAge: 16,
        },
        undefined,
      ],
      ['an offset for a zone', { zone: '+02:00' }, '/zone doc.zone'],
      ['a cap without time', { caps: [{ max: 3 }] }, '/caps/0/per doc.missing'],
      ['a cap per run', { caps: [{ max: 3, per: 'run' }] }, '/caps/0/per doc.duration'],
      ['a cap below nothing', { caps: [{ max: -1, per: 'day' }] }, '/caps/0/max doc.too-small'],
    ],
  ],
])('%s', (_name, schema, document, cases) => {
  it('parses', () => expect(problemsOf(schema, document)).toEqual([]));
  it('refuses unknown keys', () =>
    expect(problemsOf(schema, { ...document, nmae: 'x' })).toEqual(['/nmae doc.unknown-key']));
  it.each(cases)('with %s', (_what, change, problem) => {
    expect(problemsOf(schema, { ...document, ...change })).toEqual(problem === undefined ? [] : [problem]);
  });
});
