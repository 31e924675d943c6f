import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { synthesize, type Templates } from '../deployment/assembly.ts';
import { besides, isRetained, type Remainder, whatStays } from '../deployment/what-stays.ts';
import { mustConfirm, UsageError, verb } from '../verb.ts';

const root = join(import.meta.dirname, '../..');

export const teardown = verb({
  name: 'teardown',
  takes: '--env NAME [--delete-data] [--dry-run]',
  summary:
    'removes an environment from its account: says what stays and what that costs, asks, and lets CDK delete the rest',
  help: `NAME is an environment of godwit.config.ts. Without --delete-data the stack with tables, queues and key stays, and a
deployment finds everything again. --delete-data goes only where the configuration says removalPolicy: 'destroy'.`,
  options: {
    'delete-data': { type: 'boolean', says: 'the tables too, for good' },
    'dry-run': { type: 'boolean', says: 'only say what stays' },
  },
  words: [0, 0],
  async run(call) {
    const { env, 'delete-data': deletes = false, 'dry-run': dry = false } = call.options;
    if (env === undefined) throw new UsageError('--env: which environment of godwit.config.ts');
    const templates = synthesize(env);
    if (deletes && isRetained(templates)) {
      throw new UsageError(
        `${env} keeps its data: removalPolicy is 'retain', and its tables are protected from deletion`,
        "set removalPolicy: 'destroy' in godwit.config.ts, deploy, and call this again",
      );
    }
    const stays = whatStays(templates, deletes);
    const text = describe(env, templates, stays, deletes);
    const json = { environment: env, deletesData: deletes, stacks: goingStacks(templates, deletes), stays };
    if (dry) return { exit: 0, text, json: { ...json, done: false } };
    await mustConfirm(
      call,
      text,
      deletes ? `Delete ${env} and all that it knows?` : `Delete ${env}, but for its data?`,
    );
    const status = destroy(env, goingStacks(templates, deletes));
    return { exit: status === 0 ? 0 : 3, text, json: { ...json, done: status === 0 } };
  },
});

/** From the last to the first that others stand on. */
function goingStacks(templates: Templates, deletesData: boolean): string[] {
  const all = Object.keys(templates).filter((stack) => deletesData || !stack.endsWith('-data'));
  return all.sort((a, b) => Number(a.endsWith('-data')) - Number(b.endsWith('-data')));
}

function describe(env: string, templates: Templates, stays: readonly Remainder[], deletes: boolean): string[] {
  return [
    `${env}: these stacks go: ${goingStacks(templates, deletes).join(', ')}`,
    stays.length === 0 ? 'of them nothing stays' : 'this stays, for so many US dollars a month:',
    ...stays.map(({ what, count, monthly, note }) => `  ${count} ${what}: ${monthly} (${note})`),
    'and besides:',
    ...besides(templates, deletes).map((line) => `  ${line}`),
  ];
}

/** Stacks of a stage are named by their path; CDK knows in which order they may go. */
function destroy(env: string, stacks: readonly string[]): number | null {
  const paths = stacks.map((stack) => stack.replace(/-(?=[a-z]+$)/, '/'));
  const words = ['cdk', 'destroy', ...paths, '-c', `env=${env}`, '--exclusively', '--force'];
  return spawnSync('npx', words, { cwd: root, stdio: 'inherit' }).status;
}
