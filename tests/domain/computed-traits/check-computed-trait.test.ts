import { describe, expect, it } from 'vitest';
import { checkComputedTrait } from '../../../shared/domain/computed-traits/check-computed-trait.ts';
import { ComputedTrait } from '../../../shared/domain/computed-traits/computed-trait.ts';
import { usedTraits } from '../../../shared/domain/computed-traits/used-traits.ts';

const of = { event: 'Bought', property: 'total' };
const trait = (more: object) => ComputedTrait.parse({ schemaVersion: 1, id: 'x', name: 'X', within: 'ever', ...more });
const preset = (id: string, more: object = {}) =>
  ComputedTrait.parse({ schemaVersion: 1, id, preset: 'commerce', ...more });

describe('a computed trait is saved unless', () => {
  it.each<[string, object, string[]]>([
    ['count', { function: 'count', of: { event: 'Bought' } }, []],
    ['average that decays', { function: 'average', of, decay: {} }, []],
    [
      'top of a local hour',
      { function: 'most-frequent', of: { message: {}, was: 'opened', part: 'hour' }, top: 2 },
      [],
    ],
    [
      'where asks the event',
      { function: 'sum', of: { ...of, where: 'event.total > 5 and not (event.test = true)' } },
      [],
    ],
    ['count of a property', { function: 'count', of }, ['/of/property computed-trait.property']],
    ['sum of nothing', { function: 'sum', of: { event: 'Bought' } }, ['/of computed-trait.property']],
    [
      'sum of a channel',
      { function: 'sum', of: { message: {}, was: 'opened', property: 'channel' } },
      ['/of/property computed-trait.property'],
    ],
    ['min that decays', { function: 'min', of, decay: {} }, ['/decay computed-trait.decay']],
    ['decay in a window', { function: 'sum', of, within: 'P30D', decay: {} }, ['/decay computed-trait.decay']],
    ['list without a length', { function: 'list', of }, ['/last computed-trait.last']],
    ['last of a sum', { function: 'sum', of, last: 3 }, ['/last computed-trait.last']],
    ['top of a sum', { function: 'sum', of, top: 3 }, ['/top computed-trait.top']],
    [
      'an hour that is summed',
      { function: 'sum', of: { ...of, part: 'hour' } },
      ['/of/part computed-trait.part', '/of/part computed-trait.part'],
    ],
    [
      'where asks the customer',
      { function: 'sum', of: { ...of, where: 'profile.plan = "gold"' } },
      ['/of/where/ref computed-trait.where'],
    ],
    [
      'where asks the past',
      { function: 'sum', of: { ...of, where: 'did "A" ever' } },
      ['/of/where computed-trait.where'],
    ],
    ['it hides an address', { id: 'email', function: 'last', of }, ['/id computed-trait.reserved']],
    ['the name is taken', { id: 'orders', function: 'last', of }, ['/id computed-trait.taken']],
  ])('%s', (_case, more, expected) => {
    const found = checkComputedTrait(trait(more), [preset('shop')]);
    expect(found.map(({ pointer, code }) => `${pointer} ${code}`)).toEqual(expected);
  });

  it('a second shop has no prefix', () => {
    expect(checkComputedTrait(preset('b2b'), [preset('shop')])).toHaveLength(14);
    expect(checkComputedTrait(preset('b2b', { prefix: 'b2b-' }), [preset('shop')])).toEqual([]);
  });

  it('there are two hundred', () => {
    const others = Array.from({ length: 200 }, (_, i) => trait({ id: `t-${i}`, function: 'last', of }));
    expect(checkComputedTrait(trait({ function: 'last', of }), others)).toEqual([
      {
        pointer: '',
        code: 'computed-trait.too-many',
        detail: 'more computed traits than an environment has',
        limit: 200,
        actual: 201,
      },
    ]);
  });

  it.each([
    ['within', { function: 'count', of: { event: 'A' }, within: 'P401D' }],
    ['within', { function: 'count', of: { event: 'A' }, within: 'PT30M' }],
    ['within', { function: 'count', of: { event: 'A' }, within: 'P1Y' }],
    ['property', { function: 'sum', of: { event: 'A', property: 'a..b' } }],
    ['last', { function: 'list', of, last: 21 }],
    ['key', { function: 'sum', of, else: 1 }],
  ])('its form is wrong: %s', (field, more) => {
    const { error } = ComputedTrait.safeParse({ schemaVersion: 1, id: 'x', name: 'X', within: 'ever', ...more });
    expect(JSON.stringify(error?.issues)).toContain(field);
  });
});

it('is used wherever a document names it', () => {
  const journey = {
    where: { all: [{ ref: 'profile.a', gt: 1 }, { not: { ref: 'event.x', is: { ref: 'profile["b c"].d' } } }] },
    steps: { one: { set: { x: { liquid: 'Hello {{ profile.e | upcase }}' } }, text: 'profile without a point' } },
    variables: { 'profile.f': { type: 'string' } },
  };
  expect([...usedTraits(journey)].sort()).toEqual(['a', 'b c', 'e', 'f']);
});
