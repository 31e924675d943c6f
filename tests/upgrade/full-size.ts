// `npm run upgrade -- --from COMMIT [--customers N] [--days N] [--record NAME]`: an environment that an older commit has
// run for some days goes on three ways: with the older code, with today's, and with today's for a while and then the
// older again (a rollback). All three must send the same messages. With --record, what the older commit left is kept
// in states/NAME for tests/scenarios/upgrade.test.ts.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bootCloud } from '../../local/cloud.ts';
import { differences, type SentMessage } from './sent.ts';
import { recordState } from './state.ts';

const { values } = parseArgs({
  options: {
    from: { type: 'string' },
    customers: { type: 'string', default: '40' },
    days: { type: 'string', default: '6' },
    record: { type: 'string' },
  },
});
if (values.from === undefined) throw new Error('--from: the commit whose environment is upgraded');
/** How long each goes on, and when the rollback comes. */
const DAYS_AFTER = 14;
const DAYS_UNTIL_ROLLBACK = 5;

const here = join(import.meta.dirname, '../..');
const work = join(here, '.godwit/upgrade');
const older = join(work, 'older');

function run(command: string, args: readonly string[], cwd: string): void {
  const { status } = spawnSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
}

function checkOut(commit: string): void {
  if (existsSync(older)) run('git', ['worktree', 'remove', '--force', older], here);
  run('git', ['worktree', 'prune'], here);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  run('git', ['worktree', 'add', '--detach', older, commit], here);
}

interface Outcome {
  readonly sent: readonly SentMessage[];
  readonly denied: readonly string[];
}

/** The code in `root` goes on with the state in `data`. */
function goOn(root: string, data: string, days: number, app = 'local/app.ts'): Outcome {
  const out = join(work, 'outcome.json');
  const node = join(root, 'node_modules/node/bin/node');
  run(node, [join(import.meta.dirname, 'go-on.ts'), root, data, String(days), out, app], root);
  return JSON.parse(readFileSync(out, 'utf8')) as Outcome;
}

function copy(from: string, name: string): string {
  const to = join(work, name);
  cpSync(from, to, { recursive: true });
  return to;
}

checkOut(values.from);
const start = join(work, 'start');
const starting = ['local/start.ts', '--once', '--data', start, '--customers', values.customers, '--days', values.days];
run('node', ['scripts/with-node.mjs', ...starting], older);

const unchanged = goOn(older, copy(start, 'unchanged'), DAYS_AFTER);
const upgraded = goOn(here, copy(start, 'upgraded'), DAYS_AFTER);
const forthAndBack = copy(start, 'rolled-back');
const forth = goOn(here, forthAndBack, DAYS_UNTIL_ROLLBACK, 'tests/upgrade/cautious-app.ts');
const back = goOn(older, forthAndBack, DAYS_AFTER - DAYS_UNTIL_ROLLBACK);

const report = (name: string, sent: readonly SentMessage[], denied: readonly string[]) => {
  const wrong = [...differences(unchanged.sent, sent), ...denied];
  console.log(`${name}: ${sent.length} messages, ${wrong.length} differences`);
  for (const line of wrong) console.log(`  ${line}`);
  return wrong.length;
};
console.log(
  `\nan environment of ${values.from}, ${values.customers} customers, day ${values.days} to ${Number(values.days) + DAYS_AFTER}`,
);
console.log(`not upgraded: ${unchanged.sent.length} messages`);
const faults =
  report('upgraded', upgraded.sent, upgraded.denied) +
  report(
    `rolled back after ${DAYS_UNTIL_ROLLBACK} days`,
    [...forth.sent, ...back.sent],
    [...forth.denied, ...back.denied],
  );

if (values.record !== undefined) {
  const data = copy(start, 'recorded');
  const assembly = join(here, '.godwit/cdk.out.upgrade');
  const cloud = await bootCloud({ assembly, dataDir: data, frozen: true, overrides: { schedules: 'off' } });
  await recordState(cloud, start, join(import.meta.dirname, 'states', values.record), unchanged.sent);
  await cloud.stop();
}
process.exit(faults === 0 ? 0 : 1);
