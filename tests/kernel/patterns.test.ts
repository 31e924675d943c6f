import { describe, expect, it } from 'vitest';
import { blockTags } from '../../shared/domain/messaging/render/block-tags.ts';
import { linkTags } from '../../shared/domain/messaging/render/link-tags.ts';
import { replaceSpans, spansIn } from '../../shared/kernel/spans.ts';
import fc from '../property.ts';
import { dangersOf, patternsIn, patternsOf } from './patterns.ts';

/** What may take the square of a text's length, and what bounds that text. Whoever adds one says it here. */
const bounded: { readonly [file: string]: string } = {
  'shared/http/run-route.ts': 'the first 100 bytes of a body',
  'shared/channels/email/mailbox-header.ts': 'senders of the configuration, at most 200 characters',
  'shared/domain/computed-traits/series.ts': 'what the line before has written',
  'shared/domain/messaging/keywords.ts': 'at most 200 characters',
  'shared/domain/profiles/money.ts': 'at most 60 characters',
};

describe('patterns that read what others wrote', () => {
  const patterns = [...patternsIn('shared'), ...patternsIn('functions')];

  it('take a time in proportion to the text, or the text is bounded', () => {
    expect(patterns.length).toBeGreaterThan(150);
    const found = patterns.flatMap(({ text, at }) => {
      const dangers = dangersOf(text).filter(
        (danger) => danger === 'choice' || danger === 'self' || !bounded[fileOf(at)],
      );
      return dangers.length === 0 ? [] : [`${at} ${text}: ${dangers}`];
    });
    expect(found).toEqual([]);
  });

  it.each(Object.keys(bounded))('%s still needs its bound', (file) => {
    expect(patterns.some(({ text, at }) => fileOf(at) === file && dangersOf(text).length > 0)).toBe(true);
  });

  it.each([
    ['/^(a+)+$/', ['self']],
    ['/^(?:"[^"]*"|[^%])*%$/', ['choice']],
    ['/\\s+$/', ['move']],
    ['/^\\s*a?\\s*$/', ['trade']],
    ['/^[a-z]+(?:-[a-z]+)*$/', []],
  ])('%s: %j', (text, dangers) => {
    const [pattern] = patternsOf(`const x = ${text};`, 'x.ts');
    expect(dangersOf(pattern!.text)).toEqual(expect.arrayContaining(dangers));
    expect(dangersOf(pattern!.text).length > 0).toBe(dangers.length > 0);
  });
});

const fileOf = (at: string) => at.slice(0, at.lastIndexOf(':'));

describe('tags of blocks', () => {
  const many = 50_000;
  it.each([
    ['quotes without an end', `{% render ${'"a" '.repeat(many)}`],
    ['beginnings without an end', '{% render '.repeat(many)],
    ['raw without an end', '{% raw %}'.repeat(many)],
    ['quotes of two kinds', `{% render ${`'"`.repeat(many)}`],
  ])('%s: none, and soon', (_, text) => {
    expect(blockTags(text)).toEqual([]);
  });

  it('are those that a pattern finds that may try again', () => {
    const parts = ["'a'", '"b %} c"', '%}', '-%}', '{%', '{%-', ' render ', ' block ', ' endblock ', 'x', '%', ' '];
    const whole = ["{% render 'a' %}", '{%- layout "b" -%}', '{% raw %}{% block x %}{% endraw %}', '{% comment %}'];
    const text = fc.array(fc.constantFrom(...parts, ...whole), { maxLength: 12 }).map((all) => all.join(''));
    fc.assert(
      fc.property(text, (some) => {
        const closed = `${some} %}{% endcomment %}`;
        expect(blockTags(closed).map(({ name, markup }) => [name, markup])).toEqual(byPattern(closed));
      }),
      { numRuns: 3_000 },
    );
  });
});

/** As it was found before: right, but in up to 2ⁿ steps for n quotes. */
function byPattern(text: string): [string, string][] {
  const tags =
    /\{%-?\s*(raw|comment)\s*-?%\}[\s\S]*?\{%-?\s*end\1\s*-?%\}|\{%-?\s*(render|layout|block|endblock)\b((?:"[^"]*"|'[^']*'|[^%]|%(?!\}))*?)-?%\}/g;
  return [...text.matchAll(tags)].flatMap(({ 2: name, 3: markup = '' }) =>
    name === undefined ? [] : [[name, markup.trim()] as [string, string]],
  );
}

describe('spans', () => {
  it('are those of a lazy pattern', () => {
    const text = fc.array(fc.constantFrom('{{', '}}', '{%', '%}', '{', '}', 'a', '\n'), { maxLength: 14 });
    fc.assert(
      fc.property(text, (parts) => {
        const all = parts.join('');
        const spans = spansIn(all, ['{{', '}}'], ['{%', '%}']);
        const pattern = /\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g;
        expect(spans.map(({ from, to }) => all.slice(from, to))).toEqual(all.match(pattern) ?? []);
        expect(replaceSpans(all, spans, (span) => `<${span.length}>`)).toBe(
          all.replace(pattern, (span) => `<${span.length}>`),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('of a text in which nothing is closed are none, and soon', () => {
    expect(spansIn('{{'.repeat(100_000), ['{{', '}}'], ['{%', '%}'])).toEqual([]);
    expect(spansIn('{{ }}{%'.repeat(100_000), ['{{', '}}'], ['{%', '%}'])).toHaveLength(100_000);
  });
});

describe('links that are counted', () => {
  const tagging = { domains: ['shop.example'], source: 'godwit' };
  const origin = { channel: 'email', template: 'hello' } as const;
  const tags = linkTags(tagging as never, origin as never, []);

  it.each([
    ['anchors without an end', '<a '.repeat(50_000)],
    ['anchors in anchors', '<a href='.repeat(50_000)],
  ])('html of %s stays as it is, and soon', (_, html) => {
    expect(tags.html(html)).toBe(html);
  });

  it('what ends a sentence is not looked for at each place of a long address', () => {
    const long = `https://shop.example/${'.'.repeat(200_000)}x`;
    expect(tags.text(`${long}...`)).toBe(`${long}?utm_source=godwit&utm_medium=email&utm_campaign=hello...`);
  });
});
