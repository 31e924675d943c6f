import { describe, expect, it } from 'vitest';
import { checkTemplate, compileTemplate } from '../../shared/app/compile-template.ts';
import { Template } from '../../shared/domain/messaging/template.ts';

const variables = {
  'profile.name': { type: 'string', example: 'Ada' },
  'event.products': { type: 'list', example: [{ name: 'Tea' }] },
};
const template = (content: Record<string, string>, channel: 'email' | 'webhook' | 'sms' | 'push' = 'email') =>
  Template.parse({ schemaVersion: 1, id: 'welcome', variables, variants: [{ channel, content }] });
const footer = '{{ postal_address }} <a href="{{ unsubscribe_url }}">Unsubscribe</a>';
const mjml = `<mjml>
<mj-head><mj-preview>{{ preheader }}</mj-preview></mj-head>
<mj-body>
  <mj-raw>{% for p in event.products %}</mj-raw>
  <mj-section><mj-column><mj-text>{{ p.name }}{% if profile.name and p.price > 3 %}!{% endif %}</mj-text></mj-column></mj-section>
  <mj-raw>{% endfor %}</mj-raw>
  <mj-section><mj-column><mj-text>${footer}</mj-text></mj-column></mj-section>
</mj-body></mjml>`;
const codesOf = async (given: Template, kind?: 'marketing' | 'transactional') =>
  (await checkTemplate(given, { topicKind: kind })).map(({ code, pointer }) => `${pointer} ${code}`);

describe('publishing a template', () => {
  it('turns MJML into HTML with its Liquid as it was, and keeps the source', async () => {
    const compiled = await compileTemplate(template({ subject: 's', mjml }));
    const { html, mjml: source } = compiled.variants[0]!.content;
    expect(source).toBe(mjml);
    expect(html).toMatch(/^\s*<!doctype html>/i);
    for (const tag of mjml.match(/\{[{%].*?[%}]\}/g)!) expect(html).toContain(tag);
    expect(html).not.toMatch(/googleapis|<mj-/);
  });

  it('compiling twice changes nothing', async () => {
    const once = await compileTemplate(template({ subject: 's', mjml, html: 'something old' }));
    expect(await compileTemplate(once)).toEqual(once);
    expect(once.variants[0]!.content['html']).not.toContain('something old');
  });

  it('finds nothing wrong with a good one', async () => {
    expect(await codesOf(template({ subject: 'Hi {{ profile.name }}', preheader: 'p', mjml }), 'marketing')).toEqual(
      [],
    );
    expect(await codesOf(await compileTemplate(template({ subject: 's', mjml })), 'marketing')).toEqual([]);
    expect(await codesOf(template({ body: '{"name": {{ profile.name }} }' }, 'webhook'))).toEqual([]);
    const aligned = mjml.replaceAll('<mj-text>', '<mj-text align="{{ align_start }}">');
    expect(await codesOf(template({ subject: 's', mjml: aligned }))).toEqual([]);
  });

  it.each([
    [
      'a ref that is not declared',
      { subject: 's', text: '{{ profile.surname }}' },
      '/variants/0/content/text template.variable-undeclared',
    ],
    [
      'one that only begins alike',
      { subject: 's', text: '{{ profile.name_day }}' },
      '/variants/0/content/text template.variable-undeclared',
    ],
    [
      'a loop without end',
      { subject: 's', text: '{% for i in (1..100000000) %}x{% endfor %}' },
      '/variants/0/content/text template.limit',
    ],
    [
      'what its own examples break',
      { subject: 's', text: '{{ 1 | divided_by: 0 }}' },
      '/variants/0/content/text template.failed',
    ],
    [
      'what works only for customers who have it',
      { subject: 's', text: '{{ profile.name | slice: 1 }} {{ event.products.size | money: "EUR" }}' },
      '/variants/0/content/text template.failed',
    ],
    [
      'a currency that is none',
      { subject: '{{ 5 | money: "EURO" }}', text: 't' },
      '/variants/0/content/subject template.failed',
    ],
    [
      'a word of nobody’s',
      { subject: 's', text: '{{ first_name }}' },
      '/variants/0/content/text template.word-unknown',
    ],
    [
      'the whole profile',
      { subject: 's', text: '{{ profile | json }}' },
      '/variants/0/content/text template.variable-open',
    ],
    [
      'a property that is computed',
      { subject: 's', text: '{{ profile[vars.key] }}' },
      '/variants/0/content/text template.variable-open',
    ],
    ['Liquid that does not parse', { subject: '{{ x', text: 't' }, '/variants/0/content/subject template.syntax'],
    [
      'an unknown filter',
      { subject: 's', text: '{{ profile.name | upcased }}' },
      '/variants/0/content/text template.syntax',
    ],
    ['a tag that reads files', { subject: 's', text: '{% include "x" %}' }, '/variants/0/content/text template.syntax'],
    ['no subject', { text: 't' }, '/variants/0/content template.part-missing'],
    ['no body', { subject: 's' }, '/variants/0/content template.part-missing'],
    [
      'a part of another channel',
      { subject: 's', text: 't', title: 't' },
      '/variants/0/content/title template.part-unknown',
    ],
    ['a subject of two lines', { subject: 'a\nb', text: 't' }, '/variants/0/content/subject template.header-newline'],
    [
      'a subject too long',
      { subject: 'x'.repeat(901), text: 't' },
      '/variants/0/content/subject template.part-too-large',
    ],
    ['MJML that is none', { subject: 's', mjml: '<p>hello' }, '/variants/0/content/mjml template.mjml'],
    [
      'an unknown element',
      { subject: 's', mjml: '<mjml><mj-body><mj-foo/></mj-body></mjml>' },
      '/variants/0/content/mjml template.mjml',
    ],
    [
      'an include',
      { subject: 's', mjml: '<mjml><mj-body><mj-include path="/etc/passwd" /></mj-body></mjml>' },
      '/variants/0/content/mjml template.mjml',
    ],
    [
      'Liquid where MJML drops it',
      {
        subject: 's',
        mjml: '<mjml><mj-body>{% if profile.name %}<mj-section></mj-section>{% endif %}</mj-body></mjml>',
      },
      '/variants/0/content/mjml template.mjml',
    ],
  ])('refuses %s', async (_what, content, expected) => {
    expect(await codesOf(template(content as Record<string, string>))).toContain(expected);
  });

  it('says where, and what to do, and never what a customer wrote', async () => {
    const [problem] = await checkTemplate(template({ subject: 's', text: 'a\n {{ profile.surname }}' }));
    expect(problem).toEqual({
      pointer: '/variants/0/content/text',
      code: 'template.variable-undeclared',
      detail: 'line 2, column 5: profile.surname is not among the variables',
      fix: 'add "profile.surname" with type and example to variables',
    });
  });

  it.each([
    ['marketing', 'html', '<p>{{ postal_address }}</p>', ['template.unsubscribe-url-missing']],
    ['marketing', 'html', '<a href="{{ unsubscribe_url }}">x</a>', ['template.postal-address-missing']],
    ['marketing', 'text', 'nothing', ['template.unsubscribe-url-missing', 'template.postal-address-missing']],
    ['marketing', 'html', footer, []],
    ['transactional', 'html', 'nothing', []],
    [undefined, 'html', 'nothing', []],
  ] as const)('a mail of kind %s whose %s is %j: %j', async (kind, part, source, codes) => {
    const found = await checkTemplate(template({ subject: 's', [part]: source }), { topicKind: kind });
    expect(found.map(({ code }) => code)).toEqual(codes);
  });

  it.each([
    ['string', 7, 1],
    ['list', {}, 1],
    ['instant', '2026-11-22T00:00:00Z', 0],
    ['money', 7, 0],
    ['number', 7, 0],
  ])('an example of type %s that is %j: %i findings', async (type, example, count) => {
    const given = Template.parse({
      ...template({ subject: 's', text: 't' }),
      variables: { 'profile.a': { type, example } },
    });
    expect(await codesOf(given)).toHaveLength(count);
  });

  it('a second variant for the same reader is never chosen, and that is said', async () => {
    const [variant] = template({ subject: 's', text: 't' }).variants;
    const given = { ...template({ subject: 's', text: 't' }), variants: [variant!, variant!] };
    expect(await codesOf(given)).toEqual(['/variants/1 template.variant-unreachable']);
  });
});
