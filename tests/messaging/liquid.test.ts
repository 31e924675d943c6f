import { describe, expect, it } from 'vitest';
import { type Escaping, isFailure, liquidLimits, renderLiquid } from '../../shared/domain/messaging/render/liquid.ts';
import fc from '../property.ts';

const setting = { now: Date.UTC(2026, 10, 22, 12), zone: 'Europe/Berlin', locale: 'de-DE' };
const hostile = `<script>alert("x")</script> & 'y'`;
const scope = {
  profile: { name: hostile, list: ['a', '<b>'], address: { city: 'Köln' }, big: 'x'.repeat(30_000) },
  event: { products: [{ name: 'Tea', price: 4 }] },
};
const render = (source: string, escaping: Escaping = 'none', given: object = scope) =>
  renderLiquid(source, escaping, given as typeof scope, setting);

describe('what a template puts out is escaped for where it stands', () => {
  const escaped = '&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt; &amp; &#39;y&#39;';
  it.each([
    ['an output', '{{ profile.name }}', escaped],
    ['an output through filters', '{{ profile.name | append: "!" }}', `${escaped}!`],
    ['echo', '{% echo profile.name %}', escaped],
    ['liquid', '{% liquid\n echo profile.name %}', escaped],
    ['a loop', '{% for x in profile.list %}{{ x }}{% endfor %}', 'a&lt;b&gt;'],
    ['a table', '{% tablerow x in profile.list %}{{ x }}{% endtablerow %}', /<td class="col2">&lt;b&gt;<\/td>/],
    ['join', '{{ profile.list | join: "<br>" }}', 'a&lt;br&gt;&lt;b&gt;'],
    ['default', '{{ nothing | default: profile.name }}', escaped],
    ['escape, once', '{{ profile.name | escape }}', escaped],
    ['escape_once, once', '{{ "a &amp; b" | escape_once }}', 'a &amp; b'],
    ['line breaks, which become markup', '{{ "a\n<b>" | newline_to_br }}', 'a<br />\n&lt;b&gt;'],
    ['raw, as the author says', '{{ profile.name | raw }}', hostile],
  ])('html: %s', (_what, source, expected) => {
    const text = render(source, 'html');
    if (typeof expected === 'string') expect(text).toBe(expected);
    else expect(text).toMatch(expected);
  });

  it('html: whatever a value is, no markup comes of it', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const text = render('<p title="{{ profile.name }}">{{ profile.name }}</p>', 'html', { profile: { name } });
        expect(text).not.toSatisfy(isFailure);
        expect(String(text).match(/[<>]/g)).toEqual(['<', '>', '<', '>']);
        expect(String(text).match(/"/g)).toHaveLength(2);
      }),
    );
  });

  it('json: whatever a value is, it comes back', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = render('{"given": {{ profile.value }} }', 'json', { profile: { value } });
        expect(JSON.parse(String(text))).toEqual({ given: JSON.parse(JSON.stringify(value)) });
      }),
    );
  });

  it('json: a missing value is null, and an explicit json filter adds nothing', () => {
    expect(render('[{{ nothing }}, {{ profile.list | json }}]', 'json')).toBe('[null, ["a","<b>"]]');
  });

  it('none: as it is', () => {
    expect(render('{{ profile.name }}')).toBe(hostile);
  });
});

describe('the time is the one given', () => {
  it.each([
    [
      "'now', in the zone and language of the reader",
      '{{ "now" | date: "%A %d. %B %Y %H:%M" }}',
      'Sonntag 22. November 2026 13:00',
    ],
    ["'today' is the same", '{{ "today" | date: "%Y-%m-%d" }}', '2026-11-22'],
    ['another zone by name', '{{ "now" | date: "%H:%M", "Asia/Tokyo" }}', '21:00'],
    ['in every date filter', '{{ "now" | date_to_xmlschema }}', '2026-11-22T13:00:00+01:00'],
    ['a customer’s instant', '{{ "2026-12-31T23:30:00Z" | date: "%Y-%m-%d %H:%M" }}', '2027-01-01 00:30'],
  ])('%s', (_what, source, expected) => {
    expect(render(source)).toBe(expected);
  });

  it('a locale that is none is English', () => {
    const text = renderLiquid('{{ "now" | date: "%B" }}', 'none', {}, { ...setting, locale: 'no_such_locale_at_all' });
    expect(text).toBe('November');
  });
});

describe('a template reads what it is given and no more', () => {
  it.each([
    ['constructor', '{{ profile.constructor }}{{ profile.constructor.name }}'],
    ['prototype', '{{ profile.__proto__ }}{{ profile["__proto__"].toString }}'],
    ['a method of a list', '{{ profile.list.map }}{{ profile.list.constructor }}'],
    ['a method of a text', '{{ profile.name.toString }}{{ profile.name.constructor }}'],
    ['globals', '{{ process }}{{ globalThis }}{{ require }}{{ module }}'],
  ])('%s is empty', (_what, source) => {
    expect(render(source)).toBe('');
  });

  it.each([
    '{% include "/etc/passwd" %}',
    '{% render "x" %}',
    '{% layout "x" %}',
    '{% block x %}{% endblock %}',
    '{% cycle profile.name %}',
  ])('no such tag: %s', (source) => {
    expect(render(source, 'html')).toMatchObject({ code: 'template.syntax', line: 1 });
  });

  it.each(['sample', 'shuffle'])('no filter that draws lots: %s', (filter) => {
    expect(render(`{{ profile.list | ${filter} }}`)).toMatchObject({ code: 'template.syntax' });
  });
});

describe('work is limited by counting', () => {
  const deep = 20_000;
  it.each([
    ['a huge range', '{% for i in (1..100000000) %}x{% endfor %}', 'template.limit'],
    ['loops in loops', '{% for i in (1..900) %}{% for j in (1..900) %}x{% endfor %}{% endfor %}', 'template.limit'],
    [
      'a text that doubles',
      `{% assign a = profile.big %}${'{% assign a = a | append: a %}'.repeat(30)}{{ a }}`,
      'template.limit',
    ],
    [
      'a list that doubles',
      `{% assign a = profile.list %}${'{% assign a = a | concat: a %}'.repeat(30)}{{ a }}`,
      'template.limit',
    ],
    ['much output', `{% for i in (1..1000) %}{{ profile.big }}{% endfor %}`, 'template.limit'],
    [
      'a loop inside capture',
      '{% capture c %}{% for i in (1..99999999) %}x{% endfor %}{% endcapture %}',
      'template.limit',
    ],
    ['deep nesting', '{% if true %}'.repeat(deep) + '{% endif %}'.repeat(deep), 'template.limit'],
    ['a source too long', `{{ a }}${'x'.repeat(liquidLimits.sourceCharacters)}`, 'template.limit'],
    ['padding', '{{ "now" | date: "%9999999999d" }}', 'template.limit'],
  ])('%s', (_what, source, code) => {
    expect(render(source)).toMatchObject({ code });
  });

  it('what is near the limits but below is rendered', () => {
    const text = render('{% for i in (1..9000) %}x{% endfor %}');
    expect(text).toBe('x'.repeat(9_000));
  });

  it('the same template fails or passes whatever came before it (limits belong to one rendering)', () => {
    const source = '{% for i in (1..9000) %}x{% endfor %}';
    for (let i = 0; i < 5; i++) expect(render(source)).toBe('x'.repeat(9_000));
  });
});

describe('a failure names the place and no value', () => {
  it.each([
    ['a tag that is not closed', 'a\nb\n {% if profile.name %}', 3, 2],
    ['an output that is not closed', 'a\n{{ profile.name', 2, 1],
    ['an unknown filter', '\n\n{{ profile.name | nope }}', 3, 1],
    ['a filter that lacks an argument', '\n x {{ profile.name | append }}', 2, 4],
  ])('%s', (_what, source, line, column) => {
    expect(render(source)).toMatchObject({ line, column });
  });

  it('whatever fails, and whatever the value is, the value is not in the failure', () => {
    const secret = 'ada@example.org';
    const sources = [
      '{{ profile.email | date: profile.email, profile.email }}',
      '{{ profile.email | slice: profile.email }}',
      '{{ profile.email | where_exp: "x", profile.email }}',
      '{{ profile.email | map }}',
      '{% for x in profile.email limit: profile.email %}{% endfor %}',
      '{{ profile.email | append }}',
      '{% for i in (1..profile.email) %}{% endfor %}',
      '{{ profile.email | find_exp: "x", "x ==" }}',
    ];
    const failures = sources
      .map((source) => renderLiquid(source, 'none', { profile: { email: secret } }, setting))
      .filter((result) => typeof result !== 'string');
    expect(failures.length).toBeGreaterThan(0);
    for (const failure of failures) expect(JSON.stringify(failure)).not.toContain(secret);
  });
});
