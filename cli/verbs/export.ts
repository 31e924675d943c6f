import { resolve } from 'node:path';
import { connectProject } from '../config/project.ts';
import { fetchExport, requireEmpty } from '../remote/fetch-export.ts';
import type { RemoteJob } from '../remote/follow-job.ts';
import { UsageError, verb } from '../verb.ts';

const kinds = ['profiles', 'memberships'];

export const exportFiles = verb({
  name: 'export',
  takes: `${kinds.join('|')} FOLDER [--segment ID]`,
  summary: 'downloads all profiles, or who belongs to which segment, as packed NDJSON',
  help: `A job of the environment writes files, which are fetched into FOLDER; it keeps them for a week. FOLDER is made, or is empty:
files of two exports have the same names. Lines are as they were when the job came by.`,
  options: { segment: { type: 'string', takes: 'ID', says: 'only its members' } },
  words: [2, 2],
  async run(call) {
    const [kind, word] = call.words as [string, string];
    if (!kinds.includes(kind)) throw new UsageError(`export takes ${kinds.join(' or ')}, not ${JSON.stringify(kind)}`);
    const folder = resolve(call.world.cwd, word);
    requireEmpty(folder, word);
    const { api, environment } = connectProject(call);
    const { segment } = call.options;
    const started = await api.post<RemoteJob>('/v1/exports', { kind, ...(segment !== undefined && { segment }) });
    const { lines, files } = await fetchExport(api, started.id, folder, ({ progress }) =>
      call.world.terminal.note(`${progress['scanned'] ?? 0} profiles seen`),
    );
    return {
      exit: 0,
      text: [`${lines} lines in ${files} files: ${word}`],
      json: { id: started.id, environment: environment.name, folder, files, lines },
    };
  },
});
