import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { judgeSizes } from '../../infra/bundle-budget.ts';
import { bundleSizes, readAtStart } from '../../infra/bundle-size.ts';
import { functionNames } from '../../infra/functions.ts';

const agreed = { ingest: { start: 1_000, package: 2_000 } };
const problems = (measured: Parameters<typeof judgeSizes>[0], from = agreed as Parameters<typeof judgeSizes>[1]) =>
  judgeSizes(measured, from).flatMap(({ name, what, problem }) => (problem ? [`${name} ${what} ${problem}`] : []));

describe('sizes of bundles', () => {
  it.each([
    ['as agreed', { start: 1_000, package: 2_000 }, []],
    ['smaller', { start: 10, package: 10 }, []],
    ['just within', { start: 1_050, package: 2_100 }, []],
    ['more at the start', { start: 1_051, package: 2_100 }, ['ingest start is 1 bytes above its limit']],
    ['more in the package', { start: 1_050, package: 2_200 }, ['ingest package is 100 bytes above its limit']],
  ])('%s', (_, size, found) => {
    expect(problems({ ingest: size })).toEqual(found);
  });

  it('a new function needs a line', () => {
    const send = { start: 1, package: 1 };
    expect(problems({ ...agreed, send })).toEqual(['send start has no line', 'send package has no line']);
  });

  it('a line needs a function', () => {
    expect(problems({})).toEqual(['ingest start is no function any more', 'ingest package is no function any more']);
  });

  it('says limit and value of all', () => {
    expect(judgeSizes({ ingest: { start: 1, package: 2 } }, agreed)).toEqual([
      { name: 'ingest', what: 'start', bytes: 1, limit: 1_050 },
      { name: 'ingest', what: 'package', bytes: 2, limit: 2_100 },
    ]);
  });

  it('are agreed on for each function', () => {
    const file = new URL('../../infra/bundle-sizes.json', import.meta.url);
    expect(Object.keys(JSON.parse(readFileSync(file, 'utf8')))).toEqual([...functionNames].sort());
  });
});

describe('a metafile', () => {
  const output = (
    bytes: number,
    inputs: string[],
    ...imports: [path: string, kind: 'import-statement' | 'dynamic-import'][]
  ) => ({
    bytes,
    inputs: Object.fromEntries(inputs.map((path) => [path, { bytesInOutput: 1 }])),
    imports: imports.map(([path, kind]) => ({ path, kind })),
    exports: [],
  });
  const metafile = {
    inputs: {},
    outputs: {
      'dist/api/index.mjs': output(
        100,
        ['a.ts'],
        ['dist/api/shared.mjs', 'import-statement'],
        ['dist/api/late.mjs', 'dynamic-import'],
        ['node:fs', 'import-statement'],
      ),
      'dist/api/shared.mjs': output(10, ['b.ts'], ['dist/api/index.mjs', 'import-statement']),
      'dist/api/late.mjs': {
        ...output(1_000, ['c.ts'], ['dist/api/shared.mjs', 'import-statement']),
        entryPoint: 'late.ts',
      },
      'dist/api/index.mjs.map': output(9_999, []),
      'dist/send/index.mjs': output(7, ['d.ts']),
    },
  };

  it('tells what is read at the start from all that is in the package', () => {
    expect(bundleSizes([metafile])).toEqual({ api: { start: 110, package: 1_110 }, send: { start: 7, package: 7 } });
    expect(readAtStart([metafile], 'api')).toEqual({ bytes: 110, inputs: ['a.ts', 'b.ts'] });
  });

  it('tells what is read with a part for which the start waits', () => {
    expect(readAtStart([metafile], 'api', ['late.ts'])).toEqual({ bytes: 1_110, inputs: ['a.ts', 'b.ts', 'c.ts'] });
    expect(() => readAtStart([metafile], 'api', ['a.ts'])).toThrow('api has no part of its own for a.ts');
  });

  it('of no such function is an error', () => {
    expect(() => readAtStart([metafile], 'pi')).toThrow('no bundle is called pi');
  });
});
