import { describe, expect, it } from 'vitest';
import { addressHash, normaliseAddress } from '../../shared/domain/messaging/address.ts';
import { renderEmail, renderJson } from '../../shared/domain/messaging/render/email-content.ts';
import { textOfHtml } from '../../shared/domain/messaging/render/text-of-html.ts';
import { refOf, refsOfTemplate, variablesOf } from '../../shared/domain/messaging/render/variables.ts';
import { chooseVariant, normaliseLocale } from '../../shared/domain/messaging/render/variant.ts';
import type { Template } from '../../shared/domain/messaging/template.ts';
import fc, { anyCharacter } from '../property.ts';

const setting = { now: Date.UTC(2026, 10, 22), zone: 'UTC', locale: 'en' };
const email = (content: Record<string, string>, profile: object = { name: 'Ada' }) =>
  renderEmail(content, { profile }, setting, textOfHtml);

describe('e-mail content', () => {
  it('makes the text from the HTML when there is none: links kept, images and hidden text left out', () => {
    const rendered = email({
      subject: 'Hi {{ profile.name }}',
      preheader: 'Read on',
      html: '<body><h1>Hi {{ profile.name }}</h1><img src="x.png" alt="x"><p>Go <a href="https://shop.example/a">there</a></p></body>',
    });
    expect(rendered).toMatchObject({ subject: 'Hi Ada' });
    expect((rendered as { text: string }).text).toContain('Go there [https://shop.example/a]');
    expect((rendered as { text: string }).text).not.toMatch(/x\.png|Read on/);
  });

  it('keeps the text that the template has', () => {
    expect(email({ subject: 's', html: '<p>h</p>', text: 't {{ profile.name }}' })).toMatchObject({ text: 't Ada' });
  });

  it('puts the preheader first in the body, escaped and hidden', () => {
    const { html } = email({
      subject: 's',
      preheader: '<b>{{ profile.name }}',
      html: '<html><body class="x">B</body></html>',
    }) as {
      html: string;
    };
    expect(html).toMatch(/<body class="x"><div class="preheader" style="display:none[^>]*>&lt;b&gt;Ada/);
  });

  it('leaves it to a template that places the preheader itself', () => {
    const rendered = email({ subject: 's', preheader: 'P', html: '<body><i>{{ preheader }}</i></body>' });
    expect(rendered).toMatchObject({ html: '<body><i>P</i></body>' });
  });

  it.each([
    ['a line feed', 'Ada\nBcc: victim@example.org'],
    ['a carriage return', 'Ada\rBcc: victim@example.org'],
    ['both', 'Ada\r\n\r\n<script>'],
    ['a line separator', 'Ada\u2028Bcc: x'],
    ['next line', 'Ada\u0085Bcc: x'],
    ['null', 'Ada\u0000'],
  ])('refuses a subject with %s in a value: no header can be slipped in', (_what, name) => {
    expect(email({ subject: 'Hi {{ profile.name }}, welcome', text: 't' }, { name })).toMatchObject({
      code: 'template.header-newline',
      part: 'subject',
    });
  });

  it('no value whatever makes a subject of two lines', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (name) => {
        const rendered = email({ subject: 'Hi {{ profile.name }}!', text: 't' }, { name });
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
        if ('subject' in rendered) expect(rendered.subject).not.toMatch(/[\u0000-\u001f\u007f\u0085\u2028\u2029]/);
        else expect(rendered).toMatchObject({ part: 'subject' });
      }),
    );
  });

  it.each([
    ['an empty subject', { subject: '{{ profile.nothing }}', text: 't' }, 'template.empty'],
    ['no body', { subject: 's' }, 'template.empty'],
    ['a failing part', { subject: 's', html: '{{ profile.name | nope }}' }, 'template.syntax'],
  ])('says what is wrong: %s', (_what, content, code) => {
    expect(email(content)).toMatchObject({ code });
  });

  it('a webhook body that is not JSON is refused', () => {
    expect(renderJson({ body: '{"a": {{ profile.name }}' }, { profile: {} }, setting)).toMatchObject({
      code: 'template.not-json',
    });
  });
});

describe('the variant', () => {
  const variants = (...locales: (string | undefined)[]): Template => ({
    schemaVersion: 1,
    id: 'x',
    variables: {},
    variants: locales.map((locale) => ({
      channel: 'email',
      ...(locale !== undefined && { locale }),
      content: { subject: 's' },
    })),
  });

  it.each([
    ['zh-Hant-TW', ['zh-Hant', 'zh', undefined], 'zh-Hant'],
    ['zh-Hant-TW', ['zh', undefined], 'zh'],
    ['zh-Hant-TW', [undefined, 'de'], undefined],
    ['zh-Hant-TW', ['de', 'en'], 'en'],
    ['de-AT', ['en', 'de'], 'de'],
    ['DE-at', ['en', 'de-AT'], 'de-AT'],
    [undefined, [undefined, 'en'], 'en'],
    [undefined, [undefined, 'de'], undefined],
    ['fr', ['en-GB', undefined], undefined],
  ])('for %s among %j is %s (environment: en)', (customer, locales, expected) => {
    const found = chooseVariant(variants(...locales), 'email', { customer, environment: 'en' }, () => true);
    expect(found).toBeDefined();
    expect(found?.locale).toBe(expected);
  });

  it('there is none when neither language nor default fits', () => {
    expect(
      chooseVariant(variants('de', 'fr'), 'email', { customer: 'it', environment: 'en' }, () => true),
    ).toBeUndefined();
    expect(chooseVariant(variants('en'), 'webhook', { environment: 'en' }, () => true)).toBeUndefined();
  });

  it.each([
    [true, 'vip'],
    [false, 'plain'],
  ])('with a condition that is %s is %s, wherever it stands', (holds, subject) => {
    const template: Template = {
      ...variants(),
      variants: [
        { channel: 'email', content: { subject: 'plain' } },
        { channel: 'email', if: { ref: 'profile.plan', is: 'vip' }, content: { subject: 'vip' } },
      ],
    };
    expect(chooseVariant(template, 'email', { environment: 'en' }, () => holds)?.content['subject']).toBe(subject);
  });

  it.each([
    ['de_DE', 'de-DE'],
    [' zh-hant-tw ', 'zh-Hant-TW'],
    ['german please', undefined],
    [7, undefined],
  ])('locale %j is %s', (given, expected) => {
    expect(normaliseLocale(given)).toBe(expected);
  });
});

describe('what a template reads', () => {
  it.each([
    ['{{ profile.name }}', ['profile.name']],
    ['{{ event["Plan Name"] }}', ['event["Plan Name"]']],
    ['{% for p in event.products %}{{ p.name }}{{ forloop.index }}{% endfor %}', ['event.products']],
    ['{{ steps.offer.code | default: entry.code }}', ['entry.code', 'steps.offer.code']],
    ['{% if profile.a > 1 and profile.b %}{% elsif entry.c %}{% endif %}', ['entry.c', 'profile.a', 'profile.b']],
    ['{% assign x = event.total %}{{ x }}', ['event.total']],
    ['{{ event.products[0].sku }}', ['event.products.0.sku']],
    ['{{ profile[vars.key] }}', ['profile']],
    ['{{ vars.title }}{{ unsubscribe_url }}', []],
    ['{% case profile.plan %}{% when entry.plan %}x{% endcase %}', ['entry.plan', 'profile.plan']],
    ['{% for i in (1..event.count) %}{% endfor %}', ['event.count']],
  ])('%s', (text, expected) => {
    const template: Template = {
      schemaVersion: 1,
      id: 'x',
      variables: {},
      variants: [{ channel: 'sms', content: { text } }],
    };
    expect(refsOfTemplate(template)).toEqual(expected);
  });

  it('conditions of variants too, sums and compared refs included', () => {
    const template: Template = {
      schemaVersion: 1,
      id: 'x',
      variables: {},
      variants: [
        {
          channel: 'sms',
          content: { text: 't' },
          if: {
            all: [
              { ref: 'entry.a', is: { ref: 'event.b' } },
              { did: 'E', within: 'P1D', sum: { of: 'event.c', gt: 1 } },
            ],
          },
        },
      ],
    };
    expect(refsOfTemplate(template)).toEqual(['entry.a', 'event.b', 'event.c']);
  });

  it('tells where', () => {
    const [use] = variablesOf({ html: '<p>\n  {{ profile.name }}</p>' });
    expect(use).toMatchObject({ part: 'html', root: 'profile', path: ['name'], line: 2, column: 6 });
    expect(refOf(use!)).toBe('profile.name');
  });
});

describe('addresses', () => {
  it.each([
    ['email', ' Ada@Example.ORG ', 'ada@example.org'],
    ['email', 'a+b@münchen.example', 'a+b@xn--mnchen-3ya.example'],
    ['email', 'ada@localhost', undefined],
    ['email', 'ada@@example.org', undefined],
    ['email', 'ada@example.org\r\nBcc: x@example.org', undefined],
    ['email', '"a b"@example.org', undefined],
    ['email', 'ada@exa mple.org', undefined],
    ['email', 'a@example.org, b@example.org', undefined],
    ['email', 'äda@example.org', undefined],
    ['email', '.a@example.org', undefined],
    ['email', `${'a'.repeat(65)}@example.org`, undefined],
    ['email', '', undefined],
    ['email', 7, undefined],
    ['sms', '+49 (170) 123-45 67', '+491701234567'],
    ['sms', '0170 1234567', undefined],
    ['push', ' token ', 'token'],
  ] as const)('%s %j is %s', (channel, given, expected) => {
    expect(normaliseAddress(channel, given)).toBe(expected);
  });

  it('one address has one hash however it is written, and another per channel', () => {
    expect(addressHash('email', ' ADA@example.org')).toBe(addressHash('email', 'ada@EXAMPLE.org'));
    expect(addressHash('email', '+491701234567')).not.toBe(addressHash('sms', '+491701234567'));
    expect(addressHash('email', 'ada@example.org')).toMatch(/^[A-Za-z0-9_-]{22}$/);
  });

  it('what is normalised stays as it is', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (address) => {
        const once = normaliseAddress('email', address);
        if (once !== undefined) expect(normaliseAddress('email', once)).toBe(once);
      }),
    );
  });
});
