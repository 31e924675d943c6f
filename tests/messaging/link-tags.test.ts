import { describe, expect, it } from 'vitest';
import { preview } from '../../shared/app/preview.ts';
import { Policy } from '../../shared/domain/messaging/policy.ts';
import { linkTags } from '../../shared/domain/messaging/render/link-tags.ts';
import { Template } from '../../shared/domain/messaging/template.ts';
import fc from '../property.ts';

const tagging = { domains: ['shop.example'], source: 'godwit' };
const origin = { channel: 'email', template: 'cart', journey: 'win back', step: 'mail' };
const tags = linkTags(tagging, origin, ['https://links.shop.example/u/']);
const words = 'utm_source=godwit&utm_medium=email&utm_campaign=win%20back&utm_content=mail';

describe('links to one’s own pages say where they were', () => {
  it.each([
    ['https://shop.example', `https://shop.example?${words}`],
    ['https://shop.example/a', `https://shop.example/a?${words}`],
    ['https://shop.example/a?x=1', `https://shop.example/a?x=1&${words}`],
    ['https://shop.example/a?', `https://shop.example/a?${words}?`],
    ['https://shop.example/a?x=%2F+y&', `https://shop.example/a?x=%2F+y&${words}`],
    ['https://shop.example/a#top', `https://shop.example/a?${words}#top`],
    ['https://shop.example/a?x=1#/route?y=2', `https://shop.example/a?x=1&${words}#/route?y=2`],
    ['HTTPS://www.Shop.example/A', `HTTPS://www.Shop.example/A?${words}`],
    ['See https://shop.example/a, now.', `See https://shop.example/a?${words}, now.`],
    ['(https://shop.example/a)', `(https://shop.example/a?${words})`],
    ['https://shop.example/a_(b)', `https://shop.example/a_(b)?${words}`],
  ])('text: %s', (text, expected) => {
    expect(tags.text(text)).toBe(expected);
  });

  it.each([
    'https://other.example/a',
    'https://shop.example.evil.example/a',
    'https://notshop.example/a',
    'https://shop.example/a?utm_source=mine',
    'https://shop.example/a?x=1&utm_campaign=mine',
    'https://links.shop.example/u/token?x=1',
    'mailto:hello@shop.example',
    'http://[broken',
  ])('not: %s', (url) => {
    expect(tags.text(url)).toBe(url);
    expect(tags.html(`<a href="${url}">x</a>`)).toBe(`<a href="${url}">x</a>`);
  });

  it.each([
    ['<a href="https://shop.example/a">x</a>', `<a href="https://shop.example/a?${words}">x</a>`],
    [
      "<a class='b'\n href = 'https://shop.example/a'>x</a>",
      `<a class='b'\n href = 'https://shop.example/a?${words}'>x</a>`,
    ],
    [
      '<a href="https://shop.example/a?x=1&amp;y=2#z">x</a>',
      `<a href="https://shop.example/a?x=1&amp;y=2&${words}#z">x</a>`,
    ],
    ['<v:roundrect href="https://shop.example">', `<v:roundrect href="https://shop.example?${words}">`],
    ['<link href="https://shop.example/a.css">', '<link href="https://shop.example/a.css">'],
    ['<p>https://shop.example/a</p>', '<p>https://shop.example/a</p>'],
    ['<a data-href="https://shop.example/a">', '<a data-href="https://shop.example/a">'],
    [
      '<a href="https://shop.example/a?x=1&amp;utm_source=mine">',
      '<a href="https://shop.example/a?x=1&amp;utm_source=mine">',
    ],
  ])('html: %s', (html, expected) => {
    expect(tags.html(html).replaceAll('&amp;utm_', '&utm_')).toBe(expected.replaceAll('&amp;utm_', '&utm_'));
  });

  it('tags once, however often it is asked, and the rest of an address stays as it was', () => {
    const part = fc.string({ unit: fc.constantFrom(...'ab1%=&;?/.~+-'), maxLength: 8 });
    fc.assert(
      fc.property(part, part, part, (path, query, fragment) => {
        const own = `https://shop.example/${path}?${query}#${fragment}`;
        const html = `<a href="${own}">`;
        const once = tags.html(html);
        expect(tags.html(once)).toBe(once);
        const found = new URL(/href="([^"]*)"/.exec(once)![1]!.replaceAll('&amp;', '&'));
        const before = new URL(own);
        expect([found.pathname, found.hash]).toEqual([before.pathname, before.hash]);
        expect(found.search.startsWith(before.search)).toBe(true);
        if (!/utm_/.test(own)) expect(found.searchParams.getAll('utm_source')).toEqual(['godwit']);
      }),
    );
  });

  it('its words can be chosen', () => {
    const chosen = linkTags(
      { ...tagging, medium: 'mail', campaign: 'autumn' },
      { channel: 'email', template: 'cart' },
      [],
    );
    expect(chosen.text('https://shop.example')).toBe(
      'https://shop.example?utm_source=godwit&utm_medium=mail&utm_campaign=autumn&utm_content=cart',
    );
  });
});

describe('a mail', () => {
  const template = Template.parse({
    schemaVersion: 1,
    id: 'news',
    variables: {},
    variants: [
      {
        channel: 'email',
        content: {
          subject: 's',
          html: '<a href="https://preview.invalid/new">New</a> <a href="{{ unsubscribe_url }}">Out</a> {{ postal_address }}',
        },
      },
    ],
  });
  const policy = Policy.parse({
    schemaVersion: 1,
    zone: 'UTC',
    locale: 'en',
    quietHours: [],
    caps: [],
    links: { utm: { domains: ['preview.invalid'], source: 'shop' } },
  });
  const sender = { id: 'a', from: 'a@b.example', postalAddress: 'x' };

  it('has them in HTML and in the text that is made of it, and never where it unsubscribes', async () => {
    const { rendered } = await preview({ template, channel: 'email', sender, policy, now: 0 });
    expect(rendered?.html).toContain('new?utm_source=shop&amp;utm_medium=email&amp;utm_campaign=news"');
    expect(rendered?.text).toContain('new?utm_source=shop&utm_medium=email&utm_campaign=news');
    expect(rendered?.html).toContain('<a href="https://preview.invalid/u/example">');
    expect(rendered?.headers['List-Unsubscribe']).toBe('<https://preview.invalid/u/example>');
  });

  it('of a topic that says otherwise has not', async () => {
    const { rendered } = await preview({
      template,
      channel: 'email',
      sender,
      policy,
      topicLinks: { utm: false },
      now: 0,
    });
    expect(rendered?.html).toContain('<a href="https://preview.invalid/new">');
  });
});
