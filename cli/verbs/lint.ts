import { join, relative, resolve } from 'node:path';
import { chooseEnvironment, connect, findProject } from '../config/project.ts';
import { hasErrors, type LocalDocument, type PlacedFinding, placed } from '../documents/check-documents.ts';
import { filesOf, readAndCheck, summaryOf } from '../documents/local-documents.ts';
import { sourceForm } from '../documents/source-form.ts';
import { printFindings } from '../print-findings.ts';
import type { ApiClient } from '../remote/api-client.ts';
import { pathOf } from '../remote/remote-documents.ts';
import { UsageError, verb } from '../verb.ts';

export const lint = verb({
  name: 'lint',
  takes: '[FILE …]',
  summary: 'says what is wrong with the documents, without an environment',
  help: `Forms, templates, and each journey among the documents of the folder. With files, only what is wrong in these.
With --env, journeys are also checked against what is live there: senders, pinned versions, documents that are only there.
Exit code 1: there is an error. Warnings alone are 0.`,
  options: {},
  words: [0, Number.POSITIVE_INFINITY],
  async run(call) {
    const { options, words, world } = call;
    const project = findProject(call);
    const { written, documents, findings } = await readAndCheck(project.folder);
    const all = [...findings];
    const asked = documents.filter(({ kind }) => kind === 'journey');
    // A journey that is wrong in itself is refused there for the same reasons.
    const broken = new Set(findings.filter(({ severity }) => severity === 'error').map(({ file }) => file));
    if (options.env !== undefined) {
      const api = connect(call, chooseEnvironment(call, project));
      for (const journey of asked) if (!broken.has(journey.written.file)) all.push(...(await lintThere(api, journey)));
    }
    const known = new Set(written.flatMap(filesOf));
    const wanted = words.map((word) => relative(project.folder, resolve(world.cwd, word)));
    const unknown = wanted.find((file) => !known.has(file));
    if (unknown !== undefined) {
      throw new UsageError(
        `${unknown} is no document of ${project.folder}`,
        `documents are ${join('journeys', '*.yaml')} and the like`,
      );
    }
    const shown = unique(all).filter(({ file }) => wanted.length === 0 || wanted.includes(file));
    const count = wanted.length || written.length;
    return {
      exit: hasErrors(shown) ? 1 : 0,
      text: [...printFindings(shown, world.terminal.paint), `${count} documents: ${summaryOf(shown)}`],
      json: { documents: count, findings: shown },
    };
  },
});

async function lintThere(api: ApiClient, { kind, id, document, written }: LocalDocument): Promise<PlacedFinding[]> {
  const path = `${pathOf(kind, id)}/lint`;
  const { findings } = await api.post<{ findings: PlacedFinding[] }>(path, sourceForm(kind, document));
  return findings.map((finding) => placed(written, finding));
}

function unique(findings: readonly PlacedFinding[]): PlacedFinding[] {
  return [...new Map(findings.map((one) => [`${one.file} ${one.pointer} ${one.code} ${one.detail}`, one])).values()];
}
