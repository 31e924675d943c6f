import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Journey } from '../../shared/domain/journeys/journey.ts';
import { InvalidInput } from '../../shared/kernel/errors.ts';
import { type SimulationInput, simulate as simulateDocuments } from '../../shared/simulation/index.ts';
import { connectProject, findProject } from '../config/project.ts';
import { groupDocuments } from '../documents/group-documents.ts';
import { readSound } from '../documents/local-documents.ts';
import { readDocumentFile } from '../folder/read-file.ts';
import { cautions, simulateRemotely } from '../remote/simulate-remotely.ts';
import { simulationPage } from '../simulation-page/simulation-page.ts';
import { simulationText } from '../simulation-text.ts';
import { type Call, Findings, type Options, type Outcome, UsageError, verb, type World, wholeNumber } from '../verb.ts';

export const simulate = verb({
  name: 'simulate',
  takes: 'SCENARIO [--days N] [--seed TEXT] [--html FILE] [--population live]',
  summary: 'says what the journeys of the folder would do to whom, and what it would cost',
  help: `SCENARIO is a YAML or JSON file: from, days, a population (or histories: FILE.ndjson beside it) and how people behave.
docs/simulation.md says what may stand in it. Nothing is stored or sent, and no environment is needed.

With --population live, one journey of an environment, as its draft stands there, meets a sample of the people who are
there now. Of SCENARIO, which may be left out, days, seed, population.events and behaviour are taken.`,
  options: {
    days: { type: 'string', takes: 'N', says: 'instead of those of the scenario' },
    html: { type: 'string', takes: 'FILE', says: 'also writes a page with pictures, to look at and to pass on' },
    seed: { type: 'string', takes: 'TEXT', says: 'the same seed, the same result; 1 when absent' },
    population: { type: 'string', takes: 'live', says: 'with the people of an environment, from this moment on' },
    journey: {
      type: 'string',
      takes: 'ID',
      says: 'which one, with --population live; else the only one of the folder',
    },
    sample: { type: 'string', takes: 'N', says: 'at most so many people, with --population live; 1000 when absent' },
  },
  words: [0, 1],
  async run(call) {
    const { options, world, words } = call;
    const days = wholeNumber('days', options.days, 1, 3_660);
    const read = words[0] === undefined ? undefined : await readScenario(resolve(world.cwd, words[0]));
    const given = { ...(days !== undefined && { days }), ...(options.seed !== undefined && { seed: options.seed }) };
    if (options.population !== undefined) {
      if (options.population !== 'live') throw new UsageError('--population is live, or absent');
      return simulateLive(call, { ...read?.scenario, ...given });
    }
    if (options.journey !== undefined || options.sample !== undefined)
      throw new UsageError('--journey and --sample go with --population live');
    if (read === undefined) throw new UsageError('simulate needs a SCENARIO', 'godwit simulate --help');
    const { folder } = findProject(call);
    const { written, documents } = await readSound(folder, world);
    const journeys = documents.flatMap(({ kind, document }) => (kind === 'journey' ? [document as Journey] : []));
    const { scenario, locate, file } = read;
    const input = { ...scenario, ...groupDocuments(written), ...given };
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

async function simulateLive(
  call: Call<Options>,
  { days = 30, seed, population, histories, behaviour }: Readonly<Record<string, unknown>>,
): Promise<Outcome> {
  const { world } = call;
  const { html, journey: named, sample: most } = call.options as Readonly<Record<string, string | undefined>>;
  if (histories !== undefined) throw new UsageError('histories are of other people than those who are there now');
  const sample = wholeNumber('sample', most, 1, 10_000);
  const { project, environment, api } = connectProject(call);
  const journey = named ?? (await onlyJourney(project.folder, world));
  const events = (population as { readonly events?: unknown } | undefined)?.events;
  const request = {
    days,
    ...(sample !== undefined && { sample }),
    ...(seed !== undefined && { seed }),
    ...(events !== undefined && { population: { events } }),
    ...(behaviour !== undefined && { behaviour }),
  };
  const { result, journeys } = await simulateRemotely(api, journey, request, world.terminal);
  const text = [
    `${journey} with people of ${environment.name}`,
    ...simulationText(result, journeys),
    ...cautions(result),
  ];
  if (html !== undefined) {
    const of = `A sample of the customers of ${environment.name}, as they were when it began`;
    text.push(writePage(html, simulationPage(result, journeys, { of, notes: cautions(result) }), world.cwd));
  }
  return { exit: 0, text, json: result };
}

async function onlyJourney(folder: string, world: World): Promise<string> {
  const { documents } = await readSound(folder, world);
  const ids = documents.flatMap(({ kind, id }) => (kind === 'journey' ? [id] : []));
  if (ids.length === 1) return ids[0]!;
  throw new UsageError(`which journey? the folder has ${ids.join(', ') || 'none'}`, 'add --journey ID');
}

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
