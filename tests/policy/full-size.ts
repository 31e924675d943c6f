// `npm run policy -- [customers]`: the five competing journeys at full size, read by the checker. Docs: policy.md.
import { checkLog } from './checker/check-log.ts';
import type { Line, Violation } from './checker/log.ts';
import { competing } from './competing.ts';
import { catalogOf, livesOf } from './lives.ts';

/** So many are looked at together, so that the share of the holdout can be told. */
const CHUNK = 500;

const customers = Number(process.argv[2] ?? 10_000);
const documents = competing();
const counts = new Map<string, number>();
const found: Violation[] = [];
const started = process.cpuUsage();
let chunk: Line[] = [];
let living = 0;

for (const lines of livesOf(catalogOf(documents), customers, 'full size')) {
  chunk.push(...lines);
  living += 1;
  for (const line of lines) {
    const what = line.line === 'sent' ? `sent by ${line.channel}` : line.code;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  if (living % CHUNK !== 0 && living !== customers) continue;
  found.push(...checkLog(chunk, documents));
  chunk = [];
}

const { user, system } = process.cpuUsage(started);
const shown =
  /^(sent|cap|gap|quiet|closed|sending|consent\.(missing|withdrawn)|holdout|entry\.holdout|message\.(held|not-held))/;
for (const [what, count] of [...counts].filter(([name]) => shown.test(name)).sort(([a], [b]) => (a < b ? -1 : 1))) {
  console.log(`${String(count).padStart(8)}  ${what}`);
}
console.log(`${customers} customers, ${found.length} violations, ${Math.round((user + system) / 1e6)} CPU-seconds`);
for (const one of found.slice(0, 20)) console.log(one);
process.exitCode = found.length === 0 ? 0 : 1;
