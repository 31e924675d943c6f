import { createWriteStream, existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { connectProject } from '../config/project.ts';
import { RemoteProblem } from '../remote/api-client.ts';
import { followJob, type RemoteJob } from '../remote/follow-job.ts';
import { UsageError, verb } from '../verb.ts';

const kinds = ['profiles', 'memberships'];

interface RemoteFile {
  readonly name: string;
  readonly lines: number;
  readonly url: string;
}

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
    const job = await followJob(api, started.id, ({ progress }) =>
      call.world.terminal.note(`${progress['scanned'] ?? 0} profiles seen`),
    );
    if (job.state !== 'done') {
      throw new RemoteProblem(`export ${job.id}`, `the job is ${job.state}`, { code: job.error ?? `job.${job.state}` });
    }
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    let lines = 0;
    let files = 0;
    // The addresses of a page are good for a quarter of an hour.
    for await (const page of api.pages<RemoteFile>(`/v1/exports/${job.id}/files`, { limit: '50' })) {
      for (const file of page) {
        await download(file, join(folder, file.name));
        lines += file.lines;
        files += 1;
      }
    }
    return {
      exit: 0,
      text: [`${lines} lines in ${files} files: ${word}`],
      json: { id: job.id, environment: environment.name, folder, files, lines },
    };
  },
});

/** What lies there already would be taken for a part of this export. */
function requireEmpty(folder: string, word: string): void {
  if (!existsSync(folder)) return;
  if (!statSync(folder).isDirectory()) throw new UsageError(`${word} is a file`, 'export takes a folder');
  const [first] = readdirSync(folder);
  if (first === undefined) return;
  throw new UsageError(`${word} is not empty: ${first}`, 'an export takes a folder of its own: name another one');
}

async function download({ name, url }: RemoteFile, path: string): Promise<void> {
  const response = await fetch(url, { redirect: 'error' });
  if (!response.ok || response.body === null) {
    const problem = { status: response.status, code: 'export.download' };
    throw new RemoteProblem(`GET ${new URL(url).origin}`, `${name} could not be fetched`, problem);
  }
  await pipeline(Readable.fromWeb(response.body as never), createWriteStream(`${path}.part`, { mode: 0o600 }));
  renameSync(`${path}.part`, path);
}
