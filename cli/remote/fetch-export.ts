import { createWriteStream, existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UsageError } from '../verb.ts';
import { type ApiClient, RemoteProblem } from './api-client.ts';
import { followJob, type RemoteJob } from './follow-job.ts';

interface RemoteFile {
  readonly name: string;
  readonly lines: number;
  readonly url: string;
}

/** Waits for the job and fetches what it has written; each file keeps its name. */
export async function fetchExport(
  api: ApiClient,
  id: string,
  folder: string,
  show: (job: RemoteJob) => void,
): Promise<{ lines: number; files: number }> {
  const job = await followJob(api, id, show);
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
  return { lines, files };
}

/** What lies there already would be taken for a part of this export. */
export function requireEmpty(folder: string, word: string): void {
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
