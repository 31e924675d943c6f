// `npm run check`: everything that can be known without running the product.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const bin = (name: string) => join(root, 'node_modules', '.bin', name);
const checks: [name: string, command: string, args: string[]][] = [
  // The native compiler takes a third of the CPU; the linters need the API of 6, which it does not have.
  ['types', join(root, 'node_modules', 'typescript-native', 'bin', 'tsc'), ['--noEmit', '-p', 'tsconfig.json']],
  ['lint and format', bin('biome'), ['ci', '--colors=off', '--error-on-warnings', '.']],
  [
    'room rules',
    bin('depcruise'),
    [
      '--config',
      '.dependency-cruiser.cjs',
      'cli',
      'infra',
      'functions',
      'shared',
      'local',
      'tests',
      'examples',
      'bench',
      'scripts',
    ],
  ],
  ['dead code', bin('knip'), ['--no-progress']],
  ['licences and lockfile', process.execPath, [join(root, 'scripts', 'licences.ts')]],
  ['bundle sizes', process.execPath, [join(root, 'scripts', 'bundle-sizes.ts')]],
];

let failed = 0;
for (const [name, command, args] of checks) {
  const started = Date.now();
  const run = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  if (run.status === 0) console.log(`ok      ${name} (${seconds} s)`);
  else {
    failed++;
    console.log(`FAILED  ${name} (${seconds} s)\n${run.stdout}${run.stderr}`);
  }
}
process.exit(failed === 0 ? 0 : 1);
