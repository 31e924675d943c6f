// `npm run licences`: what we build on and under which licences, from the lockfile alone; fails on what may not be.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Lockfile, readLockfile } from './lockfile.ts';

const lockfile = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package-lock.json'), 'utf8')) as Lockfile;
const { all, problems } = readLockfile(lockfile);

console.log('licence         in functions   tools   examples');
for (const [license, packages] of [...Map.groupBy(all, (one) => one.license)].sort(
  (a, b) => b[1].length - a[1].length,
)) {
  const shipped = packages.filter((one) => one.shipped);
  const names = [...new Set([...shipped, ...packages].map(({ name }) => name))];
  const shown = names.slice(0, 4).join(', ') + (names.length > 4 ? ', …' : '');
  const counts = [shipped.length, packages.length - shipped.length].map((count) => String(count));
  console.log(`${license.padEnd(16)}${counts[0]!.padStart(12)}${counts[1]!.padStart(8)}   ${shown}`);
}
console.log(`\n${all.length} packages; in functions may be what is not for development alone.`);
for (const problem of problems) console.error(`NOT PERMITTED  ${problem}`);
process.exit(problems.length === 0 ? 0 : 1);
