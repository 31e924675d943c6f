import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { connectProject } from '../config/project.ts';
import { diffDocuments } from '../documents/diff-documents.ts';
import { readComparable } from '../documents/local-documents.ts';
import { printChanges } from '../documents/print-changes.ts';
import { sourceForm } from '../documents/source-form.ts';
import { type FileToWrite, filesOf, writeFiles } from '../documents/write-documents.ts';
import { listDocuments, nameOf, readRemote } from '../remote/remote-documents.ts';
import { mustConfirm, verb } from '../verb.ts';

export const pull = verb({
  name: 'pull',
  takes: '',
  summary: 'brings the documents of an environment into the folder',
  help: `Files whose document is the same are left as they are, with their comments. A file that differs is written anew, so it
shows which and asks. Of a journey the draft is taken, when there is one. Documents that are only here stay.`,
  options: {},
  words: [0, 0],
  async run(call) {
    const { paint } = call.world.terminal;
    const { project, environment, api } = connectProject(call);
    const { documents } = await readComparable(project.folder);
    const files: (FileToWrite & { readonly of: string })[] = [];
    const shown: string[] = [];
    const byHand: string[] = [];
    for (const head of await listDocuments(api)) {
      const local = documents.find(({ kind, id }) => kind === head.kind && id === head.id);
      // The policy that holds before anybody saved one is nobody's document.
      if (local?.etag === head.etag || head.etag === 'default') continue;
      const source = sourceForm(head.kind, (await readRemote(api, head)).document);
      const changes = local === undefined ? undefined : diffDocuments(sourceForm(local.kind, local.document), source);
      if (changes?.length === 0) continue;
      const found = filesOf(head.kind, head.id, source, local);
      const differs = changes === undefined ? [] : printChanges(changes, paint).map((line) => `    ${line}`);
      if (found === undefined) {
        byHand.push(`${local!.written.file} is TypeScript: change it by hand`, ...differs);
        continue;
      }
      shown.push(
        `${changes === undefined ? paint.green('new    ') : paint.yellow('changed')} ${nameOf(head)}`,
        ...differs,
      );
      files.push(...found.map((file) => ({ ...file, of: nameOf(head) })));
    }
    const overwritten = files.filter(({ file }) => existsSync(join(project.folder, file)));
    if (overwritten.length > 0) {
      await mustConfirm(call, shown, `Write ${overwritten.length} files of ${project.folder} anew?`);
    }
    writeFiles(project.folder, files);
    const summary =
      files.length === 0
        ? `nothing to do: the folder has what ${environment.name} has`
        : `${files.length} files written`;
    return {
      exit: byHand.length === 0 ? 0 : 1,
      text: [
        ...(overwritten.length > 0 && call.options.yes !== true ? [] : shown),
        ...byHand,
        ...(byHand.length > 0 && files.length === 0 ? [] : [summary]),
      ],
      json: { written: files.map(({ file, of }) => ({ file, of })), byHand: byHand.length > 0 ? byHand : [] },
    };
  },
});
