import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { groupDocuments } from '../../cli/documents/group-documents.ts';
import { readFolder } from '../../cli/folder/read-folder.ts';
import { checkTemplate } from '../../shared/app/compile-template.ts';
import { parsePredicate } from '../../shared/domain/audiences/predicate-text.ts';
import { printPredicate } from '../../shared/domain/audiences/print-predicate.ts';
import { PredicateSyntaxError } from '../../shared/domain/audiences/text-reader.ts';
import { isFailure, renderLiquid } from '../../shared/domain/messaging/render/liquid.ts';
import { Template } from '../../shared/domain/messaging/template.ts';
import { InvalidInput } from '../../shared/kernel/errors.ts';
import { parseDocument } from '../../shared/kernel/problems.ts';
import { catalogOf, type Documents } from '../../shared/simulation/documents.ts';
import { hostileTexts } from '../fixtures/hostile.ts';
import { anyText, jsonWith, mutantOf, times, wordsOf } from '../hostile.ts';
import { marketingTemplate } from '../http/documents.ts';
import fc from '../property.ts';

/** The shop's example is right; what is tried is one place of one document changed. */
const shop: Documents = groupDocuments(await readFolder(join(import.meta.dirname, '../../examples/shop')));
const templateIds = (journey: unknown): readonly string[] =>
  JSON.stringify(journey).match(/(?<="template":")[a-z0-9-]+/g) ?? [];
const smallShops = shop.journeys.map((journey): Documents => {
  const ids = templateIds(journey);
  const templates = shop.templates.filter((one) => ids.includes((one as { id: string }).id));
  return { ...shop, journeys: [journey], templates: templates.map(withoutMarkup) };
});

/** MJML and pages of markup take long to read, and are tried for themselves. */
function withoutMarkup(template: unknown): unknown {
  const { variants, ...rest } = template as { variants: { channel: string; content: object }[] };
  const text = 'x {{ unsubscribe_url }} {{ postal_address }}';
  return {
    ...rest,
    variants: variants.map((one) => (one.channel === 'email' ? { ...one, content: { subject: 'x', text } } : one)),
  };
}

function expectClear(error: unknown): void {
  expect(error).toBeInstanceOf(InvalidInput);
  const { problems, message } = error as InvalidInput;
  expect(problems.length).toBeLessThanOrEqual(100);
  expect(message.length).toBeLessThan(2_000);
  for (const { code, pointer, detail } of problems) {
    expect(code).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/);
    expect(pointer === '' || pointer.startsWith('/')).toBe(true);
    expect(detail.length).toBeLessThan(2_000);
  }
}

describe('whatever stands in a document (G13)', () => {
  const values = jsonWith(wordsOf(shop.journeys, shop.policy, shop.segments, shop.computedTraits));
  const mutants = fc.constantFrom(...smallShops).chain((documents) =>
    fc.oneof(
      { weight: 4, arbitrary: mutantOf(documents.journeys, values).map((journeys) => ({ ...documents, journeys })) },
      { weight: 2, arbitrary: mutantOf(documents.policy, values).map((policy) => ({ ...documents, policy })) },
      { weight: 2, arbitrary: mutantOf(documents.segments, values).map((segments) => ({ ...documents, segments })) },
      { weight: 1, arbitrary: mutantOf(documents.topics, values).map((topics) => ({ ...documents, topics })) },
      {
        weight: 1,
        arbitrary: mutantOf(documents.computedTraits, values).map((computedTraits) => ({
          ...documents,
          computedTraits,
        })),
      },
    ),
  ) as fc.Arbitrary<Documents>;

  it.each(smallShops.map((documents) => [(documents.journeys[0] as { id: string }).id, documents] as const))(
    '%s is right as it is',
    (_, documents) => {
      expect(catalogOf(documents)).toBeTypeOf('object');
    },
  );

  it('a changed place is refused clearly, or the catalog still compiles', () => {
    fc.assert(
      fc.property(mutants, (documents) => {
        try {
          catalogOf(documents);
        } catch (error) {
          expectClear(error);
        }
      }),
      { numRuns: times(250) },
    );
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });
});

describe('whatever stands in a predicate', () => {
  const words = fc.constantFrom(
    ...[
      'not',
      'and',
      'or',
      '(',
      ')',
      'all',
      'any',
      'did',
      '"Bought"',
      'at least',
      '2',
      'times',
      'in last',
      '30 days',
      'profile.a',
    ],
    ...[
      '=',
      '>=',
      '1',
      '"x"',
      'null',
      'in',
      '[',
      ']',
      ',',
      'exists',
      'matches',
      'contains',
      'in segment',
      'vip',
      'sent',
      'where',
    ],
    ...[
      'event.total',
      'local time is',
      'between',
      '09:00',
      'consent',
      'is',
      'inside journey',
      'sequence',
      'then',
      'within',
      '.',
      '[',
    ],
  );
  const text = fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .array(fc.oneof({ weight: 9, arbitrary: words }, { weight: 1, arbitrary: anyText }), { maxLength: 20 })
        .map((all) => all.join(' ')),
    },
    { weight: 1, arbitrary: anyText },
  );

  it('it is read and written alike, or the column is named', () => {
    fc.assert(
      fc.property(text, (some) => {
        try {
          const predicate = parsePredicate(some);
          expect(parsePredicate(printPredicate(predicate))).toEqual(predicate);
        } catch (error) {
          expect(error).toBeInstanceOf(PredicateSyntaxError);
          expect((error as PredicateSyntaxError).column).toBeGreaterThan(0);
        }
      }),
      { numRuns: times(2_000) },
    );
  });

  it.each([
    ['parentheses', `${'('.repeat(5_000)}profile.a = 1${')'.repeat(4_000)}`],
    ['"not"', `${'not '.repeat(2_400)}profile.a = 1`],
    ['lists', `profile.a in [${'['.repeat(9_000)}`],
    ['"all"', `${'all ('.repeat(1_900)}`],
  ])('%s in %s do not overflow the stack', (_, some) => {
    expect(() => parsePredicate(some)).toThrow(PredicateSyntaxError);
  });
});

describe('whatever stands in a template', () => {
  const pieces = fc.constantFrom(
    ...[
      '{{',
      '}}',
      '{%',
      '%}',
      '{%-',
      '-%}',
      '|',
      ' ',
      '\n',
      '"',
      "'",
      ':',
      ',',
      '.',
      '[',
      ']',
      '(1..9)',
      'profile.name',
      'x',
    ],
    ...[
      'if',
      'endif',
      'for i in',
      'endfor',
      'raw',
      'endraw',
      'comment',
      'endcomment',
      'assign a =',
      'capture a',
      'endcapture',
      'case',
      'when',
    ],
    ...[
      'liquid',
      'tablerow',
      'include',
      'render',
      'layout',
      'block',
      'date: "%Y"',
      'money',
      'default: 1',
      'json',
      'append: "a"',
      'times: 9',
      'url_decode',
    ],
  );
  const source = fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .array(fc.oneof({ weight: 9, arbitrary: pieces }, { weight: 1, arbitrary: anyText }), { maxLength: 25 })
        .map((all) => all.join(' ')),
    },
    { weight: 1, arbitrary: fc.constantFrom(...hostileTexts) },
  );
  const scope = fc.record({
    profile: fc.record({ name: anyText, a: jsonWith(['name', 'a', 'size', 'first']) }),
    x: anyText,
  });
  const setting = { now: Date.parse('2026-11-22T12:00:00Z'), zone: 'Europe/Berlin', locale: 'de' };

  it('it is rendered or fails with a place, the same way each time, and nothing of the value is told', () => {
    fc.assert(
      fc.property(source, scope, fc.constantFrom('html', 'json', 'none'), (some, values, escaping) => {
        const secret = { ...values, profile: { ...values.profile, secret: 'hunter2' } };
        const result = renderLiquid(some, escaping as 'html', secret, setting);
        expect(renderLiquid(some, escaping as 'html', secret, setting)).toEqual(result);
        if (isFailure(result)) expect(result.detail).not.toContain('hunter2');
        else expect(result.length).toBeLessThanOrEqual(600_000);
      }),
      { numRuns: times(1_500) },
    );
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });

  it('a whole template is refused clearly, or checked without a throw', async () => {
    const base = marketingTemplate('hello');
    const values = jsonWith([...wordsOf(base), 'text', 'mjml', 'preheader', 'sms', 'push', 'lookups']);
    const withSource = source.map((html) => ({
      ...base,
      variants: [{ channel: 'email', content: { subject: 'x', html } }],
    }));
    await fc.assert(
      fc.asyncProperty(fc.oneof(mutantOf(base, values), withSource), async (document) => {
        let template: Template;
        try {
          template = parseDocument(Template, document, 'template');
        } catch (error) {
          expectClear(error);
          return;
        }
        for (const { code, pointer } of await checkTemplate(template, { topicKind: 'marketing' })) {
          expect(code).toMatch(/^template\.[a-z-]+$/);
          expect(pointer.startsWith('/') || pointer === '').toBe(true);
        }
      }),
      { numRuns: times(400) },
    );
  });
});
