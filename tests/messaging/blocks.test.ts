import { describe, expect, it } from 'vitest';
import { checkBlock } from '../../shared/app/catalog/blocks.ts';
import { checkTemplate, compileTemplate } from '../../shared/app/compile-template.ts';
import { preview } from '../../shared/app/preview.ts';
import { Block } from '../../shared/domain/messaging/block.ts';
import { expandBlocks, isBlockFault } from '../../shared/domain/messaging/render/expand-blocks.ts';
import { refsOfTemplate } from '../../shared/domain/messaging/render/variables.ts';
import { Template } from '../../shared/domain/messaging/template.ts';
import fc from '../property.ts';

const block = (id: string, content: object, more: object = {}) =>
  Block.parse({ schemaVersion: 1, id, variants: [{ content }], ...more });
const blocks = new Map(
  [
    block(
      'footer',
      { text: 'Bye, {{ profile.name }}' },
      {
        variants: [
          { content: { text: 'Bye, {{ profile.name }}' } },
          { locale: 'de', content: { text: 'Tschüss, {{ profile.name }}' } },
        ],
      },
    ),
    block(
      'button',
      { text: '[{{ label | upcase }}]({{ url }}{% if note %} {{ note }}{% endif %}) label {{ event.label }}' },
      { parameters: { label: { required: true }, url: { required: true }, note: {} } },
    ),
    block('brand', { text: 'Hi\n{% block body %}nothing{% endblock %}\n{% render "footer" %}' }),
    block('titled', { text: '# {{ title }}\n{% block body %}{% endblock %}' }, { parameters: { title: {} } }),
    block('ouroboros', { text: '{% render "serpent" %}' }),
    block('serpent', { text: '{% render "ouroboros" %}' }),
    block('html-only', { html: '<b>' }),
    ...[1, 2, 3, 4, 5, 6].map((n) => block(`deep-${n}`, { text: n === 6 ? 'end' : `{% render 'deep-${n + 1}' %}` })),
    ...[1, 2, 3, 4].map((n) =>
      block(`wide-${n}`, { text: n === 4 ? 'x'.repeat(1_000) : `{% render 'wide-${n + 1}' %}`.repeat(100) }),
    ),
  ].map((one) => [one.id, one]),
);
const expand = (text: string, locale?: string) => {
  const result = expandBlocks(text, blocks, { part: 'text', locale });
  return isBlockFault(result) ? result.code : result.text;
};

describe('a block is put where it is named', () => {
  it.each([
    ['{% render "footer" %}', 'Bye, {{ profile.name }}'],
    ["a {%- render 'footer' -%} b", 'aBye, {{ profile.name }}b'],
    ['{% raw %}{% render "footer" %}{% endraw %}', '{% raw %}{% render "footer" %}{% endraw %}'],
    ['{% comment %}{% render "nobody" %}{% endcomment %}', '{% comment %}{% render "nobody" %}{% endcomment %}'],
    [
      '{% render "button", label: "Buy", url: event.url %}',
      "[{{ 'Buy' | upcase }}]({{ event.url }}{% if nil %} {{ nil }}{% endif %}) label {{ event.label }}",
    ],
    [
      '{% layout "brand" %} {% block body %}One {% render "footer" %}{% endblock %}\n',
      'Hi\nOne Bye, {{ profile.name }}\nBye, {{ profile.name }}',
    ],
    ['{% layout "brand" %}', 'Hi\nnothing\nBye, {{ profile.name }}'],
    [
      '{% layout "titled", title: event.title %}{% block body %}{{ title }}{% endblock %}',
      '# {{ event.title }}\n{{ title }}',
    ],
  ])('%s', (text, expected) => {
    expect(expand(text)).toBe(expected);
  });

  it.each([
    ['de-AT', 'Tschüss, {{ profile.name }}'],
    ['fr', 'Bye, {{ profile.name }}'],
    [undefined, 'Bye, {{ profile.name }}'],
  ])('in the language of the variant: %s', (locale, expected) => {
    expect(expand('{% render "footer" %}', locale)).toBe(expected);
  });

  it.each([
    ['{% render "nobody" %}', 'block.unknown'],
    ['{% render footer %}', 'block.tag'],
    ['{% render "button" with event %}', 'block.tag'],
    ['{% render "button", label: "Buy" %}', 'block.parameter-missing'],
    ['{% render "footer", label: "Buy" %}', 'block.parameter-unknown'],
    ['{% render "html-only" %}', 'block.part-missing'],
    ['{% render "ouroboros" %}', 'block.nested'],
    ['{% render "deep-1" %}', 'block.nested'],
    ['{% render "wide-1" %}', 'block.too-large'],
    ['x {% layout "brand" %}', 'block.layout'],
    ['{% layout "brand" %} x', 'block.layout'],
    ['{% layout "brand" %}{% block feet %}{% endblock %}', 'block.layout'],
    ['{% layout "brand" %}{% block body %}', 'block.layout'],
    ['{% block body %}{% endblock %}', 'block.layout'],
  ])('%s is refused: %s', (text, code) => {
    expect(expand(text)).toBe(code);
  });

  it('any text at all is expanded or refused, and one without blocks stays as it is', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '{% render "footer" %}',
        '{%- layout "brand" %}',
        '{% block body %}',
        '{% endblock %}',
        '{% raw %}',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join('');
        const result = expand(text);
        expect(typeof result).toBe('string');
        if (!/render|layout|block/.test(text)) expect(result).toBe(text);
      }),
    );
  });
});

describe('a template with blocks', () => {
  const mjmlBlocks = new Map(
    [
      block('brand', {
        mjml: '<mjml><mj-body>{% block body %}{% endblock %}{% render "footer" %}</mj-body></mjml>',
      }),
      block('footer', {
        mjml: '<mj-section><mj-column><mj-text>{{ postal_address }} {{ unsubscribe_url }}</mj-text></mj-column></mj-section>',
      }),
      block('hello', { text: 'Hello {{ who }}' }, { parameters: { who: { required: true } } }),
    ].map((one) => [one.id, one]),
  );
  const template = Template.parse({
    schemaVersion: 1,
    id: 'news',
    variables: { 'profile.name': { type: 'string', example: 'Ada' } },
    variants: [
      {
        channel: 'email',
        content: {
          subject: '{% render "hello", who: profile.name %}',
          mjml: '{% layout "brand" %}{% block body %}<mj-section><mj-column><mj-text>News</mj-text></mj-column></mj-section>{% endblock %}',
        },
      },
    ],
  });

  it('is sound with them, also as a marketing mail, and not without', async () => {
    expect(await checkTemplate(template, { topicKind: 'marketing', blocks: mjmlBlocks })).toEqual([]);
    expect(await checkTemplate(template)).toMatchObject([
      { pointer: '/variants/0/content/subject', code: 'block.unknown' },
      { pointer: '/variants/0/content/mjml', code: 'block.unknown' },
    ]);
  });

  it('has them in it once it is compiled, keeps its source, and compiling again with others changes what it says', async () => {
    const compiled = await compileTemplate(template, mjmlBlocks);
    expect(compiled.variants[0]!.content).toMatchObject(template.variants[0]!.content);
    expect(compiled.variants[0]!.compiled?.['subject']).toBe('Hello {{ profile.name }}');
    expect(Object.keys(compiled.blocks!)).toEqual(['brand', 'footer', 'hello']);
    expect(refsOfTemplate(compiled)).toEqual(['profile.name']);
    expect(await compileTemplate(compiled, mjmlBlocks)).toEqual(compiled);
    const other = new Map([
      ...mjmlBlocks,
      ['hello', block('hello', { text: 'Hi {{ who }}' }, { parameters: { who: {} } })],
    ]);
    const again = await compileTemplate(compiled, other);
    expect(again.variants[0]!.compiled?.['subject']).toBe('Hi {{ profile.name }}');
    expect(again.blocks).not.toEqual(compiled.blocks);
  });

  it('is rendered with them', async () => {
    const { rendered, findings } = await preview({
      template,
      blocks: mjmlBlocks,
      channel: 'email',
      policy: { schemaVersion: 1, zone: 'UTC', locale: 'en', quietHours: [], caps: [] },
      sender: { id: 'main', from: 'a@shop.example', postalAddress: '1 Way' },
      topicKind: 'marketing',
      now: 0,
    });
    expect(findings).toEqual([]);
    expect(rendered).toMatchObject({ subject: 'Hello Ada', text: expect.stringMatching(/^News\s+1 Way https:/) });
  });
});

describe('a block by itself', () => {
  it.each([
    ['good', { text: '{% if a %}{{ label }}{% endif %}' }, []],
    ['a layout', { html: '<body>{% block body %}{% endblock %}</body>' }, []],
    ['that does not parse', { text: '{% if label %}' }, ['template.syntax']],
    ['that names another which is not there', { text: '{% render "nobody" %}' }, ['block.unknown']],
    ['that names itself', { text: '{% render "mine" %}' }, ['block.nested']],
  ])('%s', (_what, content, codes) => {
    const mine = block('mine', content, { parameters: { label: { required: true } } });
    expect(checkBlock(mine, blocks).map(({ code }) => code)).toEqual(codes);
  });
});
