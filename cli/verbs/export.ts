import { createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs';
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
  help: `A job of the environment writes files, which are fetched into FOLDER; it keeps them for a week. A file that lies in FOLDER
already under its name is not fetched again. Lines are as they were when the job came by.`,
  options: { segment: { type: 'string', takes: 'ID', says: 'only its members' } },
  words: [2, 2],
  async run(call) {
    const [kind, word] = call.words as [string, string];
    if (!kinds.includes(kind)) throw new UsageError(`export takes ${kinds.join(' or ')}, not ${JSON.stringify(kind)}`);
    const { api, environment } = connectProject(call);
    const { segment } = call.options;
    const started = await api.post<RemoteJob>('/v1/exports', { kind, ...(segment !== undefined && { segment }) });
    const job = await followJob(api, started.id, ({ progress }) =>
      call.world.terminal.note(`${progress['scanned'] ?? 0} profiles seen`),
    );
    if (job.state !== 'done') {
      throw new RemoteProblem(`export ${job.id}`, `the job is ${job.state}`, { code: job.error ?? `job.${job.state}` });
    }
    const folder = resolve(call.world.cwd, word);
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

async function download({ name, url }: RemoteFile, path: string): Promise<void> {
  if (existsSync(path)) return;
  const response = await fetch(url, { redirect: 'error' });
  if (!response.ok || response.body === null) {
    const problem = { status: response.status, code: 'export.download' };
    throw new RemoteProblem(`GET ${new URL(url).origin}`, `${name} could not be fetched`, problem);
  }
  await pipeline(Readable.fromWeb(response.body as never), createWriteStream(`${path}.part`, { mode: 0o600 }));
  renameSync(`${path}.part`, path);
}
