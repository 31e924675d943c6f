import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { InvalidInput } from '../../shared/kernel/errors.ts';
import {
  type SimulationInput,
  type SimulationResult,
  simulate as simulateDocuments,
} from '../../shared/simulation/index.ts';
import { findProject } from '../config/project.ts';
import { readSound } from '../documents/local-documents.ts';
import { groupDocuments } from '../folder/group-documents.ts';
import { readDocumentFile } from '../folder/read-file.ts';
import { columns } from '../terminal.ts';
import { Findings, UsageError, verb, wholeNumber } from '../verb.ts';

export const simulate = verb({
  name: 'simulate',
  takes: 'SCENARIO [--days N] [--seed TEXT]',
  summary: 'says what the journeys of the folder would do to whom, and what it would cost',
  help: `SCENARIO is a YAML or JSON file: from, days, a population (or histories: FILE.ndjson beside it) and how people behave.
docs/simulation.md says what may stand in it. Nothing is stored or sent, and no environment is needed.`,
  options: {
    days: { type: 'string', takes: 'N', says: 'instead of those of the scenario' },
    seed: { type: 'string', takes: 'TEXT', says: 'the same seed, the same result; 1 when absent' },
  },
  words: [1, 1],
  async run(call) {
    const { options, world, words } = call;
    const days = wholeNumber('days', options.days, 1, 3_660);
    const { folder } = findProject(call);
    const { written } = await readSound(folder, world);
    const { scenario, locate, file } = await readScenario(resolve(world.cwd, words[0]!));
    const input = {
      ...scenario,
      ...groupDocuments(written),
      ...(days !== undefined && { days }),
      ...(options.seed !== undefined && { seed: options.seed }),
    };
    try {
      const result = simulateDocuments(input as unknown as SimulationInput);
      return { exit: 0, text: textOf(result), json: result };
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      const findings = error.problems.map((one) => ({
        ...one,
        severity: 'error' as const,
        file,
        ...locate(one.pointer),
      }));
      throw new Findings('nothing was simulated', findings);
    }
  },
});

async function readScenario(path: string) {
  if (!existsSync(path)) throw new UsageError(`there is no file ${path}`);
  const file = basename(path);
  const { value, locate } = await readDocumentFile(dirname(path), file);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError(`${file} is no scenario`, 'write from, days and population; docs/simulation.md shows one');
  }
  const scenario = value as Readonly<Record<string, unknown>>;
  const { histories } = scenario;
  if (typeof histories !== 'string') return { scenario, locate, file };
  const told = resolve(dirname(path), histories);
  if (!existsSync(told)) throw new UsageError(`${file} names the histories ${histories}, which are not beside it`);
  return { scenario: { ...scenario, histories: readFileSync(told, 'utf8') }, locate, file };
}

function textOf({ from, until, seed, customers, journeys, messages, peakSendsPerMinute, cost }: SimulationResult) {
  const dollars = (amount: number) => `$${amount.toFixed(2)}`;
  const { count, minute } = peakSendsPerMinute;
  return [
    `${customers} customers, ${from} to ${until}, seed ${seed}`,
    ...Object.entries(journeys).flatMap(([id, { entered, notEntered, exits, stillInside, goals }]) => [
      '',
      `${id}: ${entered} entered, ${goals} reached the goal, ${stillInside} still inside`,
      ...reasons('not entered', notEntered),
      ...reasons('left', exits),
      ...columns([
        ['step', 'template', 'sent', 'opened', 'clicked', 'bounced', 'not sent, or later'],
        ...messages.byStep
          .filter(({ journey }) => journey === id)
          .map((one) => [
            one.step,
            one.template,
            ...[one.sent, one.opened, one.clicked, one.bounced].map(String),
            listed({ ...one.held, ...one.skipped, ...one.failed }),
          ]),
      ]),
    ]),
    '',
    `${messages.sent} messages; at most ${count} in a minute${minute === null ? '' : ` (${minute})`}`,
    ...reasons('by day', messages.byDay),
    `cost: AWS ${dollars(cost.awsDollars)}, provider ${dollars(cost.providerDollars)}`,
  ];
}

const listed = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([what, count]) => `${what} ${count}`)
    .join(', ');

const reasons = (title: string, counts: Readonly<Record<string, number>>): string[] =>
  Object.keys(counts).length === 0 ? [] : [`  ${title}: ${listed(counts)}`];
