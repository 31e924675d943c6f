// `npm run bench:cost`: counts what AWS would bill, at the gateway of the local cloud. Nothing here is timed.
//
//   npm run bench:cost                               all parts
//   npm run bench:cost -- --only events,rates        these; the others keep what they have found before
//   npm run bench:cost -- --json report.json         what was counted now, in a file of its own as well
//   npm run bench:cost -- --render                   counts nothing: writes texts and plots of what was counted before
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { writeSection } from '../write-section.ts';
import { brokenBy, parts, sectionOf } from './all-parts.ts';
import type { MeasuredRow } from './measured.ts';
import type { Part } from './part.ts';
import { asText, keep, readMeasured } from './store.ts';

const { values } = parseArgs({
  options: { only: { type: 'string' }, json: { type: 'string' }, render: { type: 'boolean' } },
});
const order = parts.map(({ name }) => name);
const chosen = values.only === undefined ? parts : values.only.split(',').map(named);
const at = new Date().toISOString().slice(0, 10);
const found: MeasuredRow[] = [];
const broken: string[] = [];
for (const part of chosen) {
  const rows = values.render ? readMeasured().rows.filter((row) => row.part === part.name) : await counted(part);
  if (rows.length === 0 && !part.isDerived) continue;
  part.draw?.(rows);
  const section = sectionOf(part, rows);
  process.stdout.write(`${section}\n\n`);
  writeSection(`cost-${part.name}`, section);
  found.push(...rows);
  broken.push(...brokenBy(part, rows));
}
if (values.json !== undefined) writeFileSync(values.json, asText({ at, rows: found }));
for (const one of broken) process.stderr.write(`budget: ${one}\n`);
process.exitCode = broken.length > 0 ? 1 : 0;

async function counted(part: Part): Promise<readonly MeasuredRow[]> {
  const before = process.cpuUsage();
  const rows = await part.count();
  const { user, system } = process.cpuUsage(before);
  process.stderr.write(`${part.name}: ${Math.round((user + system) / 1e6)} s of CPU\n`);
  keep(part.name, rows, order, at);
  return rows;
}

function named(name: string): Part {
  const part = parts.find((one) => one.name === name);
  if (part !== undefined) return part;
  throw new Error(`--only: no part is called "${name}"; there are ${order.join(', ')}`);
}
