import { describe, expect, it } from 'vitest';
import type { Journey } from '../../../shared/domain/journeys/journey.ts';
import { MAX_PATHS, OTHER_PATH, PathTree } from '../../../shared/domain/journeys/path-tree.ts';
import { journey, message } from '../engine/world.ts';

const branch = (...to: string[]) => ({
  type: 'branch',
  cases: to.slice(0, -1).map((next, i) => ({ if: `profile.n = ${i}`, next })),
  else: to.at(-1)!,
});
const split = (arms: { readonly [id: string]: string }) => ({
  type: 'split',
  arms: Object.entries(arms).map(([id, next]) => ({ id, weight: 50, next })),
});
const wait = (next = 'end', more: object = {}) => ({ type: 'wait', for: 'PT1H', next, ...more });
const treeOf = (steps: { readonly [id: string]: object }) => new PathTree(journey({ steps }) as Journey);
const textsOf = (tree: PathTree) => {
  const texts: string[] = [];
  for (let path = 1; tree.text(path) !== undefined; path += 1) texts.push(tree.text(path)!);
  return texts;
};

describe('the paths of a version', () => {
  it.each<[what: string, steps: { readonly [id: string]: object }, paths: readonly string[]]>([
    ['no choice', { a: message('b'), b: wait() }, []],
    [
      'a branch and a split, shorter ones first',
      { tier: branch('gold', 'end'), gold: wait('offer'), offer: split({ a: 'end', b: 'end' }) },
      ['tier:gold', 'tier:end', 'tier:gold > offer:a', 'tier:gold > offer:b'],
    ],
    ['cases that lead to one step are one choice', { b: branch('x', 'x', 'end'), x: wait() }, ['b:x', 'b:end']],
    ['a message whose ports lead elsewhere', { m: message('end', { skipped: 'x' }), x: wait() }, ['m:end', 'm:x']],
    ['a message whose ports do not', { m: message('end', { skipped: 'end' }) }, []],
    [
      'a wait-for',
      {
        w: { type: 'wait-for', any: [{ on: 'event', event: 'X', next: 'end' }], within: 'P1D', timeout: 'late' },
        late: wait(),
      },
      ['w:end', 'w:late'],
    ],
    [
      'a task',
      {
        t: {
          type: 'task',
          queue: 'crm',
          title: 'Call',
          due: 'P1D',
          outcomes: { yes: 'end', no: 'late' },
          timeout: 'late',
        },
        late: wait(),
      },
      ['t:end', 't:late'],
    ],
  ])('%s', (_what, steps, paths) => {
    expect(textsOf(treeOf(steps))).toEqual(paths);
    expect(treeOf(steps).many).toBe(paths.length > 0);
  });

  it('of a circle go on until there are too many', () => {
    const tree = treeOf({ b: { ...branch('w', 'end'), maxVisits: 500 }, w: wait('b', { maxVisits: 500 }) });
    expect(textsOf(tree)).toHaveLength(MAX_PATHS);
    expect(tree.text(3)).toBe('b:w > b:w');
    let path = 0;
    for (let i = 0; i < MAX_PATHS; i += 1) path = tree.after(path, 'b', 'w', 'case-0');
    expect([path, tree.after(OTHER_PATH, 'b', 'end', 'else')]).toEqual([OTHER_PATH, OTHER_PATH]);
  });

  it('stay what they are at steps without a choice', () => {
    const tree = treeOf({ b: branch('w', 'end'), w: wait() });
    expect(tree.after(1, 'w', 'end', 'next')).toBe(1);
    expect(tree.after(0, 'gone', 'end', 'next')).toBe(0);
  });

  it('are numbered by the document alone, whatever order its steps are in', () => {
    const steps = { tier: branch('gold', 'offer'), gold: wait('offer'), offer: split({ a: 'end', b: 'gold' }) };
    const other = Object.fromEntries(Object.entries(steps).reverse());
    const turned = new PathTree(journey({ start: 'tier', steps: other }) as Journey);
    expect(textsOf(turned)).toEqual(textsOf(treeOf(steps)));
  });
});
