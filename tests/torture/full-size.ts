// `npm run torture -- --seed N --minutes M [--events N --customers N --pages N --days N --severity X --kinds a,b --shrink --write]`
// Docs: guarantees.md. Without --write nothing is written there.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type FaultKind, faultKinds } from '../../local/cloud.ts';
import { synthesize } from '../../local/synthesize.ts';
import { summaryOf, writeReport } from './report.ts';
import { commandOf, shrink } from './shrink.ts';
import { torture } from './torture.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    customers: { type: 'string', default: '2400' },
    pages: { type: 'string', default: '12' },
    days: { type: 'string', default: '12' },
    minutes: { type: 'string' },
    events: { type: 'string' },
    severity: { type: 'string', default: '1' },
    kinds: { type: 'string' },
    assembly: { type: 'string' },
    shrink: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

function number(
  name: 'seed' | 'customers' | 'pages' | 'days' | 'minutes' | 'events' | 'severity',
  least: number,
  most: number,
) {
  const value = Number(values[name]);
  if (!(value >= least && value <= most))
    throw new Error(`--${name}: a number from ${least} to ${most}, not ${JSON.stringify(values[name])}`);
  return value;
}

function kinds(): readonly FaultKind[] {
  const named = values.kinds?.split(',') ?? faultKinds;
  const unknown = named.find((name) => !(faultKinds as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw new Error(`--kinds: one of ${faultKinds.join(', ')}, not ${JSON.stringify(unknown)}`);
  return named as readonly FaultKind[];
}

const work = join(import.meta.dirname, '../../.godwit');
mkdirSync(work, { recursive: true });
// A worker that is started again finds its code compiled.
process.env['NODE_COMPILE_CACHE'] ??= join(work, 'compiled');
const log = console.log;
const options = {
  seed: number('seed', 0, 2 ** 32 - 1),
  customers: number('customers', 1, 1_000_000),
  pages: number('pages', 0, 15),
  days: number('days', 1, 300),
  severity: number('severity', 0, 1_000),
  kinds: kinds(),
  ...(values.minutes !== undefined && { minutes: number('minutes', 0, 10_000) }),
  ...(values.events !== undefined && { events: number('events', 1, 100_000_000) }),
  assembly: values.assembly ?? (await synthesize(join(work, 'torture.out'))),
};
const result = await torture({ ...options, log });
log(summaryOf(options, result, new Date().toISOString().slice(0, 10)));
if (values.write) writeReport(options, result, new Date().toISOString().slice(0, 10));
const [first] = result.findings;
if (first !== undefined) {
  for (const [rule, some] of Map.groupBy(result.findings, (finding) => finding.rule))
    log(some.length, rule, some.slice(0, 5));
  log(`again: ${commandOf(options)}`);
  if (values.shrink) log(`smaller: ${commandOf(await shrink(options, first.rule, log))}`);
  process.exitCode = 1;
}
