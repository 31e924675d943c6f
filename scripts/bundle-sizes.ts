// `npm run bundle-sizes`: bundles all functions as a deployment does and compares their bytes with infra/bundle-sizes.json;
// fails when one has grown by more than a twentieth, has no line, or is gone. `-- --write` agrees on what they are now.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildFunctions } from '../infra/bundle.ts';
import { type BundleSizes, judgeSizes, ROOM } from '../infra/bundle-budget.ts';
import { bundleSizes } from '../infra/bundle-size.ts';

const file = join(import.meta.dirname, '..', 'infra', 'bundle-sizes.json');
const measured = bundleSizes(buildFunctions());

if (process.argv.includes('--write')) {
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(Object.entries(measured).sort()), null, 2)}\n`);
}
const verdicts = judgeSizes(measured, JSON.parse(readFileSync(file, 'utf8')) as BundleSizes);
const count = (bytes: number | undefined) => (bytes?.toLocaleString('en-US') ?? '-').padStart(12);
console.log(`function             bytes of       limit       value`);
for (const { name, what, bytes, limit, problem } of verdicts) {
  console.log(`${name.padEnd(20)} ${what.padEnd(8)}${count(limit)}${count(bytes)}${problem ? `  ${problem}` : ''}`);
}
const failed = verdicts.some(({ problem }) => problem !== undefined);
if (failed) console.log(`\nThe limits are ${ROOM * 100} % above infra/bundle-sizes.json: docs/recipes/bundle-sizes.md`);
process.exit(failed ? 1 : 0);
