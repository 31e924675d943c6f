/** Every journey of the library can be published as it is, keeps the rules beside it, and does what the table says. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkDocuments } from '../cli/documents/check-documents.ts';
import { groupDocuments } from '../cli/documents/group-documents.ts';
import { readFolder } from '../cli/folder/read-folder.ts';
import { simulate, verify } from '../shared/simulation/index.ts';

const library = import.meta.dirname;
const table = readFileSync(join(library, 'README.md'), 'utf8');
const trades = readdirSync(library).filter((name) => existsSync(join(library, name, 'journeys')));

describe.each(trades)('%s', async (trade) => {
  const folder = join(library, trade);
  const written = await readFolder(folder);
  const documents = groupDocuments(written);
  const ids = documents.journeys.map((journey) => (journey as { readonly id: string }).id);

  it('has nothing that lint would say', async () => {
    expect((await checkDocuments(written)).findings).toEqual([]);
  });

  it.each(ids)('%s: the table tells what the simulation gives', (id) => {
    const scenario = parse(readFileSync(join(folder, 'simulations', `${id}.yaml`), 'utf8'));
    const { journeys } = simulate({ ...documents, ...scenario, traces: 0 });
    const { entered, goals, stillInside } = journeys[id]!;
    const row = table.split('\n').find((line) => line.includes(`(${trade}/journeys/${id}.yaml)`));
    expect(row).toContain(`${entered} entered, ${goals} reached the goal, ${stillInside} still inside`);
    expect(goals).toBeGreaterThan(0);
  });

  it('keeps its rules', async () => {
    const { default: rules } = await import(join(folder, 'simulations/rules.ts'));
    const verdict = verify(documents, rules, { tries: 150 });
    expect(verdict.holds ? [] : verdict.counterExample.story).toEqual([]);
  });
});
