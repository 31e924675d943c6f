import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Predicate } from '../../shared/domain/audiences/predicate.ts';
import { printPredicate } from '../../shared/domain/audiences/print-predicate.ts';
import { Journey } from '../../shared/domain/journeys/journey.ts';
import { notYet } from '../../shared/domain/journeys/not-yet.ts';
import { readDocument } from './documents.ts';

const page = readDocument('docs/journeys.md');
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, text]) => text!);

describe('docs/journeys.md', () => {
  const [written] = blocks('yaml');

  it('shows a journey that is right, and whole within what is done', () => {
    const journey = Journey.parse(parse(written!));
    expect(notYet(journey)).toEqual([]);
    const types = Object.values(journey.steps).map(({ type }) => type);
    const shown = [...page.matchAll(/^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \| /gm)].flatMap(([, names]) =>
      names!.split(', ').map((name) => name.slice(1, -1)),
    );
    expect(shown).toEqual(expect.arrayContaining(types));
  });

  it.each(blocks('text').flatMap((text) => text.trimEnd().split('\n')))('%s', (text) => {
    expect(Predicate.parse(printPredicate(Predicate.parse(text)))).toEqual(Predicate.parse(text));
  });
});
