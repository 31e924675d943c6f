import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { InvalidInput } from '../../shared/kernel/errors.ts';
import { type Rule, verify as verifyDocuments } from '../../shared/simulation/index.ts';
import { findProject } from '../config/project.ts';
import { groupDocuments } from '../documents/group-documents.ts';
import { readSound } from '../documents/local-documents.ts';
import { readDocumentFile } from '../folder/read-file.ts';
import { UsageError, verb, wholeNumber } from '../verb.ts';

export const verify = verb({
  name: 'verify',
  takes: 'RULES.ts [--tries N] [--seed TEXT]',
  summary: 'looks for a customer whose life with the journeys of the folder breaks a rule',
  help: `RULES.ts exports a list of rules by default: import { maxMessagesPer, endsWithin, … } from 'godwit/simulation'.
docs/simulation.md lists them. What breaks a rule is told as the shortest story found; nothing found is no proof.`,
  options: {
    tries: { type: 'string', takes: 'N', says: 'how many lives are made up; 500 when absent' },
    seed: { type: 'string', takes: 'TEXT', says: 'other lives; 1 when absent' },
  },
  words: [1, 1],
  async run(call) {
    const { options, world, words } = call;
    const tries = wholeNumber('tries', options.tries, 1, 1_000_000);
    const { folder } = findProject(call);
    const { written } = await readSound(folder, world);
    const rules = await readRules(resolve(world.cwd, words[0]!));
    const verdict = verifyDocuments(groupDocuments(written), rules, {
      ...(tries !== undefined && { tries }),
      ...(options.seed !== undefined && { seed: options.seed }),
    });
    if (verdict.holds) {
      const names = rules.map(({ name }) => `  ${name}`);
      return {
        exit: 0,
        text: [`${verdict.tried} lives, and none of them breaks a rule:`, ...names],
        json: verdict,
      };
    }
    const { story } = verdict.counterExample;
    return { exit: 1, text: [world.terminal.paint.red('a rule is broken'), ...story], json: verdict };
  },
});

async function readRules(path: string): Promise<Rule[]> {
  if (!existsSync(path)) throw new UsageError(`there is no file ${path}`);
  const file = basename(path);
  const { value } = await readDocumentFile(dirname(path), file);
  if (Array.isArray(value) && value.length > 0 && value.every(isRule)) return value;
  const detail = 'not a list of rules';
  const problem = {
    pointer: '',
    code: 'rules',
    detail,
    fix: `export default [maxMessagesPer({ max: 2, per: 'day' })]`,
  };
  throw new InvalidInput('rules', `${file}: ${detail}; ${problem.fix}`, [problem]);
}

const isRule = (one: unknown): one is Rule =>
  typeof one === 'object' && one !== null && 'name' in one && 'check' in one && typeof one.check === 'function';
