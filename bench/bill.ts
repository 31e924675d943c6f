// `npm run bench:bill`: counts on the local cloud what a month is made of, counts in the templates what stands in an account
// by itself, and writes shared/cost/figures.json, from which `godwit cost` and docs/cost.md reckon. `-- --templates` counts only
// the templates anew, `-- --docs` nothing: both write the page from what was counted before.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeSection } from './write-section.ts';

const root = join(import.meta.dirname, '..');

const file = join(root, 'shared', 'cost', 'figures.json');
const write = (figures: object) => writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);

if (process.argv.includes('--templates')) {
  const { deployed } = await import('./bill/deployed.ts');
  write({ ...JSON.parse(readFileSync(file, 'utf8')), deployed: deployed() });
} else if (!process.argv.includes('--docs')) {
  const { measure } = await import('./bill/measure.ts');
  const { toFigures } = await import('./bill/to-figures.ts');
  write(toFigures(await measure(), new Date().toISOString().slice(0, 10)));
}
// Not before: it reads what was just written.
const { figures } = await import('../shared/cost/figures.ts');
const { billPage, billSection } = await import('./bill/page.ts');
const { mustDiffer } = await import('./bill/control.ts');
mustDiffer(figures);
for (const [name, text] of Object.entries(billPage(figures))) writeSection(name, text, 'docs/cost.md');
writeSection('bill', billSection(figures));
