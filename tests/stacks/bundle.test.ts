import { describe, expect, it } from 'vitest';
import { buildFunctions } from '../../infra/bundle.ts';
import { type FunctionName, functionNames } from '../../infra/functions.ts';

const outputs = Object.assign({}, ...buildFunctions().map((metafile) => metafile.outputs)) as ReturnType<
  typeof buildFunctions
>[number]['outputs'];
const entry = (name: FunctionName) => outputs[`dist/functions/${name}/index.mjs`]!;

/** Bytes that are read at every cold start: the entry and what it imports at once, not what it may import later. */
function startBytes(name: FunctionName): number {
  const seen = new Set<string>();
  const visit = (path: string): number => {
    const output = outputs[path];
    if (output === undefined || seen.has(path)) return 0;
    seen.add(path);
    const imported = output.imports.filter(({ kind }) => kind === 'import-statement').map(({ path: to }) => visit(to));
    return output.bytes + imported.reduce((sum, bytes) => sum + bytes, 0);
  };
  return visit(`dist/functions/${name}/index.mjs`);
}

describe('bundles', () => {
  it.each(functionNames)('%s exports the handler that Lambda calls', (name) => {
    expect(entry(name).exports).toContain('handler');
  });

  // Measured on 2026-11-22 and, for `api`, on 2026-11-26, rounded up by a tenth: whoever needs more should know what for.
  // `api` has more since it knows policies, blocks, consents, inboxes and text messages.
  // Whatever decides has 320 KB to clean traits with: RE2, and countries and regions by name.
  it.each([
    ['ingest', 800],
    ['receipts', 800],
    ['evaluate', 2000],
    ['send', 2200],
    // 2,500 until sessions, dead letters and what one customer may ask for.
    ['api', 2600],
  ] as const)('%s reads at most %i KB at a cold start', (name, kilobytes) => {
    expect(startBytes(name) / 1000).toBeLessThan(kilobytes);
  });

  it('ingest knows neither journeys nor templates', () => {
    const inputs = Object.keys(entry('ingest').inputs);
    expect(inputs.filter((path) => /shared\/domain\/(journeys|audiences|messaging)\//.test(path))).toEqual([]);
    expect(inputs.filter((path) => path.startsWith('node_modules/zod/'))).toEqual([]);
  });

  it('api loads the compiler of mails only when a template is compiled', () => {
    const inputs = Object.keys(entry('api').inputs);
    expect(inputs.filter((path) => path.startsWith('node_modules/mjml'))).toEqual([]);
  });
});
