import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Journey } from '../../shared/domain/journeys/journey.ts';
import { InvalidInput } from '../../shared/kernel/errors.ts';
import { type SimulationInput, simulate as simulateDocuments } from '../../shared/simulation/index.ts';
import { findProject } from '../config/project.ts';
import { readSound } from '../documents/local-documents.ts';
import { groupDocuments } from '../folder/group-documents.ts';
import { readDocumentFile } from '../folder/read-file.ts';
import { simulationPage } from '../simulation-page/simulation-page.ts';
import { simulationText } from '../simulation-text.ts';
import { Findings, UsageError, verb, wholeNumber } from '../verb.ts';

export const simulate = verb({
  name: 'simulate',
  takes: 'SCENARIO [--days N] [--seed TEXT] [--html FILE]',
  summary: 'says what the journeys of the folder would do to whom, and what it would cost',
  help: `SCENARIO is a YAML or JSON file: from, days, a population (or histories: FILE.ndjson beside it) and how people behave.
docs/simulation.md says what may stand in it. Nothing is stored or sent, and no environment is needed.`,
  options: {
    days: { type: 'string', takes: 'N', says: 'instead of those of the scenario' },
    html: { type: 'string', takes: 'FILE', says: 'also writes a page with pictures, to look at and to pass on' },
    seed: { type: 'string', takes: 'TEXT', says: 'the same seed, the same result; 1 when absent' },
  },
  words: [1, 1],
  async run(call) {
    const { options, world, words } = call;
    const days = wholeNumber('days', options.days, 1, 3_660);
    const { folder } = findProject(call);
    const { written, documents } = await readSound(folder, world);
    const journeys = documents.flatMap(({ kind, document }) => (kind === 'journey' ? [document as Journey] : []));
    const { scenario, locate, file } = await readScenario(resolve(world.cwd, words[0]!));
    const input = {
      ...scenario,
      ...groupDocuments(written),
      ...(days !== undefined && { days }),
      ...(options.seed !== undefined && { seed: options.seed }),
    };
    try {
      const result = simulateDocuments(input as unknown as SimulationInput);
      const text = simulationText(result, journeys);
      if (options.html !== undefined) text.push(writePage(options.html, simulationPage(result, journeys), world.cwd));
      return { exit: 0, text, json: result };
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

function writePage(name: string, page: string, cwd: string): string {
  const path = resolve(cwd, name);
  try {
    writeFileSync(path, page);
  } catch (error) {
    throw new UsageError(`${name} cannot be written: ${(error as Error).message}`);
  }
  return `the page is in ${path}`;
}
