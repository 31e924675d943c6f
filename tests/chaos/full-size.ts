// `npm run chaos -- [customers] [seed]`: tests/scenarios/provider-chaos.test.ts at large, four messages for each customer.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const [customers = '1000', seed = 'two'] = process.argv.slice(2);
const root = join(import.meta.dirname, '../..');
const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--project=scenarios',
    '--testTimeout=3600000',
    'tests/scenarios/provider-chaos.test.ts',
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, GODWIT_CHAOS_CUSTOMERS: customers, GODWIT_CHAOS_SEED: seed },
  },
);
process.exitCode = status ?? 1;
